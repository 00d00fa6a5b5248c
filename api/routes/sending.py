"""What requests that carry a body, or get a run, have in common."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from fastapi import Request, Response

from api.problems import RequestRefused
from api.routes.bodies import BodyBudget, read_body
from api.routes.events import NDJSON, SSE
from api.schemas.writing import json_text, run_text
from sandbox.weight import in_its_place
from service.errors import Fault, SubmissionRejected
from service.runs.record import Run
from service.runs.submit import Once
from service.settings import Settings

_T = TypeVar("_T")
_MAX_KEY_CHARACTERS = 255


async def read_json(request: Request, read: Callable[[bytes], _T]) -> _T:
    """Return what `read` makes of the body.

    Raises:
        RequestRefused, BodiesTooLarge, SubmissionRejected: it cannot be read.
    """
    check_media_type(request)
    async with received(request) as body:
        return await in_its_place(len(body), lambda: read(body))


@contextlib.asynccontextmanager
async def received(request: Request) -> AsyncIterator[bytes]:
    """Give the body, which takes its part of the memory for bodies until the block is left.

    Raises:
        RequestRefused, BodiesTooLarge: it is too large, too slow, or too much beside the others.
    """
    settings: Settings = request.app.state.settings
    budget: BodyBudget = request.app.state.body_budget
    with budget.open(request.state.caller.tenant) as reading:
        yield await read_body(request, settings, reading)


def check_headers(request: Request, *, streams: bool = False) -> None:
    """Refuse what the headers ask for and the answer cannot be.

    Args:
        streams: whether it may be a stream of events.

    Raises:
        RequestRefused: the body is said to be no JSON, or the answer is wanted in another form.
    """
    check_media_type(request)
    accepted = request.headers.get("accept", "*/*")
    if "*" in accepted or "json" in (accepted if streams else accepted.replace(NDJSON, "")):
        return
    if not streams:
        raise RequestRefused("not-acceptable", "the answer is application/json")
    if SSE not in accepted:
        raise RequestRefused("not-acceptable", f"the answer is application/json, {SSE} or {NDJSON}")


def check_media_type(request: Request) -> None:
    """Refuse a body that does not say that it is JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise RequestRefused("unsupported-media-type", "send the body with `Content-Type: application/json`")


def bigint_as_text(request: Request) -> bool:
    """Say whether integers that JavaScript would round are to be quoted."""
    if not request.scope["query_string"]:
        return False
    asked = request.query_params.get("bigint")
    if asked not in (None, "string", "number"):
        raise SubmissionRejected([Fault(pointer="?bigint", message='must be "string" or "number"')])
    return asked == "string"


def once_of(request: Request, body: bytes) -> Once | None:
    """Return the idempotency key of a request, with the digest of what it asks for and of whom.

    Raises:
        SubmissionRejected: the key cannot be one.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= _MAX_KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        message = f"must have 1 to {_MAX_KEY_CHARACTERS} printable ASCII characters"
        raise SubmissionRejected([Fault(pointer="", subject="the header Idempotency-Key", message=message)])
    # Of two templates, or a template and a program, the same body asks for two things.
    asked = "" if request.url.path == "/orchestrate" else f"{request.url.path}\n"
    return Once.of(key, asked.encode() + body)


async def answer(run: Run, *, quoted: bool) -> Response:
    """Return a run: 200 when it has ended or waits, 202 with its address while it goes on."""
    text = await in_its_place(run.weight, lambda: run_text(run, bigint_as_text=quoted))
    if run.status in ("queued", "running"):
        headers = {"Location": f"/runs/{run.id}"}
        return Response(text, status_code=202, media_type="application/json", headers=headers)
    return Response(text, media_type="application/json")


def json_answer(tree: Any) -> Response:
    """Return JSON."""
    return Response(json_text(tree), media_type="application/json")
