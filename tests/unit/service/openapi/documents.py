"""Makes documents for tests."""

from typing import Any

from service.functions.openapi.document import Document
from service.functions.openapi.operations import LeftOut, Operation, operations_of


def make_document(
    paths: dict[str, Any] | None = None, schemas: dict[str, Any] | None = None, **members: Any
) -> Document:
    """Return a document with some paths and schemas."""
    tree = {"openapi": "3.1.0", "paths": paths or {}, "components": {"schemas": schemas or {}}, **members}
    return Document(shown="crm.json", tree=tree)


def read(path: str, *, method: str = "get", **members: Any) -> Operation | LeftOut:
    """Return what becomes of a document's only operation."""
    document = make_document({path: {method: {"operationId": "find", **members}}})
    (one,) = operations_of(document, prefix="crm", wanted=None, hosts_headers=frozenset({"x-key"}))
    return one


def operation(path: str, *, method: str = "get", **members: Any) -> Operation:
    """Return the operation of a document that has one."""
    one = read(path, method=method, **members)
    assert isinstance(one, Operation), one
    return one


def parameter(name: str, place: str = "query", **members: Any) -> dict[str, Any]:
    """Return a parameter as documents have it."""
    return {"name": name, "in": place, "schema": {"type": "string"}, **members}
