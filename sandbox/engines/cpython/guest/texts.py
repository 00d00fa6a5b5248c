"""Texts for `format`: what attributes they read, which decides whether the interpreter may format with them itself."""

import string
from collections.abc import Callable, Iterator
from typing import Any

_parse: Callable[[str], Any] = string._string.formatter_parser  # type: ignore[attr-defined] # noqa: SLF001
_split: Callable[[str], Any] = string._string.formatter_field_name_split  # type: ignore[attr-defined] # noqa: SLF001
_DEPTH = 2


def attributes_of(text: str) -> list[str] | None:
    """Return the attributes that formatting with `text` reads, or None when it is malformed."""
    try:
        return list(_attributes(text, _DEPTH))
    except ValueError:
        return None


def _attributes(text: str, depth: int) -> Iterator[str]:
    if not depth:
        raise ValueError("nested too deeply")
    for _, field, specification, _ in _parse(text):
        if field is not None:
            yield from (name for is_attribute, name in _split(field)[1] if is_attribute)
        if specification:
            yield from _attributes(specification, depth - 1)
