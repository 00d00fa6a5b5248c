"""Documents: read from files, bounded, and closed in themselves."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.functions.openapi.document import Unusable, read_document
from service.operator_errors import OpenApiNotLoadable
from tests.unit.service.openapi.documents import make_document


def written(path: Path, content: Any) -> str:
    """Write a document and return its path."""
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_document_of_a_file_is_read(version: str, tmp_path: Path) -> None:
    """Operators keep the documents of their APIs beside their functions."""
    tree = {"openapi": version, "paths": {}}

    assert read_document(written(tmp_path / "crm.json", tree)).tree == tree


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("openapi: 3.1.0", "it is not JSON; convert a YAML document to JSON first"),
        ("[" * 100_000, "it is not JSON; convert a YAML document to JSON first"),
        ('{"openapi": NaN}', "it is not JSON; convert a YAML document to JSON first"),
        ([], "it is no OpenAPI document of version 3.0 or 3.1"),
        ({"swagger": "2.0"}, "it is no OpenAPI document of version 3.0 or 3.1"),
        ({"openapi": "3.1.0", "paths": []}, "its `paths` are no object"),
    ],
)
def test_what_is_no_document_is_refused(content: Any, reason: str, tmp_path: Path) -> None:
    """At the start of the service, with the setting's name."""
    place = written(tmp_path / "crm.json", content)

    with pytest.raises(OpenApiNotLoadable) as refused:
        read_document(place)
    assert str(refused.value) == f"ISTHMUS_OPENAPI {place}: {reason}"


def test_a_document_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """It is not even read to its end."""
    with pytest.raises(OpenApiNotLoadable, match=r"it is larger than 100 bytes$"):
        read_document(written(tmp_path / "crm.json", " " * 101), max_bytes=100)
    with pytest.raises(OpenApiNotLoadable, match=r"it is not JSON"):
        read_document(written(tmp_path / "crm.json", " " * 100), max_bytes=100)


def test_a_file_that_is_not_there_is_named() -> None:
    """Nor is a directory or a pipe a file."""
    with pytest.raises(OpenApiNotLoadable, match=r"^ISTHMUS_OPENAPI /dev/null: there is no such file$"):
        read_document("/dev/null")


def test_an_address_is_shown_without_its_secrets() -> None:
    """The message goes to logs."""
    with pytest.raises(OpenApiNotLoadable) as refused:
        read_document("http://user:secret@127.0.0.1:1/openapi.json?key=secret")

    assert str(refused.value) == "ISTHMUS_OPENAPI 127.0.0.1:1/openapi.json: it cannot be fetched: ConnectError"


def test_references_are_followed_inside_the_document() -> None:
    """With the escapes of JSON pointers."""
    tree = make_document(schemas={"a/b": {"$ref": "#/components/schemas/c~d"}, "c~d": {"type": "integer"}})

    assert tree.follow({"$ref": "#/components/schemas/a~1b"}) == {"type": "integer"}
    assert tree.follow({"$ref": "#/components/schemas/c%7E0d"}) == {"type": "integer"}


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("http://169.254.169.254/latest", "a reference leads out of the document, and those are not followed"),
        ("file:///etc/passwd", "a reference leads out of the document, and those are not followed"),
        ("other.json#/a", "a reference leads out of the document, and those are not followed"),
        (5, "a reference leads out of the document, and those are not followed"),
        ("#/components/schemas/none", "a reference leads nowhere"),
        ("#/components/schemas/circle", "a reference leads in a circle"),
    ],
)
def test_references_that_lead_elsewhere_are_not_followed(reference: Any, reason: str) -> None:
    """A document that somebody else wrote must not make the host read files or ask other hosts."""
    tree = make_document(schemas={"circle": {"$ref": "#/components/schemas/circle"}})

    with pytest.raises(Unusable) as refused:
        tree.follow({"$ref": reference})
    assert str(refused.value) == reason
