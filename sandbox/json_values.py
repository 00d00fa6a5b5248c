"""Python value -> JSON, as answers over HTTP write it.

Tuples and lists become arrays, sets sorted arrays, bytes base64, dates and the like text. Reading goes by declared
type, `ValueType.from_json`; here nothing is declared, so a value that JSON cannot write is refused by its path.
"""

import base64
import datetime
import decimal
import enum
import math
import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox import handles, values
from sandbox.errors import ValueRejected

# Python writes and reads integers of at most this many digits.
MAX_DIGITS = 4_300
MAX_DEPTH = 100
# Characters that are written only to put the items of sets in order.
MAX_SORTED = 64 * 1024 * 1024
# The largest integer up to which every integer is a float, and so the last one that JavaScript reads exactly.
_SAFE_INT = 2**53
_BITS_PER_DIGIT = math.log2(10)
_SHOWN_CHARACTERS = 40

# Where the writer is: None at the root, else (parent, key); written out only when something is refused there.
_Path = tuple[Any, Any] | None


def to_json(value: Any, *, bigint_as_text: bool = False) -> Any:
    """Return the value as `json.dumps` takes it.

    Args:
        bigint_as_text: write integers beyond 2**53 as text, for readers whose numbers are floats.

    Raises:
        ValueRejected: JSON cannot write a part of it; the path says which.
    """
    return _Writer(bigint_as_text=bigint_as_text).write(value, None, 0)


class _Writer:
    """One pass over one value."""

    def __init__(self, *, bigint_as_text: bool) -> None:
        self._bigint_as_text = bigint_as_text
        self._sorted_left = MAX_SORTED

    def write(self, value: Any, path: _Path, depth: int) -> Any:
        if value is None or type(value) in (str, bool):
            return value
        if isinstance(value, enum.Enum):
            return value.name
        if isinstance(value, int):
            return self._write_int(value, path)
        if isinstance(value, float):
            return _write_float(value, path)
        if isinstance(value, dict | list | tuple | set | frozenset):
            if depth >= MAX_DEPTH:
                raise _reject(path, f"is nested deeper than {MAX_DEPTH} levels; flatten the value")
            return self._write_container(value, path, depth + 1)
        return _write_other(value, path)

    def _write_int(self, value: int, path: _Path) -> int | str:
        if value.bit_length() > MAX_DIGITS * _BITS_PER_DIGIT and abs(value) >= 10**MAX_DIGITS:
            raise _reject(path, f"is an integer of more than {MAX_DIGITS} digits; return it as hex(x)")
        if self._bigint_as_text and abs(value) > _SAFE_INT:
            return int.__repr__(value)
        return int.__int__(value)

    def _write_container(self, value: Any, path: _Path, depth: int) -> Any:
        if isinstance(value, dict):
            return {_name(key, path): self.write(item, (path, key), depth) for key, item in dict.items(value)}
        if not isinstance(value, set | frozenset):
            return [self.write(item, (path, index), depth) for index, item in enumerate(value)]
        items = _sorted(value)
        if items is not None:
            return [self.write(item, (path, index), depth) for index, item in enumerate(items)]
        return self._write_unsortable(value, path, depth)

    def _write_unsortable(self, value: Any, path: _Path, depth: int) -> list[Any]:
        """Write items that have no order of their own in the order of what is written.

        Each level of sets in sets writes out everything below it once more, hence the bound.
        """
        written = []
        for index, item in enumerate(value):
            tree = self.write(item, (path, index), depth)
            text = values.json_text(tree)
            self._sorted_left -= len(text)
            if self._sorted_left < 0:
                raise _reject(path, "holds sets in sets that are too large to be put in order; return lists")
            written.append((text, tree))
        written.sort(key=lambda pair: pair[0])
        return [tree for _, tree in written]


def _write_float(value: float, path: _Path) -> float:
    if not math.isfinite(value):
        name = "NaN" if math.isnan(value) else "infinite"
        raise _reject(path, f"is {name}, which JSON cannot write; return None or a text instead")
    return float.__float__(value)


def _write_other(value: Any, path: _Path) -> Any:
    if type(value) in _HANDLES:
        return _described(value)
    for kind, write in _TEXTS.items():
        if isinstance(value, kind):
            return write(value)
    raise _reject(path, f"is of type {type(value).__name__}, which JSON cannot write")


def _described(handle: Any) -> dict[str, str]:
    """Return what its type reads: the address and whatever else is known."""
    given = {("uri" if name == "path" else name): value for name, value in asdict(handle).items()}
    return {name: value for name, value in given.items() if value}


def _name(key: Any, path: _Path) -> str:
    if isinstance(key, enum.Enum):
        return key.name
    if not isinstance(key, str):
        reason = f"has a key of type {type(key).__name__}; JSON has text as keys only: use str(key)"
        raise _reject(path, reason)
    return str.__str__(key)


def _reject(path: _Path, reason: str) -> ValueRejected:
    steps: list[str] = []
    while path is not None:
        path, key = path
        steps.append(f"[{key}]" if type(key) is int else _step(_name(key, None)))
    return ValueRejected("$" + "".join(reversed(steps)), reason)


def _step(name: str) -> str:
    if len(name) <= _SHOWN_CHARACTERS and name.isidentifier():
        return f".{name}"
    text = ascii(name[:_SHOWN_CHARACTERS])
    return f"[{text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + '...'}]"


def _sorted(items: Any) -> list[Any] | None:
    """Return a set's items in an order that is the same in every process, None when they have none."""
    if not any(isinstance(item, frozenset | tuple) for item in items):
        try:
            return sorted(items)
        except (TypeError, ArithmeticError):
            # Of two types, or one is the Decimal NaN.
            pass
    return None


def _iso_duration(length: datetime.timedelta) -> str:
    """Return ISO 8601: days, hours, minutes, seconds; a sign in front when negative."""
    sign, length = ("-", -length) if length < datetime.timedelta(0) else ("", length)
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
    parts = [(hours, "H"), (minutes, "M"), (f"{seconds}{fraction}" if seconds or fraction else 0, "S")]
    clock = "".join(f"{amount}{unit}" for amount, unit in parts if amount)
    days = f"{length.days}D" if length.days else ""
    return f"{sign}P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"


_HANDLES = frozenset(handles.KINDS.values())
_TEXTS: dict[type, Callable[[Any], str]] = {
    str: str.__str__,
    bytes: lambda value: base64.b64encode(value).decode(),
    decimal.Decimal: str,
    uuid.UUID: str,
    datetime.date: lambda value: str(value.isoformat()),
    datetime.time: lambda value: str(value.isoformat()),
    datetime.timedelta: _iso_duration,
}
