"""POST /orchestrate: run a program; GET /runs/{id}: read a finished run again."""

from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep, ServiceDep
from api.problems import RequestRefused
from api.routes import examples
from api.routes.bodies import BodyBudget, read_body
from api.routes.documentation import body_of, describe, describe_text
from api.schemas.answers import RunBody
from api.schemas.reading import read_submission
from api.schemas.submission import SubmissionBody
from api.schemas.writing import run_text
from sandbox.report_page import CONTENT_SECURITY_POLICY
from sandbox.weight import in_its_place
from service.errors import Fault, SubmissionRejected
from service.runs.record import Run
from service.service import Service
from service.settings import Settings

router = APIRouter(tags=["runs"])
# What a program said stands in the page: whatever got past the escaping meets a browser that runs nothing.
_OF_REPORTS = {
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; sandbox allow-popups allow-popups-to-escape-sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


@router.post(
    "/orchestrate",
    summary="Run a program and return what became of it",
    openapi_extra={"requestBody": body_of(SubmissionBody, examples.SUBMISSIONS)},
    responses=describe(
        RunBody, "The run; `status` tells whether the program failed", 401, 403, 413, 415, 422, 429, 503
    ),
)
async def orchestrate(request: Request) -> Response:
    """Run Python source in a fresh isolate; a program that fails is a run, with status `failed`."""
    # Taken from the state, not as dependencies: resolving each costs every run 30 microseconds.
    service: Service = request.app.state.service
    settings: Settings = request.app.state.settings
    check_headers(request)
    quoted = bigint_as_text(request)
    budget: BodyBudget = request.app.state.body_budget
    with budget.open() as reading:
        body = await read_body(request, settings, reading)
        submission = await in_its_place(len(body), lambda: read_submission(body))
        run = await service.orchestrate(submission, request.state.caller)
    return await answer(run, quoted=quoted)


@router.get(
    "/runs/{run_id}",
    summary="Read a finished run again",
    responses=describe(RunBody, "The run", 401, 404),
)
async def read_run(run_id: str, request: Request, service: ServiceDep, caller: CallerDep) -> Response:
    """Return a run that finished a short while ago."""
    return await answer(service.run(run_id, caller), quoted=bigint_as_text(request))


@router.get(
    "/runs/{run_id}/report",
    summary="The report of a run, a page for people",
    responses=describe_text("text/html", "Source, calls on a time line, output and usage", 401, 404),
)
async def read_report(run_id: str, service: ServiceDep, caller: CallerDep) -> Response:
    """Return the page that was made for a submission with `report`; no scripts run in it and it loads nothing."""
    return Response(service.report(run_id, caller), media_type="text/html", headers=_OF_REPORTS)


def check_headers(request: Request) -> None:
    """Refuse what the headers ask for and the answer cannot be."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise RequestRefused("unsupported-media-type", "send the body with `Content-Type: application/json`")
    if "idempotency-key" in request.headers:
        message = "the header Idempotency-Key cannot be honoured yet; leave it out"
        raise SubmissionRejected([Fault(pointer="", message=message)])
    accepted = request.headers.get("accept", "*/*")
    if "json" not in accepted and "*" not in accepted:
        raise RequestRefused("not-acceptable", "the answer is application/json; runs are not streamed yet")


def bigint_as_text(request: Request) -> bool:
    """Say whether integers beyond 2^53 are asked for as text."""
    asked = request.query_params.get("bigint")
    if asked not in (None, "string", "number"):
        raise SubmissionRejected([Fault(pointer="?bigint", message='must be "string" or "number"')])
    return asked == "string"


async def answer(run: Run, *, quoted: bool) -> Response:
    """Return a run as an answer."""
    text = await in_its_place(run.weight, lambda: run_text(run, bigint_as_text=quoted))
    return Response(text, media_type="application/json")
