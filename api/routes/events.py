"""Watching a run: its events as server-sent events (the HTML standard's) or as lines of JSON, as they happen."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import StreamingResponse

from api.dependencies import CallerDep, ServiceDep, for_scopes
from api.problems import RequestRefused, problem_of
from api.routes.documentation import describe_problems, describe_streams
from api.routes.parameters import LAST_EVENT_ID, RunId
from api.schemas.writing import json_text, moment, run_tree
from sandbox.weight import in_its_place
from service.errors import Fault, RunNotKept, ServiceError, SubmissionRejected
from service.rights import APPROVE, RUN, Caller
from service.runs.events import AT_REST, RunEvent
from service.service import Service

SSE, NDJSON = "text/event-stream", "application/x-ndjson"
_MAX_DIGITS = 18
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
Write = Callable[[RunEvent, dict[str, Any]], bytes]
# Runs that are to be kept because their watcher left.
_leaving: set[asyncio.Task[None]] = set()

router = APIRouter(tags=["runs"])


@router.get(
    "/runs/{run_id}/events",
    summary="Stream the events of a run",
    responses=describe_streams(
        {200: {"description": "Events until the run has ended or is suspended"}, **describe_problems(406, 422)}
    ),
    openapi_extra={"parameters": [LAST_EVENT_ID], **for_scopes(RUN, APPROVE)},
)
async def read_events(run_id: RunId, request: Request, service: ServiceDep, caller: CallerDep) -> StreamingResponse:
    """Stream the events of a run from the first, or from the one after `Last-Event-ID`.

    `Accept: application/x-ndjson` gives each as a line `{"id", "event", "at", "data"}`.
    """
    if "*" not in request.headers.get("accept", "*/*") and asked_for(request) is None:
        raise RequestRefused("not-acceptable", f"the answer is {SSE} or {NDJSON}")
    after = _last_event_id(request)
    # Whether there is such a run is said before the stream begins.
    await service.runs(caller).read(run_id)
    return _streamed(service, caller, run_id, after=after, media_type=asked_for(request) or SSE)


def asked_for(request: Request) -> str | None:
    """Return the form of a stream that a request accepts, None when it asks for none."""
    accepted = request.headers.get("accept", "")
    return next((kind for kind in (SSE, NDJSON) if kind in accepted), None)


def stream_of_new(service: Service, caller: Caller, run_id: str, media_type: str) -> StreamingResponse:
    """Return the events of a run that was begun for this; it is kept when whoever watches leaves before its end."""
    return _streamed(service, caller, run_id, after=0, media_type=media_type, on_leaving=True)


def _last_event_id(request: Request) -> int:
    text = request.headers.get("last-event-id", "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS:
        raise SubmissionRejected(
            [Fault(pointer="", subject="the header Last-Event-ID", message="must be the number of an event")]
        )
    return int(text)


def _streamed(
    service: Service, caller: Caller, run_id: str, *, after: int, media_type: str, on_leaving: bool = False
) -> StreamingResponse:
    write, silence = (_sse, KEEPALIVE_COMMENT) if media_type == SSE else (_line, b"\n")
    pieces = _pieces(service, caller, run_id, after, write, silence)
    if on_leaving:
        pieces = _kept_on_leaving(pieces, service, caller, run_id)
    headers = {**_HEADERS, "Location": f"/runs/{run_id}"}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


async def _pieces(
    service: Service, caller: Caller, run_id: str, after: int, write: Write, silence: bytes
) -> AsyncIterator[bytes]:
    resting: RunEvent | None = None
    try:
        async for event in service.follow(run_id, caller, after=after):
            if resting is not None:
                # The run went on: how it is now is not how it was then.
                yield write(resting, _shown(run_id, resting))
                resting = None
            if event is None:
                yield silence
            elif event.name in AT_REST:
                resting = event
            else:
                yield write(event, _shown(run_id, event))
        if resting is not None:
            yield await _written_with_run(write, resting, run_id, service, caller)
    except ServiceError as error:
        # The stream has begun: what would have been the answer to the request is its last event.
        last = RunEvent(id=after + 1, name="run.failed", at=service.now())
        yield write(last, {"run_id": run_id, "problem": json.loads(bytes(problem_of(error).body))})


async def _kept_on_leaving(
    pieces: AsyncIterator[bytes], service: Service, caller: Caller, run_id: str
) -> AsyncIterator[bytes]:
    try:
        async for piece in pieces:
            yield piece
    finally:
        task = asyncio.create_task(service.leave(run_id, caller))
        _leaving.add(task)
        task.add_done_callback(_leaving.discard)


def _shown(run_id: str, event: RunEvent) -> dict[str, Any]:
    return {"run_id": run_id, **event.content}


async def _written_with_run(write: Write, event: RunEvent, run_id: str, service: Service, caller: Caller) -> bytes:
    try:
        run = await service.runs(caller).read(run_id)
    except RunNotKept:
        return write(event, {**_shown(run_id, event), "run": None})
    return await in_its_place(run.weight, lambda: write(event, {**_shown(run_id, event), "run": run_tree(run)}))


def _sse(event: RunEvent, shown: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json_text(shown).decode(), event=event.name, id=str(event.id))


def _line(event: RunEvent, shown: dict[str, Any]) -> bytes:
    return json_text({"id": event.id, "event": event.name, "at": moment(event.at), "data": shown}) + b"\n"
