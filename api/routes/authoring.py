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
    summary="The text to give a model that is to write a program",
    responses=describe_text("text/plain", "Language rules, functions and limits, in Markdown", 422, 503),
)
async def read_prompt(
    service: ServiceDep,
    caller: CallerDep,
    functions: FunctionNames = None,
    engine: EngineName = None,
    image: ImageName = None,
) -> Response:
    """Return the language rules, the functions (`functions=a,b`; default all) as stubs, and the limits."""
    return PlainTextResponse(service.whitelist(caller).prompt(names_of(functions), engine=engine, image=image))


@explanations.get(
    "/problems/{code}",
    summary="What a problem means and what to do about it",
    responses=describe_text("text/plain", "The explanation", 404),
)
async def read_problem(code: ProblemCode) -> Response:
    """Return the explanation of a problem's code."""
    known = PROBLEMS.get(code)
    if known is None:
        raise RequestRefused("not-found", f"no problem has this code; codes: {', '.join(PROBLEMS)}")
    return PlainTextResponse(f"{known.title}\n\ncode: {code}\nstatus: {known.status}\n\n{known.explanation}\n")
