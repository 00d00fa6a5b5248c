"""Runs after their submission: read, listed, answered, cancelled, patched, forked, deleted."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep, ServiceDep, for_scopes
from api.routes import examples
from api.routes.documentation import body_of, describe, describe_nothing, describe_run, describe_text
from api.routes.parameters import (
    BIGINT,
    Cursor,
    DryRun,
    OfFunction,
    OfStatus,
    OfTemplate,
    PageLimit,
    RunId,
    WaitSeconds,
)
from api.routes.sending import answer, bigint_as_text, json_answer, read_json
from api.schemas.answering import read_answers, read_correction, read_fork
from api.schemas.answers import CallsBody, PatchPreviewBody, RunsBody
from api.schemas.conversation import ForkBody, PatchBody, ResumeBody
from api.schemas.writing import call_tree, moment, preview_tree
from sandbox.report_page import CONTENT_SECURITY_POLICY
from service.rights import APPROVE, RUN
from service.runs.record import RunCall
from service.store.rows import RunFilter, RunHead, from_microseconds

router = APIRouter(tags=["runs"])
# What a program said stands in the page: whatever got past the escaping meets a browser that runs nothing.
_OF_REPORTS = {
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; sandbox allow-popups allow-popups-to-escape-sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


@router.get(
    "/runs",
    summary="List runs",
    openapi_extra=for_scopes(RUN, APPROVE),
    responses=describe(RunsBody, "A page of runs", 422),
)
async def list_runs(
    service: ServiceDep,
    caller: CallerDep,
    status: OfStatus = None,
    template: OfTemplate = None,
    function: OfFunction = None,
    limit: PageLimit = 20,
    cursor: Cursor = None,
) -> Response:
    """Return the stored runs, the newest first. Stored are runs that are durable, were suspended, outlasted their
    request, failed after a call, or came with an `Idempotency-Key`. `next_cursor` is the `cursor` of the next page.
    """
    where = RunFilter(status=status, template=template, function=function)
    page = await service.runs(caller).page(where, limit=limit, cursor=cursor)
    return json_answer({"data": [_head(one) for one in page.runs], "next_cursor": page.next_cursor})


@router.get(
    "/runs/{run_id}",
    summary="Read a run",
    openapi_extra={"parameters": [BIGINT], **for_scopes(RUN, APPROVE)},
    responses=describe_run("The run has ended or is suspended", 422),
)
async def read_run(
    run_id: RunId, request: Request, service: ServiceDep, caller: CallerDep, wait_seconds: WaitSeconds = 0.0
) -> Response:
    """Return a run; with `wait_seconds`, as soon as it has ended or is suspended, at the latest after that time."""
    quoted = bigint_as_text(request)
    return await answer(await service.runs(caller).read(run_id, wait_seconds=wait_seconds), quoted=quoted)


@router.get(
    "/runs/{run_id}/calls",
    summary="List all calls of a run",
    openapi_extra=for_scopes(RUN, APPROVE),
    responses=describe(CallsBody, "The calls"),
)
async def read_calls(run_id: RunId, service: ServiceDep, caller: CallerDep) -> Response:
    """Return the calls in the program's order."""
    return await service.runs(caller).calls(run_id, _calls)


@router.get(
    "/runs/{run_id}/journal",
    summary="Read the journal of a run",
    openapi_extra=for_scopes(RUN, APPROVE),
    responses=describe_text("application/x-ndjson", "Lines of JSON: a header, then calls and outcomes, turn by turn"),
)
async def read_journal(run_id: RunId, service: ServiceDep, caller: CallerDep) -> Response:
    """Return the journal of a stored run: everything that a replay needs."""
    return Response(await service.runs(caller).journal(run_id), media_type="application/x-ndjson")


@router.delete(
    "/runs/{run_id}",
    summary="Delete a run",
    status_code=204,
    responses=describe_nothing(204, "The run was deleted", 409),
)
async def forget_run(run_id: RunId, service: ServiceDep, caller: CallerDep) -> Response:
    """Delete a run that has ended, with its journal."""
    await service.runs(caller).forget(run_id)
    return Response(status_code=204)


