"""For whoever writes programs: GET /prompt, and the explanations of problems."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from api.dependencies import CallerDep, ServiceDep
from api.problems import PROBLEMS, RequestRefused
from api.routes.documentation import describe_text
from api.routes.names import names_of
from api.routes.parameters import EngineName, FunctionNames, ImageName, ProblemCode

router = APIRouter(tags=["authoring"])
explanations = APIRouter(tags=["authoring"])


@router.get(
    "/prompt",
    summary="Read the prompt for a model",
    responses=describe_text("text/plain", "Language rules, functions and limits, in Markdown", 422, 503),
)
async def read_prompt(
    service: ServiceDep,
    caller: CallerDep,
    functions: FunctionNames = None,
    engine: EngineName = None,
    image: ImageName = None,
) -> Response:
    """Return a text for a model that writes a program: the language rules, the functions as stubs, and the limits."""
    return PlainTextResponse(service.whitelist(caller).prompt(names_of(functions), engine=engine, image=image))


@explanations.get(
    "/problems/{code}",
    summary="Explain a problem",
    responses=describe_text("text/plain", "The explanation", 404),
)
async def read_problem(code: ProblemCode) -> Response:
    """Return what a problem's code means, and what to do about it."""
    known = PROBLEMS.get(code)
    if known is None:
        raise RequestRefused("not-found", f"no problem has this code; codes: {', '.join(PROBLEMS)}")
    return PlainTextResponse(f"{known.title}\n\ncode: {code}\nstatus: {known.status}\n\n{known.explanation}\n")
