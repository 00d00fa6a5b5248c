"""Building blocks of the OpenAPI document: bodies and answers that refer to the shapes of `api.schemas`."""

from typing import Any

from api.problems import MEDIA_TYPE, PROBLEMS
from api.schemas.answers import ProblemBody, RunBody
from api.schemas.components import Shape, reference

Responses = dict[int | str, dict[str, Any]]


def body_of(shape: Shape, examples: dict[str, Any]) -> dict[str, Any]:
    """Return a request body."""
    content = {"schema": reference(shape), "examples": examples}
    return {"required": True, "content": {"application/json": content}}


def describe(shape: Shape, description: str, *problems: int) -> Responses:
    """Return the answers of a route: JSON of a shape, and the statuses of its problems."""
    answer = {"description": description, "content": {"application/json": {"schema": reference(shape)}}}
    return {200: answer, **describe_problems(*problems)}


def describe_run(description: str, *problems: int) -> Responses:
    """Return the answers of a route that gives a run, which may go on for longer than the request."""
    described = describe(RunBody, description, *problems)
    later = {
        "description": "The run goes on; read it again at its address",
        "content": described[200]["content"],
        "headers": {"Location": {"description": "path of the run", "schema": {"type": "string"}}},
    }
    return {**described, 202: later}


def describe_text(media_type: str, description: str, *problems: int) -> Responses:
    """Return the answers of a route that gives text."""
    answer = {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}
    return {200: answer, **describe_problems(*problems)}


def describe_nothing(status: int, description: str, *problems: int) -> Responses:
    """Return the answers of a route that gives no body."""
    return {status: {"description": description}, **describe_problems(*problems)}


def describe_tools(description: str) -> Responses:
    """Return the answers of a route that gives definitions of tools, whose shape is the provider's."""
    schema = {"type": "array", "items": {"type": "object"}}
    return {
        200: {"description": description, "content": {"application/json": {"schema": schema}}},
        **describe_problems(401, 403, 422),
    }


def describe_problems(*statuses: int) -> Responses:
    """Return the answers of a route that refuses."""
    content = {MEDIA_TYPE: {"schema": reference(ProblemBody)}}
    return {
        status: {
            "description": "; ".join(one.title for one in PROBLEMS.values() if one.status == status),
            "content": content,
        }
        for status in statuses
    }
