"""What routes are given: the service, and the certainty that the caller may call it.

With a key, callers are known by it. Without one the service listens on loopback, and then the danger is a web page in
a browser on the same machine: its requests are told by their Origin, or by a Host that is not this machine.
"""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.problems import RequestRefused
from service.service import Service

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(_service)]


async def check_caller(request: Request) -> None:
    """Let the request pass, or refuse it.

    Raises:
        RequestRefused: the key is missing or wrong, or a web page of another host sent the request.
    """
    key = request.app.state.settings.api_key
    if key is None:
        _check_origin(request)
    else:
        _check_key(request, key.get_secret_value())


def _check_key(request: Request, key: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    # Header text is Latin-1; compared as bytes, because a comparison of texts refuses what is not ASCII.
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("latin-1"), key.encode()):
        raise RequestRefused("unauthorized", "send the header `Authorization: Bearer <key>` with a key of this service")


def _check_origin(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None and _host(origin) not in LOOPBACK_NAMES:
        raise RequestRefused("origin-not-allowed", "a service without a key answers no web page of another host")
    if _host("//" + request.headers.get("host", "localhost")) not in LOOPBACK_NAMES:
        raise RequestRefused("origin-not-allowed", "a service without a key is only known as localhost or 127.0.0.1")


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
