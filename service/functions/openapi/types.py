"""Schemas of a document -> types of the boundary: what a value is, not how long or how large it may be.

Bounds and patterns are left to the API, which knows them best: a pattern of a document, tried on a text of a
program's, could keep this process busy for ever.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.errors import ValueRejected
from sandbox.types import ANY, NONE, ValueType
from sandbox.types.annotations import group_of, union_of
from sandbox.types.attempts import once
from sandbox.types.choices import Choice
from sandbox.types.scalars import SCALARS
from sandbox.types.value_type import below, rejection, step_to
from service.functions.openapi.document import Document, Unusable
from service.functions.openapi.steps import Steps

_SCALARS = {
    "string": SCALARS[str],
    "integer": SCALARS[int],
    "number": SCALARS[float],
    "boolean": SCALARS[bool],
    "null": NONE,
}
# Most parameters are one of these.
_OPTIONAL: dict[ValueType, ValueType] = {one: union_of([one, NONE]) for one in _SCALARS.values() if one is not NONE}
_CHOICES = frozenset({str, int, bool, type(None)})
_MAX_MEMBERS = 20
_MAX_CHOICES = 50
_MAX_DEPTH = 40
# Where references meet again a type's text can double at each step, though its document is small.
_MAX_TEXT = 20_000
# Of a schema that is shown, with what its references stand for.
_SHOWN_NODES = 400
_SHOWN_DEPTH = 12
_SHOWN_TEXT = 500


class ObjectType(ValueType):
    """A JSON object; it is completed after it was made, because objects may contain each other."""

    text = "dict[str, Any]"
    # Not that its values have two forms: types of other members share its text, and a union keeps them apart by this.
    plain = False

    def __init__(self) -> None:
        self._fields: dict[str, ValueType] = {}
        self._required: frozenset[str] = frozenset()
        self._rest: ValueType | None = ANY

    def complete(self, fields: Mapping[str, ValueType], required: frozenset[str], rest: ValueType | None) -> None:
        """Set the members; `rest` is the type of all others, None when there are none."""
        self._fields, self._required, self._rest = dict(fields), required, rest

    def schema(self) -> dict[str, Any]:
        return {"type": "object"}

    def take(self, value: Any, *, host: bool) -> Any:
        return once(self, value, "host" if host else "guest", lambda: self._each(value, host=host))

    def read(self, value: Any) -> Any:
        return self.take(value, host=True)

    def _each(self, value: Any, *, host: bool) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.refuse(value)
        missing = [name for name in sorted(self._required) if name not in value]
        if missing:
            raise rejection(f"lacks {', '.join(missing)}")
        return {name: self._member(name, item, host=host) for name, item in value.items()}

    def _member(self, name: Any, item: Any, *, host: bool) -> Any:
        kind = self._fields.get(name, self._rest) if isinstance(name, str) else None
        try:
            if kind is None:
                raise rejection(f"is no member; members: {', '.join(self._fields) or 'none'}")
            return kind.take(item, host=host)
        except ValueRejected as error:
            raise below(step_to(name), error) from None


class Described(ValueType):
    """A type with the schema that the document has for it."""

    text = ""

    def __init__(self, kind: ValueType, schema: dict[str, Any]) -> None:
        self.text = kind.text
        self._kind = kind
        self._schema = schema

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return self._kind.plain

    def schema(self) -> dict[str, Any]:
        return self._schema

    def take(self, value: Any, *, host: bool) -> Any:
        return self._kind.take(value, host=host)

    def read(self, value: Any) -> Any:
        return self._kind.read(value)


class Types:
    """The types of one document's schemas."""

    def __init__(self, document: Document, steps: Steps) -> None:
        self._document = document
        self.steps = steps
        """What reading may cost from now on."""
        self._known: dict[str, ValueType] = {}
        self._open: set[str] = set()
        self._depth = 0

    def described(self, schema: Any, *, optional: bool = False, description: str = "") -> ValueType:
        """Return the type of a schema, which shows that schema; an optional one may be None as well.

        Raises:
            Unusable: a reference cannot be followed, or there are too many schemas.
        """
        kind = self.of(schema)
        copy = _Shown(self._document)
        shown = copy.of(schema, 0)
        self.steps.take(characters=len(kind.text), shown=copy.nodes)
        if description and isinstance(shown, dict):
            shown = {**shown, "description": description[:_SHOWN_TEXT]}
        return Described(_or_none(kind) if optional else kind, shown)

    def followed(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the schema that a schema refers to; itself where it refers to none.

        Raises:
            Unusable: a reference cannot be followed.
        """
        found = self._document.follow(schema)
        if not isinstance(found, dict):
            message = "a reference leads to no schema"
            raise Unusable(message)
        return found

    def of(self, schema: Any) -> ValueType:
        """Return the type of a schema; what cannot be said as a type is `Any`.

        Raises:
            Unusable: a reference cannot be followed, or there are too many schemas.
        """
        if not isinstance(schema, dict) or self._depth > _MAX_DEPTH:
            return ANY
        self._depth += 1
        try:
            kind = self._of_reference(schema["$ref"]) if "$ref" in schema else self._of(schema, None)
        finally:
            self._depth -= 1
        self.steps.take(schemas=1, characters=len(kind.text))
        if len(kind.text) > _MAX_TEXT:
            return ANY
        return _or_none(kind) if schema.get("nullable") is True else kind

    def _of_reference(self, reference: Any) -> ValueType:
        schema = self._document.at(reference)
        if reference in self._known:
            return self._known[reference]
        if reference in self._open or not isinstance(schema, dict):
            # A circle through something that is no object has no beginning.
            return ANY
        self._open.add(reference)
        try:
            kind = self.of(schema) if "$ref" in schema else self._of(schema, reference)
        finally:
            self._open.discard(reference)
        self._known[reference] = _or_none(kind) if schema.get("nullable") is True else kind
        return self._known[reference]

    def _of(self, schema: dict[str, Any], reference: str | None) -> ValueType:
        choices = [schema["const"]] if "const" in schema else schema.get("enum")
        if (
            isinstance(choices, list)
            and 0 < len(choices) <= _MAX_CHOICES
            and all(type(one) in _CHOICES for one in choices)
        ):
            return NONE if choices == [None] else Choice(tuple(choices))
        for word in ("oneOf", "anyOf"):
            if isinstance(schema.get(word), list):
                return self._union(schema[word])
        if isinstance(schema.get("allOf"), list):
            return self._of_all(schema, reference)
        return self._of_type(schema, reference)

    def _of_type(self, schema: dict[str, Any], reference: str | None) -> ValueType:
        name = schema.get("type", "object" if "properties" in schema else None)
        match name:
            case "array":
                return group_of(list, (self.of(schema.get("items", {})),))
            case "object":
                return self._object(schema, reference)
            case list():
                rest = {key: value for key, value in schema.items() if key != "nullable"}
                return self._union([{**rest, "type": one} for one in name if isinstance(one, str)])
            case str():
                return _SCALARS.get(name, ANY)
        return ANY

    def _union(self, schemas: list[Any]) -> ValueType:
        if not 0 < len(schemas) <= _MAX_MEMBERS:
            return ANY
        members = [self.of(schema) for schema in schemas]
        if any(_takes_none(member) for member in members if member is not NONE):
            members = [member for member in members if member is not NONE]
        return ANY if any(member is ANY for member in members) else union_of(members)

    def _of_all(self, schema: dict[str, Any], reference: str | None) -> ValueType:
        """Return the type of what several schemas say together; only those of objects can be put together."""
        parts = [{key: value for key, value in schema.items() if key != "allOf"}, *schema["allOf"][:_MAX_MEMBERS]]
        parts = [part for part in (self._document.follow(part) for part in parts) if isinstance(part, dict) and part]
        if len(parts) == 1:
            return self._of(parts[0], reference)
        merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in parts:
            if part.get("type", "object") != "object" or {"oneOf", "anyOf", "allOf", "enum"} & part.keys():
                return ANY
            merged["properties"].update(_mapping(part.get("properties")))
            merged["required"] += _names(part.get("required"))
        return self._object(merged, reference)

    def _object(self, schema: dict[str, Any], reference: str | None) -> ValueType:
        properties, rest = _mapping(schema.get("properties")), schema.get("additionalProperties", True)
        if not properties and isinstance(rest, dict):
            return group_of(dict, (SCALARS[str], self.of(rest)))
        kind = ObjectType()
        if reference is not None:
            self._known[reference] = kind
        kind.complete(
            {name: self.of(one) for name, one in properties.items()},
            frozenset(_names(schema.get("required"))),
            None if rest is False else self.of(rest),
        )
        return kind


class _Shown:
    """A schema with its references replaced by what they stand for, as far as it can be shown."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: set[str] = set()
        self._left = _SHOWN_NODES

    @property
    def nodes(self) -> int:
        """How many objects and lists it has."""
        return _SHOWN_NODES - max(0, self._left)

    def of(self, node: Any, depth: int) -> Any:
        if isinstance(node, str):
            return node[:_SHOWN_TEXT]
        if not isinstance(node, dict | list):
            return node
        self._left -= 1
        if self._left < 0 or depth > _SHOWN_DEPTH:
            return {} if isinstance(node, dict) else []
        if isinstance(node, list):
            return [self.of(one, depth + 1) for one in node if self._left > 0]
        if isinstance(node.get("$ref"), str):
            return self._of_reference(node["$ref"], depth)
        return {str(key): self.of(one, depth + 1) for key, one in node.items() if self._left > 0}

    def _of_reference(self, reference: str, depth: int) -> Any:
        if reference in self._open:
            return {}
        self._open.add(reference)
        try:
            return self.of(self._document.at(reference), depth + 1)
        finally:
            self._open.discard(reference)


def _or_none(kind: ValueType) -> ValueType:
    return _OPTIONAL.get(kind) or (kind if _takes_none(kind) else union_of([kind, NONE]))


def _takes_none(kind: ValueType) -> bool:
    return kind is ANY or "None" in kind.text.split(" | ")


def _mapping(node: Any) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def _names(node: Any) -> list[str]:
    return [one for one in node if isinstance(one, str)] if isinstance(node, list) else []
