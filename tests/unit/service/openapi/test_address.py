"""Where an API is: what the settings say, else the document's first server."""

from typing import Any

import httpx
import pytest

from service.functions.openapi.address import address_of
from service.functions.openapi.document import Document
from service.operator_errors import OpenApiNotLoadable
from service.settings import OpenApiSource

ORIGIN = httpx.URL("https://crm.example/v2/openapi.json")


def address(*, servers: Any = None, origin: httpx.URL | None = None, **settings: Any) -> str:
    """Where an API is."""
    document = Document(shown="crm.json", tree={} if servers is None else {"servers": servers}, origin=origin)
    return str(address_of(OpenApiSource(document="crm.json", **settings), document))


@pytest.mark.parametrize(
    ("servers", "origin", "expected"),
    [
        ([{"url": "https://api.example/v1"}, {"url": "https://other.example"}], None, "https://api.example/v1"),
        ([{"url": "/v1"}], ORIGIN, "https://crm.example/v1"),
        ([{"url": "v1"}], ORIGIN, "https://crm.example/v2/v1"),
        (None, ORIGIN, "https://crm.example/"),
        ([{"url": "https://{region}.example/{v}", "variables": {"region": {"default": "eu"}, "v": {}}}], None, "https://eu.example/"),
    ],
)  # fmt: skip
def test_the_first_server_of_the_document_is_it(servers: Any, origin: httpx.URL | None, expected: str) -> None:
    """With the defaults of its variables; a relative one belongs to the document's own address."""
    assert address(servers=servers, origin=origin) == expected


def test_the_settings_come_first() -> None:
    """Whatever the document says, and wherever it was fetched."""
    servers = [{"url": "https://other.example"}]

    assert (
        address(servers=servers, origin=ORIGIN, base_url="https://api.example", headers={"X-Key": "s3cret"})
        == "https://api.example"
    )


@pytest.mark.parametrize(
    ("servers", "reason"),
    [
        (None, "it does not say where its API is; set base_url"),
        ([{"url": "/v1"}], "it does not say where its API is; set base_url"),
        ([{}], "its first server has no address; set base_url"),
        (["https://api.example"], "its first server has no address; set base_url"),
        ([{"url": "https://[::1"}], "the address of its server cannot be read; set base_url"),
        ([{"url": "ftp://api.example"}], "the address of its API must begin with http:// or https://"),
        (
            [{"url": "https://api.example/?a=b"}],
            "the address of its API must end with its path, and hold no name or password; use `headers`, `query`",
        ),
    ],
)
def test_an_api_that_is_nowhere_is_refused(servers: Any, reason: str) -> None:
    """At the start, and not at the first call."""
    with pytest.raises(OpenApiNotLoadable) as refused:
        address(servers=servers)

    assert str(refused.value) == f"ISTHMUS_OPENAPI crm.json: {reason}"


def test_a_base_url_that_cannot_be_read_is_refused() -> None:
    """An operator's slip must not end in a traceback."""
    with pytest.raises(OpenApiNotLoadable, match=r"^ISTHMUS_OPENAPI crm\.json: its base_url cannot be read$"):
        address(base_url="https://[::1")


@pytest.mark.parametrize("url", ["http://crm.example", "https://crm.example:8443", "https://evil.example"])
def test_secrets_go_to_the_documents_own_host(url: str) -> None:
    """Scheme and port are part of who that is."""
    with pytest.raises(OpenApiNotLoadable, match=r"its server is another host than the one it was fetched from; set"):
        address(servers=[{"url": url}], origin=ORIGIN, query={"key": "s3cret"})
