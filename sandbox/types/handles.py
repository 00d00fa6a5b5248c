"""Types of what stands elsewhere: files, directories and tables."""

import dataclasses
from typing import Any

from sandbox.handles import KINDS, DataFrame
from sandbox.types.value_type import ValueType, article, blob_schema, rejection


class HandleType(ValueType):
    """`File`, `Dir` or `DataFrame`: the same object on the host, and what stands for it in the guest."""

    text = ""

    def __init__(self, kind: type[Any]) -> None:
        self.text = kind.__name__
        self._kind = kind
        names = [field.name for field in dataclasses.fields(kind)]
        self._fields = {("uri" if name == "path" else name): name for name in names}

    @property
    def flyte_tag(self) -> str:
        return "DataFrame Transformer" if self._kind is DataFrame else self.text

    def flyte_schema(self) -> dict[str, Any]:
        if self._kind is DataFrame:
            properties = {"uri": {"type": "string"}, "format": {"type": "string"}}
            return {"type": "object", "format": "structured-dataset", "properties": properties}
        return blob_schema(self._kind.dimensionality)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "title": self.text,
            "properties": {name: {"type": "string"} for name in self._fields},
            "required": ["uri"],
            "additionalProperties": False,
        }

    def take(self, value: Any, *, host: bool) -> Any:  # noqa: ARG002 - one form
        if type(value) is self._kind:
            return value
        raise self.refuse(value)

    def read(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise rejection(f"is {article(type(value).__name__)}, not an object")
        unknown = [name for name in value if name not in self._fields]
        if unknown or "uri" not in value:
            raise rejection(f"does not describe a {self.text}; fields: {', '.join(self._fields)}")
        try:
            return self._kind(**{self._fields[name]: item for name, item in value.items()})
        except (TypeError, ValueError):
            raise rejection(f"does not describe a {self.text}: each of its fields is a text") from None


HANDLES: dict[type, ValueType] = {kind: HandleType(kind) for kind in KINDS.values()}
