"""The request that a call becomes. What a program gives is data in it, and never decides where it goes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from service.functions.openapi.operations import Operation, Parameter

MAX_TARGET_BYTES = 16_384
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent."""

    method: str
    target: bytes
    """Path and query."""
    headers: tuple[tuple[str, str], ...]
    content: bytes | None


def request_of(
    operation: Operation, arguments: Mapping[str, Any], *, base_path: str, secret_query: Sequence[tuple[str, str]] = ()
) -> Request:
    """Return the request for a call; a parameter that is None is left out.

    Raises:
        ValueError: an argument cannot be written into an address or a header.
    """
    given = [(one, arguments[one.name]) for one in operation.parameters if arguments.get(one.name) is not None]
    path = operation.path
    for parameter, value in given:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.wire_name}}}", _segment(parameter, value))
    query = [pair for parameter, value in given if parameter.place == "query" for pair in _pairs(parameter, value)]
    query += [f"{_escaped(name)}={_escaped(value)}" for name, value in secret_query]
    target = (base_path.rstrip("/") + path + ("?" + "&".join(query) if query else "")).encode()
    if len(target) > MAX_TARGET_BYTES:
        message = f"the arguments make an address of more than {MAX_TARGET_BYTES:,} bytes"
        raise ValueError(message)
    content = next((_json(value) for parameter, value in given if parameter.place == "body"), None)
    headers = [(one.wire_name, _header(one, value)) for one, value in given if one.place == "header"]
    if content is not None:
        headers.append(("content-type", "application/json"))
    return Request(method=operation.method, target=target, headers=tuple(headers), content=content)


def _segment(parameter: Parameter, value: Any) -> str:
    """Return a value as one part of a path: never empty, and never a step up."""
    text = ",".join(_texts(value))
    if not text or {"", ".", ".."} & set(re.split(r"[/\\]", text)):
        message = f"{parameter.name} must not be empty, nor have an empty part, `.` or `..` between slashes"
        raise ValueError(message)
    return _escaped(text)


def _pairs(parameter: Parameter, value: Any) -> list[str]:
    texts = [_escaped(text) for text in _texts(value)]
    name = _escaped(parameter.wire_name)
    return [f"{name}={text}" for text in texts] if parameter.explode else [f"{name}={','.join(texts)}"]


def _header(parameter: Parameter, value: Any) -> str:
    text = ",".join(_texts(value))
    if not _HEADER_VALUE.fullmatch(text):
        message = f"{parameter.name} goes into a header, which takes printable ASCII characters only"
        raise ValueError(message)
    return text


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_text(one) for one in value if one is not None]
    return [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value, allow_nan=False)
    message = f"{type(value).__name__} cannot be written into an address or a header; pass text, a number or a list"
    raise ValueError(message)


def _json(value: Any) -> bytes:
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        message = f"the body cannot be written as JSON: {error}"
    raise ValueError(message)


def _escaped(text: str) -> str:
    return quote(text, safe="")
