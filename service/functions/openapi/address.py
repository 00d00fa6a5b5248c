"""Where an API is, and what is sent there beside the arguments: settled at the start, out of reach of any program."""

import re
from typing import Any

import httpx

from service.functions.openapi.document import Document
from service.operator_errors import OpenApiNotLoadable
from service.settings import OpenApiSource

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e]{0,8000}")


def address_of(source: OpenApiSource, document: Document) -> httpx.URL:
    """Return what the paths of the document are appended to.

    Raises:
        OpenApiNotLoadable: neither the settings nor the document say, or secrets would go where nobody sent them.
    """
    if source.base_url is not None:
        try:
            return _checked(httpx.URL(source.base_url), document)
        except httpx.InvalidURL:
            raise OpenApiNotLoadable(document.shown, "its base_url cannot be read") from None
    address = _server(document)
    has_secrets = bool(source.headers or source.query)
    if has_secrets and document.origin is not None and _host(address) != _host(document.origin):
        reason = "its server is another host than the one it was fetched from; set base_url, so that secrets go there"
        raise OpenApiNotLoadable(document.shown, reason)
    return address


def headers_of(source: OpenApiSource, shown: str) -> dict[str, str]:
    """Return the headers that go with every request.

    Raises:
        OpenApiNotLoadable: one cannot be sent; the message names it, not its value.
    """
    headers = {name: value.get_secret_value() for name, value in source.headers.items()}
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            reason = f"the header {name[:100]!r} of its settings cannot be sent: write printable ASCII characters"
            raise OpenApiNotLoadable(shown, reason)
    return headers


def _server(document: Document) -> httpx.URL:
    """Return the first server of the document, with the defaults of its variables."""
    servers: Any = document.tree.get("servers") or [{"url": "/"}]
    server = servers[0] if isinstance(servers, list) and isinstance(servers[0], dict) else {}
    text, variables = server.get("url"), server.get("variables", {})
    if not isinstance(text, str):
        raise OpenApiNotLoadable(document.shown, "its first server has no address; set base_url")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        default = variable.get("default") if isinstance(variable, dict) else None
        text = text.replace(f"{{{name}}}", default if isinstance(default, str) else "")
    try:
        address = httpx.URL(text)
        if address.is_relative_url:
            if document.origin is None:
                raise OpenApiNotLoadable(document.shown, "it does not say where its API is; set base_url")
            address = document.origin.join(address)
    except httpx.InvalidURL:
        raise OpenApiNotLoadable(document.shown, "the address of its server cannot be read; set base_url") from None
    return _checked(address, document)


def _checked(address: httpx.URL, document: Document) -> httpx.URL:
    if address.scheme not in ("http", "https") or not address.host:
        raise OpenApiNotLoadable(document.shown, "the address of its API must begin with http:// or https://")
    if address.userinfo or address.query or address.fragment:
        reason = "the address of its API must end with its path, and hold no name or password; use `headers`, `query`"
        raise OpenApiNotLoadable(document.shown, reason)
    return address


def _host(address: httpx.URL) -> tuple[str, str, int | None]:
    return address.scheme, address.host, address.port
