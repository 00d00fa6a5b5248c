"""Templates by name: PUT, GET and DELETE /templates/{name}, its versions, and runs of it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep, ServiceDep
from api.problems import RequestRefused
from api.routes import examples
from api.routes.documentation import body_of, describe, describe_nothing, describe_problems, describe_run
from api.routes.parameters import BIGINT, IDEMPOTENCY_KEY, TemplateName, Version
from api.routes.sending import answer, bigint_as_text, check_headers, json_answer, once_of, received
from api.schemas.reading import read_document, submission_of
from api.schemas.templates import KeptTemplateBody, TemplateBody, TemplateRunBody, TemplateVersionsBody
from api.schemas.writing import template_tree, version_tree
from sandbox.weight import in_its_place
from service.runs.submission import Submission
from service.templates.documents import run_document, template_document, wanted_version
from service.templates.kept import Template

router = APIRouter(tags=["templates"])


@router.put(
    "/templates/{name}",
    summary="Store a program under a name",
    openapi_extra={"requestBody": body_of(TemplateBody, examples.TEMPLATES)},
    responses=describe(KeptTemplateBody, "The version", 406, 429),
)
async def put_template(name: TemplateName, request: Request, service: ServiceDep, caller: CallerDep) -> Response:
    """Check, compile and store a program as the current version. Content that is stored already becomes current."""
    check_headers(request)
    async with received(request) as body:

        def read() -> tuple[dict[str, Any], Submission]:
            document = template_document(read_document(body), name=name)
            return document, submission_of(document, size_bytes=len(body))

        document, submission = await in_its_place(len(body), read)
        kept = await service.templates(caller).put(document, submission)
    return json_answer(template_tree(kept))


@router.get(
    "/templates",
    summary="List templates",
    responses=describe(TemplateVersionsBody, "Their current versions, by name"),
)
async def list_templates(service: ServiceDep, caller: CallerDep) -> Response:
    """Return the current versions of the tenant's templates."""
    return _versions(await service.templates(caller).all())


@router.get(
    "/templates/{name}",
    summary="Read a template",
    responses=describe(KeptTemplateBody, "The version", 422),
)
async def read_template(
    name: TemplateName, service: ServiceDep, caller: CallerDep, version: Version = None
) -> Response:
    """Return the current version, or the one of `?version=`."""
    return json_answer(template_tree(await service.templates(caller).find(name, version)))


@router.get(
    "/templates/{name}/versions",
    summary="List the versions of a template",
    responses=describe(TemplateVersionsBody, "The versions, the newest first"),
)
async def list_versions(name: TemplateName, service: ServiceDep, caller: CallerDep) -> Response:
    """Return all versions, the newest first."""
    return _versions(await service.templates(caller).versions(name))


@router.delete(
    "/templates/{name}",
    summary="Delete a template",
    status_code=204,
    responses=describe_nothing(204, "The template was deleted; its runs go on"),
)
async def delete_template(name: TemplateName, service: ServiceDep, caller: CallerDep) -> Response:
    """Delete a template with all its versions."""
    await service.templates(caller).delete(name)
    return Response(status_code=204)


@router.post(
    "/templates/{name}/runs",
    summary="Run a template",
    openapi_extra={
        "requestBody": body_of(TemplateRunBody, examples.TEMPLATE_RUNS),
        "parameters": [BIGINT, IDEMPOTENCY_KEY],
    },
    responses=describe_run("The run has ended or is suspended", 406, 409, 429),
)
async def run_template(name: TemplateName, request: Request, service: ServiceDep, caller: CallerDep) -> Response:
    """Run the current version, or the one named by `version`, with these inputs and overrides."""
    check_headers(request)
    quoted = bigint_as_text(request)
    async with received(request) as body:
        given = await in_its_place(len(body), lambda: read_document(body, example='{"inputs": {"x": 1}}'))
        template = await service.templates(caller).find(name, wanted_version(given))
        submission = await in_its_place(len(body), lambda: _submission(template, given, size_bytes=len(body)))
        run = await service.orchestrate(submission, caller, once=once_of(request, body))
    return await answer(run, quoted=quoted)


@router.post(
    "/templates/{name}/forward",
    summary="Always refused",
    status_code=501,
    responses=describe_problems(501),
)
async def forward(name: TemplateName) -> Response:
    """Refuse, as `CodeTaskTemplate.forward` does: there is no Python function behind a template to call directly."""
    detail = f"a template is a text that runs only inside the sandbox: POST /templates/{name[:128]}/runs runs it"
    raise RequestRefused("forward-not-supported", detail)


def _submission(template: Template, given: dict[str, Any], *, size_bytes: int) -> Submission:
    document = run_document(template.document, given)
    return submission_of(document, size_bytes=size_bytes, template_version=template.version)


def _versions(found: list[Template]) -> Response:
    return json_answer({"data": [version_tree(one) for one in found]})
