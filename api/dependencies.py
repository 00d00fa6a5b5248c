"""What routes are given: the service, and the certainty that the caller may call it.

With a key, callers are known by it. Without one the service listens on loopback, and then the danger is a web page in
a browser on the same machine: its requests are told by their Origin, or by a Host that is not this machine.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from api.problems import RequestRefused
from service.errors import Fault, SubmissionRejected
from service.rights import RUN, Caller
from service.service import Service
from service.settings import Settings

SECURITY = "key"
"""The name under which the OpenAPI document has keys."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(_service)]


async def check_caller(request: Request) -> None:
    """Let the request pass and note who sent it, or refuse it.

    Raises:
        KeyNotValid: the key is missing or wrong.
        ScopeMissing: it is not for this.
        RequestRefused: a web page of another host sent the request, or its address holds a NUL.
        SubmissionRejected: the path has no parameter of a name in the query.
    """
    # No name and no id has one, and PostgreSQL takes none in a text.
    if "\x00" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise RequestRefused("not-found", "there is nothing at an address with a NUL in it")
    service: Service = request.app.state.service
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    caller = await service.caller(_key_of(given) if scheme.lower() == "bearer" else None)
    if caller.key_id is None:
        _check_origin(request)
    if request.scope["query_string"]:
        _check_query(request)
    caller.require(*_scopes_of(request.scope.get("route")))
    request.state.caller = caller


def for_scopes(*scopes: str) -> dict[str, Any]:
    """Return what a route's document says when it takes other scopes than `run`; `check_caller` holds it to that."""
    return {"security": [*({SECURITY: [scope]} for scope in scopes), {}]}


def _scopes_of(route: Any) -> Iterable[str]:
    """Return the scopes of which a route takes any."""
    documented = (getattr(route, "openapi_extra", None) or {}).get("security")
    if documented is None:
        return (RUN,)
    return [scope for one in documented for scope in one.get(SECURITY, ())]


def _key_of(given: str) -> str:
    """Return a key as it was sent: headers are read as Latin-1, and clients write keys as they write any text."""
    return given.strip().encode("latin-1").decode(errors="surrogateescape")


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


CallerDep = Annotated[Caller, Depends(_caller)]


def _check_query(request: Request) -> None:
    """Refuse what would be left out of account: `?dryrun=true` of a patch would make every call of it."""
    route: APIRoute = request.scope["route"]
    documented = (route.openapi_extra or {}).get("parameters", ())
    known = {one.alias for one in route.dependant.query_params}
    known |= {one["name"] for one in documented if one["in"] == "query"}
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        message = f"is no parameter of this path; parameters: {', '.join(sorted(known)) or 'none'}"
        raise SubmissionRejected([Fault(pointer=f"?{name[:100]}", message=message) for name in unknown])


def _check_origin(request: Request) -> None:
    origin = request.headers.get("origin")
    settings: Settings = request.app.state.settings
    if origin is not None and origin not in settings.origins and _host(origin) not in LOOPBACK_NAMES:
        raise RequestRefused("origin-not-allowed", "a service without a key answers no web page of another host")
    if _host("//" + request.headers.get("host", "localhost")) not in LOOPBACK_NAMES:
        raise RequestRefused("origin-not-allowed", "a service without a key is only known as localhost or 127.0.0.1")


@lru_cache(maxsize=100)
def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
