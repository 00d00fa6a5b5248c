"""The FastAPI application: routes, the answers to refusals, the OpenAPI document."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api.backpressure import Backpressure
from api.dependencies import SECURITY, check_caller, for_scopes
from api.problems import RequestRefused, problem, problem_of
from api.routes import authoring, check, events, functions, health, images, metrics, orchestrate, runs, templates
from api.routes.bodies import BodyBudget
from api.routes.documentation import GUARDED, complete, describe_problems
from api.schemas.components import component_schemas
from api.schemas.reading import faults_of_parameters
from service.errors import ServiceError, StoreUnavailable, SubmissionRejected
from service.rights import RUN
from service.seeing.tracing import within
from service.service import Service
from service.settings import Settings

DESCRIPTION = """\
Runs Python code that nobody has reviewed. `POST /orchestrate` takes a program, runs it in an isolated interpreter that
can only compute and call the functions on its whitelist, and returns the value of its last expression.
"""
# What the tags of the routes mean, in the order of a page made from the document.
_TAGS = {
    "runs": "Run programs; read, watch, answer, correct and cancel runs.",
    "templates": "Store programs under names, and run them.",
    "authoring": "Write programs: the prompt for a model, checks, explanations of problems.",
    "functions": "What programs may call and import: functions and guest images.",
    "health": "Whether the service lives, and whether it accepts runs.",
    "operation": "Observe the service: metrics.",
}

_OF_CALLERS = (
    orchestrate.router,
    runs.router,
    events.router,
    metrics.router,
    templates.router,
    check.router,
    functions.router,
    images.router,
    authoring.router,
)
_OF_ANYBODY = (authoring.explanations, health.router)


def create_app(service: Service, settings: Settings, *, version: str = "0") -> FastAPI:
    """Return the application; the service is opened and closed with it."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await service.open()
        yield
        await service.close()

    app = FastAPI(
        title="Isthmus", version=version, description=DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None, redirect_slashes=False,
        openapi_tags=[{"name": name, "description": meaning} for name, meaning in _TAGS.items()],
    )  # fmt: skip
    app.state.service = service
    app.state.settings = settings
    app.state.body_budget = BodyBudget(settings.pending_bytes)
    for router in _OF_CALLERS:
        app.include_router(router, dependencies=[Depends(check_caller)], responses=describe_problems(*GUARDED))
    for router in _OF_ANYBODY:
        app.include_router(router)
    app.add_middleware(_CallersTrace)
    # A client gets as long for each piece of an answer as for the whole of its body.
    app.add_middleware(Backpressure, budget=app.state.body_budget, seconds=settings.body_seconds)
    _answer_refusals(app)
    _document(app)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["authorization", "content-type", "idempotency-key", "last-event-id"],
            expose_headers=["location", "retry-after"],
        )
    return app


class _CallersTrace:
    """Makes whatever a request begins, a run among it, part of the trace that the request names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with within(Headers(scope=scope)):
            await self._app(scope, receive, send)


def _answer_refusals(app: FastAPI) -> None:
    app.add_exception_handler(ServiceError, _refused)
    app.add_exception_handler(RequestRefused, _refused)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, StoreUnavailable):
        # The database's own words, which no caller is told.
        reason = str(getattr(error.__cause__, "orig", None) or error).partition("\n")[0]
        structlog.get_logger("isthmus").error("store_unavailable", path=request.url.path, error=reason)
    return problem_of(error)


async def _no_such_route(request: Request, error: Exception) -> Response:
    if getattr(error, "status_code", 404) == 405:
        allowed = {"Allow": ", ".join(_methods_of(request))}
        return problem("method-not-allowed", f"this path does not take {request.method[:20]}", headers=allowed)
    return problem("not-found", "there is nothing at this path; GET /openapi.json lists what there is")


def _methods_of(request: Request) -> list[str]:
    """Return what a path takes: each of its methods is a route of its own."""
    routes = [*request.app.routes, *(one for router in (*_OF_CALLERS, *_OF_ANYBODY) for one in router.routes)]
    fitting = [one for one in routes if one.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for one in fitting for method in getattr(one, "methods", None) or ()})


async def _bad_parameter(_request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    return problem_of(SubmissionRejected(faults_of_parameters(found)))


async def _failed(request: Request, error: Exception) -> Response:
    structlog.get_logger("isthmus").error("request_failed", path=request.url.path, exc_info=error)
    return problem("internal", "the service failed; its log says more")


def _document(app: FastAPI) -> None:
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            components = document.setdefault("components", {})
            components["schemas"] = {**component_schemas()}
            components["securitySchemes"] = {SECURITY: {"type": "http", "scheme": "bearer"}}
            complete(document)
            # Either: a service without a key asks for none.
            document["security"] = for_scopes(RUN)["security"]
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
