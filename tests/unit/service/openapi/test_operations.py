"""Operations as functions: their names, parameters, types and effects, and why some are left out."""

from typing import Any

import pytest

from service.functions.openapi.operations import LeftOut, operations_of
from tests.unit.service.openapi.documents import make_document, operation, parameter, read

BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}

# Its members are read once for each of the types that it has.
ENDLESS: dict[str, Any] = {"type": "integer"}
for _ in range(30):
    ENDLESS = {"type": ["object"] * 20, "properties": {"a": ENDLESS}}


def test_an_operation_is_described_as_its_document_does() -> None:
    """Summary, description and parameters are all that a program's author sees."""
    one = operation(
        "/customers/{id}",
        summary="Find a customer",
        description="By number.",
        parameters=[parameter("id", "path", required=True, description="from the\ninvoice"), parameter("page-size")],
    )

    assert (one.title, one.method, one.path, one.effect) == ("crm.find", "GET", "/customers/{id}", "read")
    assert one.description == "Find a customer\n\nBy number.\n\nArgs:\n    id: from the invoice"
    assert [(p.name, p.wire_name, p.place, p.kind.text, p.required) for p in one.parameters] == [
        ("id", "id", "path", "str", True),
        ("page_size", "page-size", "query", "str | None", False),
    ]
    assert str(one.signature()) == "(id, *, page_size=None)"


@pytest.mark.parametrize(
    ("method", "effect"),
    [
        ("get", "read"),
        ("head", "read"),
        ("put", "idempotent"),
        ("delete", "idempotent"),
        ("post", "write"),
        ("patch", "write"),
    ],
)
def test_the_effect_follows_from_the_method(method: str, effect: str) -> None:
    """HTTP says what may be sent twice."""
    assert operation("/", method=method).effect == effect


def test_what_must_be_given_comes_first() -> None:
    """Whatever the document's order."""
    one = operation(
        "/{id}",
        method="post",
        parameters=[parameter("class"), parameter("id", "path"), parameter("body", required=True)],
        requestBody={**BODY, "required": True},
    )

    assert str(one.signature()) == "(id, body, body_, *, _class=None)"


def test_a_parameter_of_the_operation_replaces_that_of_its_path() -> None:
    """As the document's format has it."""
    item = {
        "parameters": [parameter("limit", schema={"type": "string"})],
        "get": {"operationId": "find", "parameters": [parameter("limit", schema={"type": "integer"})]},
    }
    (one,) = operations_of(make_document({"/": item}), prefix="", wanted=None, hosts_headers=frozenset())

    assert not isinstance(one, LeftOut)
    assert [p.kind.text for p in one.parameters] == ["int | None"]


def test_headers_of_the_host_are_no_parameters() -> None:
    """A program must not say who it is, nor what the connection is."""
    names = ["Authorization", "X-KEY", "Host", "Content-Length", "Cookie", "X-Trace"]
    one = operation("/", parameters=[parameter(name, "header") for name in names])

    assert [p.wire_name for p in one.parameters] == ["X-Trace"]


@pytest.mark.parametrize(
    ("responses", "text"),
    [
        ({}, "Any"),
        ({"200": {"content": {"application/json": {"schema": {"type": "integer"}}}}}, "int"),
        ({"200": {"content": {"application/problem+json": {"schema": {"type": "integer"}}}}}, "int"),
        ({"200": {"content": {"text/plain": {}}}}, "str"),
        ({"204": {"description": "gone"}}, "None"),
        ({"201": {"content": {"application/json": {"schema": {"type": "integer"}}}}, "204": {}}, "int | None"),
        ({"404": {"content": {"application/json": {"schema": {"type": "string"}}}}}, "Any"),
    ],
)
def test_the_value_has_the_type_of_the_answers_of_success(responses: dict[str, Any], text: str) -> None:
    """The others become exceptions."""
    assert operation("/", responses=responses).returns.text == text


@pytest.mark.parametrize(
    ("path", "members", "reason"),
    [
        ("/{id}", {}, "the names in its path are not those of its path parameters"),
        ("/", {"parameters": [parameter("id", "path")]}, "the names in its path are not those of its path parameters"),
        ("/../a", {}, "its path must begin with a slash, and hold no query and no step up"),
        ("/a?b=c", {}, "its path must begin with a slash, and hold no query and no step up"),
        ("@evil.example/", {}, "its path must begin with a slash, and hold no query and no step up"),
        ("/", {"servers": [{"url": "https://evil.example"}]}, "it has servers of its own"),
        (
            "/",
            {"parameters": [parameter("s", "cookie", required=True)]},
            "its parameter 's' is in 'cookie'; parameters can be in path, query, header",
        ),
        (
            "/",
            {"parameters": [parameter("f", style="deepObject")]},
            "its parameter 'f' is written in a way that is not supported",
        ),
        ("/", {"parameters": [parameter("f", schema={"type": "object"})]}, "its parameter 'f' is an object"),
        ("/", {"parameters": [parameter("a b\r\n", "header")]}, "a header of it has no usable name"),
        ("/", {"parameters": [parameter("a-b"), parameter("a_b")]}, "two of its parameters have names that become one"),
        (
            "/",
            {"parameters": [{"$ref": "http://evil.example/p"}]},
            "a reference leads out of the document, and those are not followed",
        ),
        (
            "/",
            {"responses": {"200": {"content": {"application/json": {"schema": ENDLESS}}}}},
            "has too many schemas: more than 100,000 are to be read, each as often as it is referred to",
        ),
        (
            "/",
            {"requestBody": {"required": True, "content": {"multipart/form-data": {}}}},
            "its body is multipart/form-data, not JSON",
        ),
        (
            "/",
            {"responses": {"200": {"content": {"image/png": {}}}}},
            "it answers with image/png, neither JSON nor text",
        ),
    ],
)
def test_what_cannot_be_called_rightly_is_left_out(path: str, members: dict[str, Any], reason: str) -> None:
    """The operator is told which operation and why; the others are there."""
    assert read(path, **members) == LeftOut(title="crm.find", reason=reason)


def test_operations_without_an_id_are_named_after_their_address() -> None:
    """Somebody has to name them."""
    document = make_document({"/customers/{id}/notes": {"get": {"parameters": [parameter("id", "path")]}}})
    (one,) = operations_of(document, prefix="", wanted=None, hosts_headers=frozenset())

    assert one.title == "get_customers_id_notes"


def test_only_those_that_are_wanted_are_read() -> None:
    """A whitelist of operations, in the operator's hand."""
    paths = {f"/{name}": {"get": {"operationId": name}} for name in "abc"}
    found = operations_of(make_document(paths), prefix="p", wanted=frozenset({"b"}), hosts_headers=frozenset())

    assert [one.title for one in found] == ["p.b"]
