"""POST /check: what is wrong with a program, without running it."""

from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep, ServiceDep
from api.routes import examples
from api.routes.documentation import body_of, describe
from api.routes.parameters import Dialect
from api.routes.sending import check_headers, received
from api.schemas.answers import CheckBody
from api.schemas.reading import read_submission
from api.schemas.submission import SubmissionBody
from api.schemas.writing import check_text
from sandbox.weight import in_its_place

router = APIRouter(tags=["authoring"])


@router.post(
    "/check",
    summary="Check a program",
    openapi_extra={"requestBody": body_of(SubmissionBody, examples.CHECKS)},
    responses=describe(CheckBody, "What is known of the program", 406, 429),
)
async def check(request: Request, service: ServiceDep, caller: CallerDep, dialect: Dialect = "flyte") -> Response:
    """Report what is wrong with a program, without running it: syntax, policy, names, calls and types, all at once.

    The body is that of `POST /orchestrate`. Inputs that `input_types` names need no value.
    """
    check_headers(request)
    async with received(request) as body:
        submission = await in_its_place(len(body), lambda: read_submission(body))
        known = await service.check(submission, caller, standard=dialect == "standard")
    return Response(check_text(known), media_type="application/json")
