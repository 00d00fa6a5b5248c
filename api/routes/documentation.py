"""Building blocks of the OpenAPI document: bodies and answers that refer to the shapes of `api.schemas`."""

import re
from typing import Any

from api.problems import MEDIA_TYPE, PROBLEMS
from api.schemas.answers import EventLineBody, HealthBody, ProblemBody, RunBody, ServerEventBody
from api.schemas.components import Shape, reference

Responses = dict[int | str, dict[str, Any]]
# What any request may get that is known by its caller: an unknown key, a web page's, an odd address, a parameter of the
# query that the path does not have, no database.
GUARDED = (401, 403, 404, 422, 503)
# What any request with a body may get.
_WITH_BODY = (408, 413, 415, 422)
# Problems that only some operations have, as in "POST /orchestrate": code -> where. Any other one may come wherever its
# status does.
_PLACES = {
    "limit-beyond-ceiling": r"POST /(orchestrate|check)$|PUT /templates/|POST /templates/{name}/runs$|/(patch|fork)$",
    "policy-not-allowed": r"POST /(orchestrate|check)$|PUT /templates/|POST /templates/{name}/runs$|/(patch|fork)$",
    "function-not-allowed": r"POST /(orchestrate|check|runs)|GET /(functions|prompt)|/templates/",
    "function-not-found": r"GET /(functions|prompt)",
    "run-not-kept": r" /runs/{run_id}",
    "no-report": r"/report$",
    "call-not-pending": r"/resume$",
    "own-approval": r"/resume$",
    "journal-not-kept": r"/(patch|fork)$",
    "idempotency-key-reused": r"POST /(orchestrate$|templates/)",
    "template-not-found": r" /templates/{name}",
    "templates-full": r"PUT /templates/",
    "source-rejected": r"PUT /templates/|/patch$",
}
_RETRY = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}, "required": True}}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}, "required": True}},
    429: _RETRY,
    503: _RETRY,
}


def body_of(shape: Shape, examples: dict[str, Any]) -> dict[str, Any]:
    """Return a request body."""
    content = {"schema": reference(shape), "examples": examples}
    return {"required": True, "content": {"application/json": content}}


def describe(shape: Shape, description: str, *problems: int) -> Responses:
    """Return the answers of a route: JSON of a shape, and the statuses of its problems."""
    answer = {"description": description, "content": {"application/json": {"schema": reference(shape)}}}
    return {200: answer, **describe_problems(*problems)}


def describe_run(description: str, *problems: int, instead: Shape | None = None) -> Responses:
    """Return the answers of a route that gives a run, which may go on for longer than the request.

    Args:
        instead: what else the route may give, when it is asked to.
    """
    described = describe(RunBody, description, *problems)
    later = {
        "description": "The run goes on; `Location` is where to read it",
        "content": described[200]["content"],
        "headers": {"Location": {"description": "path of the run", "schema": {"type": "string"}, "required": True}},
    }
    if instead is not None:
        either = {"anyOf": [reference(RunBody), reference(instead)]}
        described[200] = {**described[200], "content": {"application/json": {"schema": either}}}
    return {**described, 202: later}


def describe_streams(described: Responses) -> Responses:
    """Return the answers of a route whose 200 is a stream of events, if it is asked for."""
    # OpenAPI 3.1 knows no schema for each part of a stream: by custom, that of the whole is of each.
    shapes: dict[str, Shape] = {"text/event-stream": ServerEventBody, "application/x-ndjson": EventLineBody}
    streams = {kind: {"schema": reference(shape)} for kind, shape in shapes.items()}
    answer = described[200]
    return {**described, 200: {**answer, "content": {**answer.get("content", {}), **streams}}}


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
        **describe_problems(422),
    }


def describe_health(good: str, bad: str) -> Responses:
    """Return the answers of a route that says how the service is."""
    described = describe(HealthBody, good)
    return {**described, 503: {**described[200], "description": bad, "headers": _RETRY}}


def describe_problems(*statuses: int) -> Responses:
    """Return the answers of a route that refuses."""
    content = {MEDIA_TYPE: {"schema": reference(ProblemBody)}}
    return {
        status: {
            "description": _problems_of(status),
            "content": content,
            **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
        }
        for status in statuses
    }


def complete(document: dict[str, Any]) -> None:
    """Add to a document what every request with a body may get; replace FastAPI's own 422, which no route gives.

    Of each problem it then says where it can come.
    """
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            if "HTTPValidationError" in str(answers.get("422", "")):
                answers.update({str(status): one for status, one in describe_problems(422).items()})
            if "requestBody" in operation:
                for status, one in describe_problems(*_WITH_BODY).items():
                    answers.setdefault(str(status), one)
            for status, one in answers.items():
                if MEDIA_TYPE in one.get("content", {}):
                    answers[status] = {**one, "description": _problems_of(int(status), f"{method.upper()} {path}")}
            operation["responses"] = dict(sorted(answers.items()))


def _problems_of(status: int, operation: str = "") -> str:
    told = [
        f"{one.title} (`{code}`)"
        for code, one in PROBLEMS.items()
        if one.status == status and (code not in _PLACES or re.search(_PLACES[code], operation))
    ]
    return "; ".join(told)
