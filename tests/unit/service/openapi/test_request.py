"""Requests: what a program gives stays data, whatever it looks like."""

from typing import Any

import pytest

from service.functions.openapi.request import MAX_TARGET_BYTES, Request, request_of
from tests.unit.service.openapi.documents import operation, parameter

LIST = {"type": "array", "items": {"type": "string"}}
FIND = operation(
    "/customers/{id}/notes",
    method="post",
    parameters=[
        parameter("id", "path"),
        parameter("tag", schema=LIST),
        parameter("csv", schema=LIST, explode=False),
        parameter("active", schema={"type": "boolean"}),
        parameter("X-Trace", "header"),
    ],
    requestBody={"content": {"application/json": {"schema": {}}}},
)


def request(**arguments: Any) -> Request:
    """The request of a call."""
    return request_of(FIND, {"id": "7", **arguments}, base_path="/api/", secret_query=[("key", "s&cret")])


def test_arguments_stand_where_the_document_has_them() -> None:
    """Path, query, header and body; what is None is left out."""
    made = request(tag=["a", "b"], csv=["c", "d"], active=True, X_Trace="t", body={"n": 1})

    assert made == Request(
        method="POST",
        target=b"/api/customers/7/notes?tag=a&tag=b&csv=c,d&active=true&key=s%26cret",
        headers=(("X-Trace", "t"), ("content-type", "application/json")),
        content=b'{"n": 1}',
    )
    assert request(tag=None).target == b"/api/customers/7/notes?key=s%26cret"
    assert request(tag=None).content is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a/b", b"a%2Fb"),
        ("a?b=c#d", b"a%3Fb%3Dc%23d"),
        ("%2e%2e", b"%252e%252e"),
        ("a\r\nHost: evil", b"a%0D%0AHost%3A%20evil"),
        ("{csv}", b"%7Bcsv%7D"),
        ("é", b"%C3%A9"),
        ("@evil.example:80", b"%40evil.example%3A80"),
        ("...", b"..."),
    ],
)
def test_an_argument_is_one_part_of_the_path(value: str, written: bytes) -> None:
    """It ends neither the part nor the path."""
    assert request(id=value).target == b"/api/customers/" + written + b"/notes?key=s%26cret"


@pytest.mark.parametrize("value", ["", ".", "..", "a/../b", "../admin", "..\\admin", "/", "a//b", []])
def test_an_argument_that_is_a_step_up_is_refused(value: Any) -> None:
    """Some servers decode a path before they walk it."""
    with pytest.raises(ValueError, match=r"^id must not be empty, nor have an empty part, `\.` or `\.\.` between"):
        request(id=value)


def test_an_argument_adds_no_parameter_to_the_query() -> None:
    """Nor does it replace the host's."""
    assert request(active="true&key=mine#").target.endswith(b"?active=true%26key%3Dmine%23&key=s%26cret")


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\x00", "é", "\x7f"])
def test_an_argument_adds_no_header(value: str) -> None:
    """A line break in a header begins the next one."""
    with pytest.raises(ValueError, match=r"^X_Trace goes into a header, which takes printable ASCII characters only$"):
        request(X_Trace=value)


def test_what_cannot_be_written_is_refused() -> None:
    """In JSON, in an address, or in so little space."""
    with pytest.raises(ValueError, match=r"^the body cannot be written as JSON: "):
        request(body={"a": b"bytes"})
    with pytest.raises(ValueError, match=r"^the body cannot be written as JSON: "):
        request(body=float("nan"))
    with pytest.raises(ValueError, match=r"^dict cannot be written into an address or a header"):
        request(active={})
    with pytest.raises(ValueError, match=r"^the arguments make an address of more than 16,384 bytes$"):
        request(active="x" * MAX_TARGET_BYTES)
