"""An OpenAPI document: read from a file or an address, bounded; references are followed inside it only."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

import httpx

from service.operator_errors import OpenApiNotLoadable

MAX_BYTES = 8 * 2**20
MAX_SECONDS = 30.0
_MAX_REFERENCES = 32
_VERSIONS = ("3.0", "3.1")


class Unusable(Exception):
    """A part of a document cannot become a part of a function; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read."""

    shown: str
    """How messages name it: without what may be secret in its address."""
    tree: Mapping[str, Any]
    origin: httpx.URL | None = None
    """Where it was fetched from, None for a file."""

    def follow(self, node: Any) -> Any:
        """Return what a node stands for, which is itself unless it is a reference.

        Raises:
            Unusable: the reference leads out of the document, nowhere, or in a circle.
        """
        for _ in range(_MAX_REFERENCES):
            if not isinstance(node, dict) or "$ref" not in node:
                return node
            node = self.at(node["$ref"])
        message = "a reference leads in a circle"
        raise Unusable(message)

    def at(self, reference: Any) -> Any:
        """Return the node that a reference names.

        Raises:
            Unusable: as above.
        """
        if not isinstance(reference, str) or not reference.startswith("#/"):
            message = "a reference leads out of the document, and those are not followed"
            raise Unusable(message)
        node: Any = self.tree
        for step in reference[2:].split("/"):
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                message = "a reference leads nowhere"
                raise Unusable(message)
            node = node[key]
        return node


def read_document(place: str, *, max_bytes: int = MAX_BYTES, max_seconds: float = MAX_SECONDS) -> Document:
    """Return the document of a file or an address.

    Raises:
        OpenApiNotLoadable: it cannot be read, is too large, or is no OpenAPI document in JSON.
    """
    is_address = place.startswith(("http://", "https://"))
    shown = place.split("?", 1)[0].rpartition("@")[2] if is_address else place
    text = _fetch(place, shown, max_bytes, max_seconds) if is_address else _read(place, shown, max_bytes)
    try:
        tree = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise OpenApiNotLoadable(shown, "it is not JSON; convert a YAML document to JSON first") from None
    version = tree.get("openapi") if isinstance(tree, dict) else None
    if not isinstance(version, str) or not version.startswith(_VERSIONS):
        raise OpenApiNotLoadable(shown, f"it is no OpenAPI document of version {' or '.join(_VERSIONS)}")
    if not isinstance(tree.get("paths", {}), dict):
        raise OpenApiNotLoadable(shown, "its `paths` are no object")
    return Document(shown=shown, tree=tree, origin=httpx.URL(place) if is_address else None)


def _read(place: str, shown: str, max_bytes: int) -> bytes:
    try:
        # A pipe would be waited for.
        if not Path(place).is_file():
            raise OpenApiNotLoadable(shown, "there is no such file")
        with Path(place).open("rb") as file:
            text = file.read(max_bytes + 1)
    except OSError as error:
        raise OpenApiNotLoadable(shown, error.strerror or "it cannot be read") from None
    return _bounded(text, shown, max_bytes)


def _fetch(place: str, shown: str, max_bytes: int, max_seconds: float) -> bytes:
    """Return what is at an address; no secret is sent there, and no redirect is followed."""
    text = b""
    headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "isthmus"}
    try:
        with httpx.Client(timeout=max_seconds) as client, client.stream("GET", place, headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                raise OpenApiNotLoadable(shown, f"it was answered with status {response.status_code}")
            until = time.monotonic() + max_seconds
            for part in response.iter_raw():
                text = _bounded(text + part, shown, max_bytes)
                if time.monotonic() > until:
                    raise OpenApiNotLoadable(shown, f"it took longer than {max_seconds:g} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OpenApiNotLoadable(shown, f"it cannot be fetched: {type(error).__name__}") from None
    return text


def _bounded(text: bytes, shown: str, max_bytes: int) -> bytes:
    if len(text) > max_bytes:
        raise OpenApiNotLoadable(shown, f"it is larger than {max_bytes:,} bytes")
    return text


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