@router.post(
    "/runs/{run_id}/resume",
    summary="Answer the pending calls of a run",
    openapi_extra={
        "requestBody": body_of(ResumeBody, examples.RESUMES),
        "parameters": [BIGINT],
        **for_scopes(RUN, APPROVE),
    },
    responses=describe_run("The run has ended or is suspended again", 409, 410, 429),
)
async def resume_run(run_id: RunId, request: Request, service: ServiceDep, caller: CallerDep) -> Response:
    """Answer all or some pending calls, and continue the run. Repeating an answer is harmless; a different answer to a
    settled call is 409, an answer after `expires_at` is 410.

    Outputs and errors need a key with the scope `run`, decisions about approvals one with the scope `approve`.
    """
    quoted = bigint_as_text(request)
    answers, wait_seconds = await read_json(request, read_answers)
    run = await service.runs(caller).resume(run_id, answers, wait_seconds=wait_seconds)
    return await answer(run, quoted=quoted)


@router.post(
    "/runs/{run_id}/cancel",
    summary="Cancel a run",
    openapi_extra={"parameters": [BIGINT]},
    responses=describe_run("The run, cancelled", 409, 422),
)
async def cancel_run(run_id: RunId, request: Request, service: ServiceDep, caller: CallerDep) -> Response:
    """Cancel a run. A running program is stopped within 100 ms; a finished run is 409."""
    return await answer(await service.runs(caller).cancel(run_id), quoted=bigint_as_text(request))


@router.post(
    "/runs/{run_id}/patch",
    summary="Continue a run with corrected source",
    openapi_extra={"requestBody": body_of(PatchBody, examples.PATCHES), "parameters": [BIGINT]},
    responses=describe_run(
        "The new run; `patch` says which calls were reused. With `dry_run`, only that report",
        409,
        429,
        instead=PatchPreviewBody,
    ),
)
async def patch_run(
    run_id: RunId,
    request: Request,
    service: ServiceDep,
    caller: CallerDep,
    dry_run: DryRun = False,  # noqa: FBT002 - a parameter of the query
) -> Response:
    """Run corrected source as a new run that takes over the journal: calls that were answered are not made again.

    A run that is suspended ends as `cancelled`. `dry_run=true` reports what would be reused, and calls nothing.
    """
    quoted = bigint_as_text(request)
    correction = await read_json(request, read_correction)
    if dry_run:
        return json_answer(preview_tree(await service.runs(caller).preview(run_id, correction)))
    return await answer(await service.runs(caller).patch(run_id, correction), quoted=quoted)


@router.post(
    "/runs/{run_id}/fork",
    summary="Run again with one answer changed",
    openapi_extra={"requestBody": body_of(ForkBody, examples.FORKS), "parameters": [BIGINT]},
    responses=describe_run("The new run", 409, 429),
)
async def fork_run(run_id: RunId, request: Request, service: ServiceDep, caller: CallerDep) -> Response:
    """Run the same program as a new run that takes over the journal, with another output for one call."""
    quoted = bigint_as_text(request)
    asked = await read_json(request, read_fork)
    run = await service.runs(caller).fork(run_id, asked.at_call, asked.output, wait_seconds=asked.wait_seconds)
    return await answer(run, quoted=quoted)


@router.get(
    "/runs/{run_id}/report",
    summary="Read the report of a run",
    openapi_extra=for_scopes(RUN, APPROVE),
    responses=describe_text("text/html", "Source, calls on a time line, output and usage"),
)
async def read_report(run_id: RunId, service: ServiceDep, caller: CallerDep) -> Response:
    """Return the HTML page of a run that was submitted with `report`. It has no scripts and loads nothing."""
    return Response(await service.runs(caller).report(run_id), media_type="text/html", headers=_OF_REPORTS)


def _calls(calls: Sequence[RunCall]) -> Response:
    return json_answer({"data": [call_tree(one) for one in calls]})


def _head(head: RunHead) -> dict[str, Any]:
    return {
        "id": head.id,
        "status": head.status,
        "template": {"name": head.template_name, "version": head.template_version},
        "engine": head.engine,
        "engine_version": head.engine_version,
        "seed": head.seed,
        "patched_from": head.parent_id,
        "created_at": _time(head.created_at),
        "started_at": _time(head.started_at),
        "finished_at": _time(head.finished_at),
        "expires_at": _time(head.expires_at),
    }


def _time(stamp: int | None) -> str | None:
    when = from_microseconds(stamp)
    return None if when is None else moment(when)
