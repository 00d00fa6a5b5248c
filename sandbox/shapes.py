"""The fields of records in a line for whoever writes programs, from JSON schema: `{"id": int, "tags"?: list[str]}`."""

from collections.abc import Mapping
from typing import Any

MAX_CHARACTERS = 600
_MAX_LEVELS = 4
_MAX_SCHEMAS = 2_000
_MAX_CHOICES = 8
_NAMES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "array": "list",
    "object": "dict",
}
_MOMENTS = {"date": "date", "date-time": "datetime", "time": "time", "duration": "timedelta", "uuid": "UUID"}


def fields_of(schema: Mapping[str, Any], *, as_text: bool) -> str | None:
    """Return the fields of the records that a value has, at most `MAX_CHARACTERS` long; None when it has none.

    A `?` stands behind the name of a field that need not be given; deeper records are shown as `dict` where all of them
    would be too long.

    Args:
        as_text: whether dates, times and UUIDs are text, as in JSON, and not objects.
    """
    shown = ""
    for levels in range(_MAX_LEVELS, 0, -1):
        shown = _Shapes(as_text=as_text).shape(schema, levels, {})
        if "{" not in shown:
            return None
        if len(shown) <= MAX_CHARACTERS:
            return shown
    return f"{shown[:MAX_CHARACTERS]}..."


class _Shapes:
    """Schemas in words; of one that never ends, the beginning."""

    def __init__(self, *, as_text: bool) -> None:
        self._as_text = as_text
        self._left = _MAX_SCHEMAS

    def shape(self, schema: Any, levels: int, definitions: Mapping[str, Any]) -> str:
        self._left -= 1
        if self._left < 0 or not isinstance(schema, Mapping):
            return "Any"
        definitions = schema.get("$defs", definitions)
        if isinstance(named := schema.get("$ref"), str):
            meant = definitions.get(named.rpartition("/")[2])
            return self.shape(meant, levels - 1, definitions) if levels else "Any"
        if isinstance(choices := schema.get("anyOf") or schema.get("oneOf"), list):
            return " | ".join(dict.fromkeys(self.shape(one, levels, definitions) for one in choices))
        if isinstance(allowed := schema.get("enum"), list):
            return f"Literal[{', '.join(map(repr, allowed))}]" if len(allowed) <= _MAX_CHOICES else "str"
        return self._plain(schema, levels, definitions)

    def _plain(self, schema: Mapping[str, Any], levels: int, definitions: Mapping[str, Any]) -> str:
        kind, items, values = schema.get("type"), schema.get("items"), schema.get("additionalProperties")
        if isinstance(kind, list):
            return " | ".join(_NAMES.get(one, "Any") for one in kind)
        if kind == "array" and isinstance(items, Mapping):
            return f"list[{self.shape(items, levels, definitions)}]"
        if kind == "object" and schema.get("properties"):
            return self._record(schema, levels, definitions)
        if kind == "object" and isinstance(values, Mapping):
            return f"dict[str, {self.shape(values, levels, definitions)}]"
        if kind == "string" and not self._as_text:
            return _MOMENTS.get(str(schema.get("format")), "str")
        return _NAMES.get(str(kind), "Any")

    def _record(self, schema: Mapping[str, Any], levels: int, definitions: Mapping[str, Any]) -> str:
        if not levels:
            return "dict"
        required = schema.get("required", ())
        fields = [
            f'"{name}"{"" if name in required else "?"}: {self.shape(kind, levels - 1, definitions)}'
            for name, kind in schema["properties"].items()
        ]
        return f"{{{', '.join(fields)}}}"
