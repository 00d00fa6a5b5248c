"""POST /orchestrate: run a program."""

from fastapi import APIRouter, Request, Response

from api.routes import examples
from api.routes.direct import DirectRoute
from api.routes.documentation import body_of, describe_run, describe_streams
from api.routes.events import asked_for, stream_of_new
from api.routes.parameters import BIGINT, IDEMPOTENCY_KEY
from api.routes.sending import answer, bigint_as_text, check_headers, once_of, received
from api.schemas.reading import read_submission
from api.schemas.submission import SubmissionBody
from sandbox.weight import in_its_place
from service.errors import Fault, SubmissionRejected
from service.runs.submission import Submission
from service.service import Service

router = APIRouter(tags=["runs"], route_class=DirectRoute)


@router.post(
    "/orchestrate",
    summary="Run a program",
    openapi_extra={
        "requestBody": body_of(SubmissionBody, examples.SUBMISSIONS),
        "parameters": [BIGINT, IDEMPOTENCY_KEY],
    },
    responses=describe_streams(
        describe_run(
            "The run has ended or is suspended; `status` tells whether the program failed",
            406,
            409,
            429,
        )
    ),
)
async def orchestrate(request: Request) -> Response:
    """Run a program in a fresh isolate and return the run. A program that fails is a 200 with status `failed`.

    The request waits up to `wait_seconds`; then the answer is 202, and the run goes on. With `Accept:
    text/event-stream` or `application/x-ndjson` it streams the run's events instead, as `GET /runs/{run_id}/events`
    does.
    """
    service: Service = request.app.state.service
    check_headers(request, streams=True)
    quoted = bigint_as_text(request)
    async with received(request) as body:
        submission = await in_its_place(len(body), lambda: read_submission(body))
        streamed = asked_for(request)
        if streamed is not None:
            return await _streamed(request, service, submission, streamed)
        run = await service.orchestrate(submission, request.state.caller, once=once_of(request, body))
    return await answer(run, quoted=quoted)


async def _streamed(request: Request, service: Service, submission: Submission, media_type: str) -> Response:
    if "idempotency-key" in request.headers:
        message = "has no place with a stream, which belongs to one request: leave it out, or follow the run's events"
        raise SubmissionRejected([Fault(pointer="", subject="the header Idempotency-Key", message=message)])
    run_id = await service.begin(submission, request.state.caller)
    return stream_of_new(service, request.state.caller, run_id, media_type)
