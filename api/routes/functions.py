"""The whitelist: GET /functions, /functions/{name}, /functions.pyi, and the tools of model providers."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from api.dependencies import CallerDep, ServiceDep
from api.routes.documentation import describe, describe_text, describe_tools
from api.routes.names import names_of
from api.routes.parameters import FunctionName, FunctionNames, StubMode
from api.routes.sending import json_answer
from api.schemas.functions import FunctionBody, FunctionsBody
from sandbox.dispatch import HostFunction

router = APIRouter(tags=["functions"])


@router.get(
    "/functions",
    summary="List functions",
    responses=describe(FunctionsBody, "The whitelist"),
)
async def list_functions(service: ServiceDep, caller: CallerDep) -> Response:
    """Return the functions that programs may call, with descriptions, schemas, terms and stubs."""
    return json_answer({"data": [_function(function) for function in service.whitelist(caller).functions()]})


@router.get(
    "/functions.pyi",
    summary="Read the functions as Python stubs",
    responses=describe_text("text/x-python", "A .pyi file", 422),
)
async def read_stubs(service: ServiceDep, caller: CallerDep, mode: StubMode = "async") -> Response:
    """Return stubs for programs that await (`mode=async`) or for plain ones (`mode=sync`)."""
    return PlainTextResponse(service.whitelist(caller).stub_file(mode=mode), media_type="text/x-python")


@router.get(
    "/functions.openai.json",
    summary="Read the functions as tools for OpenAI",
    responses=describe_tools("What the Chat Completions API takes under `tools`"),
)
async def read_openai_tools(service: ServiceDep, caller: CallerDep, functions: FunctionNames = None) -> Response:
    """Return tool definitions of the named functions, or of all whose names the provider accepts."""
    return json_answer(service.whitelist(caller).tool_definitions(names_of(functions), provider="openai"))


@router.get(
    "/functions.anthropic.json",
    summary="Read the functions as tools for Anthropic",
    responses=describe_tools("What the Messages API takes under `tools`"),
)
async def read_anthropic_tools(service: ServiceDep, caller: CallerDep, functions: FunctionNames = None) -> Response:
    """Return tool definitions of the named functions, or of all whose names the provider accepts."""
    return json_answer(service.whitelist(caller).tool_definitions(names_of(functions), provider="anthropic"))


@router.get(
    "/functions/{name}",
    summary="Read a function",
    responses=describe(FunctionBody, "The function"),
)
async def read_function(name: FunctionName, service: ServiceDep, caller: CallerDep) -> Response:
    """Return a function with its description, schemas, terms and stub."""
    return json_answer(_function(service.whitelist(caller).function(name)))


def _function(function: HostFunction) -> dict[str, Any]:
    return {
        "name": function.name,
        "title": function.title or function.name,
        "description": function.description,
        "kind": function.kind,
        "is_async": function.is_async,
        "parameters": function.parameters_schema(),
        "returns": function.returns_schema(),
        **function.terms.as_dict(),
        "stub": function.stub(),
    }
