"""Types without parts: numbers, text, bytes, dates, and `Any`."""

import base64
import binascii
import datetime
import decimal
import math
import re
import uuid
from collections.abc import Callable
from typing import Any

from sandbox.types.value_type import ValueType, rejection

_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>\d{1,10})W)?(?:(?P<days>\d{1,10})D)?"
    r"(?:T(?:(?P<hours>\d{1,12})H)?(?:(?P<minutes>\d{1,14})M)?(?:(?P<seconds>\d{1,16})(?:[.,](?P<fraction>\d{1,6})\d*)?S)?)?"
)


class AnyType(ValueType):
    """Whatever can cross; the engine refuses the rest when it encodes the value."""

    text = "Any"

    def schema(self) -> dict[str, Any]:
        return {}

    def take(self, value: Any, *, host: bool) -> Any:  # noqa: ARG002 - one form
        return value

    def read(self, value: Any) -> Any:
        return value


class Scalar(ValueType):
    """A type whose values are taken as they are."""

    text = ""

    def __init__(
        self,
        kind: type,
        schema: dict[str, Any],
        parse: Callable[[str], Any] | None = None,
        example: str = "",
    ) -> None:
        self.text = "None" if kind is type(None) else kind.__name__
        self.kind = kind
        self._schema = schema
        self._parse = parse
        self._example = example

    def schema(self) -> dict[str, Any]:
        return dict(self._schema)

    @property
    def flyte_tag(self) -> str:
        return self.text.lower() if self.kind in _FLYTE else super().flyte_tag

    def flyte_schema(self) -> dict[str, Any]:
        return dict(_FLYTE[self.kind]) if self.kind in _FLYTE else super().flyte_schema()

    def take(self, value: Any, *, host: bool) -> Any:  # noqa: ARG002 - one form
        if type(value) is self.kind:
            return value
        return self._convert(value)

    def read(self, value: Any) -> Any:
        if self._parse is None:
            return self.take(value, host=True)
        if not isinstance(value, str):
            raise self.refuse(value) if value is None else rejection(f"is no text; write it as in {self._example}")
        try:
            return self._parse(value)
        except (ValueError, ArithmeticError, binascii.Error):
            raise rejection(f"is no {self.text}; write it as in {self._example}") from None

    def _convert(self, value: Any) -> Any:
        raise self.refuse(value)


class _Int(Scalar):
    def _convert(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return int.__int__(value)
        raise self.refuse(value)


class _Float(Scalar):
    def _convert(self, value: Any) -> Any:
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return _exact(value)
        raise self.refuse(value)


class _Str(Scalar):
    def _convert(self, value: Any) -> Any:
        if isinstance(value, str):
            return str.__str__(value)
        raise self.refuse(value)


class _Bytes(Scalar):
    def _convert(self, value: Any) -> Any:
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value)
        raise self.refuse(value)


class _Decimal(Scalar):
    def read(self, value: Any) -> Any:
        if type(value) is int:
            return decimal.Decimal(value)
        return super().read(value)


def _exact(value: int) -> float:
    try:
        converted = float(value)
    except OverflowError:
        converted = math.inf
    if converted != value:
        raise rejection("is an int that no float is equal to; declare int, or pass a float")
    return converted


def _decode_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _parse_duration(text: str) -> datetime.timedelta:
    match = _DURATION.fullmatch(text)
    if match is None or text[-1] in "PT":
        raise ValueError(text)
    parts = match.groupdict(default="0")
    microseconds = int(parts["fraction"].ljust(6, "0"))
    units = {name: int(parts[name]) for name in ("weeks", "days", "hours", "minutes", "seconds")}
    length = datetime.timedelta(microseconds=microseconds, **units)
    return -length if parts["sign"] == "-" else length


# What Flyte's type engine knows; it pickles the rest.
_FLYTE: dict[type, dict[str, Any]] = {
    int: {"type": "integer"},
    float: {"type": "number", "format": "float"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    datetime.datetime: {"type": "string", "format": "datetime"},
    datetime.date: {"type": "string", "format": "datetime"},
    datetime.timedelta: {"type": "string", "format": "duration"},
}
ANY = AnyType()
NONE = Scalar(type(None), {"type": "null"})
SCALARS: dict[type, ValueType] = {
    int: _Int(int, {"type": "integer"}),
    float: _Float(float, {"type": "number"}),
    str: _Str(str, {"type": "string"}),
    bool: Scalar(bool, {"type": "boolean"}),
    bytes: _Bytes(bytes, {"type": "string", "contentEncoding": "base64"}, _decode_base64, '"aGk=" (base64)'),
    type(None): NONE,
    datetime.datetime: Scalar(
        datetime.datetime,
        {"type": "string", "format": "date-time"},
        datetime.datetime.fromisoformat,
        '"2026-01-31T09:30:00+00:00"',
    ),
    datetime.date: Scalar(
        datetime.date, {"type": "string", "format": "date"}, datetime.date.fromisoformat, '"2026-01-31"'
    ),
    datetime.time: Scalar(
        datetime.time, {"type": "string", "format": "time"}, datetime.time.fromisoformat, '"09:30:00"'
    ),
    datetime.timedelta: Scalar(
        datetime.timedelta, {"type": "string", "format": "duration"}, _parse_duration, '"P1DT2H30M"'
    ),
    decimal.Decimal: _Decimal(
        decimal.Decimal, {"anyOf": [{"type": "string"}, {"type": "integer"}]}, decimal.Decimal, '"12.50"'
    ),
    uuid.UUID: Scalar(
        uuid.UUID, {"type": "string", "format": "uuid"}, uuid.UUID, '"12345678-1234-5678-1234-567812345678"'
    ),
}
