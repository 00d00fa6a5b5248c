"""Types with named fields: dataclasses, TypedDicts and pydantic models. A guest sees a plain dictionary."""

import dataclasses
import decimal
import enum
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from sandbox import collisions, values
from sandbox.errors import ValueRejected
from sandbox.types.attempts import once
from sandbox.types.value_type import ValueType, article, below, rejection, shown_key, step_to

_MAX_MESSAGE = 1_000
_SHOWN_DEFAULTS = frozenset({bool, int, float, str})
# Shorter numbers have hashes of their own, or nearly.
_SHORT_BITS = 60
_SHORT_CHARACTERS = 15
_NUMBER_BEGINS = frozenset("+-.0123456789")


class Record(ValueType):
    """A type with fields; it is completed after it was made, because records may contain each other."""

    def __init__(self, kind: type, required: frozenset[str]) -> None:
        self.kind = kind
        self.required = required
        self.fields: dict[str, ValueType] = {}
        self._schema: dict[str, Any] = {"type": "object"}

    def complete(self, fields: Mapping[str, ValueType]) -> None:
        """Set the fields; a record that contains itself is only `object` in its own schema."""
        self.fields.update(fields)
        self._schema = {
            "type": "object",
            "title": self.kind.__name__,
            "properties": {name: field.schema() for name, field in fields.items()},
            "required": [name for name in fields if name in self.required],
            "additionalProperties": False,
        }

    @property
    def text(self) -> str:
        """As a guest sees it."""
        return "dict[str, Any]"

    def flyte_schema(self) -> dict[str, Any]:
        return _renamed(self._schema)

    @property
    def plain(self) -> bool:
        """The object on the host, a dictionary in the guest."""
        return False

    def schema(self) -> dict[str, Any]:
        return self._schema

    def take(self, value: Any, *, host: bool) -> Any:
        return once(self, value, "host" if host else "guest", lambda: self._take(value, host=host))

    def read(self, value: Any) -> Any:
        return once(self, value, "json", lambda: self._read(value))

    @abstractmethod
    def members_of(self, value: Any) -> Mapping[str, Any] | None:
        """Return name -> value of an object or a dictionary, None when it is neither."""

    @abstractmethod
    def build(self, members: dict[str, Any]) -> Any:
        """Return the object."""

    def _take(self, value: Any, *, host: bool) -> Any:
        members = self.members_of(value)
        if members is None:
            raise rejection(f"is {article(type(value).__name__)}, not {article(self.kind.__name__)}")
        self._check_names(members)
        converted = self._each(members, host=host)
        return self.build(converted) if host else converted

    def _read(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise rejection(f"is {article(type(value).__name__)}, not an object")
        self._check_names(value)
        converted: dict[str, Any] = {}
        for name, item in value.items():
            try:
                converted[name] = self.fields[name].read(item)
            except ValueRejected as error:
                raise below(step_to(name), error) from None
        return self.build(converted)

    def _check_names(self, members: Mapping[Any, Any]) -> None:
        missing = self.required - members.keys()
        if missing:
            raise rejection(f"lacks {', '.join(sorted(missing))} of {self.kind.__name__}")
        for name in members:
            if name not in self.fields:
                known = ", ".join(self.fields) or "none"
                raise rejection(f"has {shown_key(name)}, which is no field of {self.kind.__name__}; fields: {known}")

    def _each(self, members: Mapping[str, Any], *, host: bool) -> dict[str, Any]:
        converted: dict[str, Any] = {}
        for name, item in members.items():
            try:
                converted[name] = self.fields[name].take(item, host=host)
            except ValueRejected as error:
                raise below(step_to(name), error) from None
        return converted


class DataclassType(Record):
    """A dataclass."""

    flyte_tag = "Object-Dataclass-Transformer"

    def complete(self, fields: Mapping[str, ValueType]) -> None:
        super().complete(fields)
        for field in dataclasses.fields(self.kind):
            if field.default is None or type(field.default) in _SHOWN_DEFAULTS:
                properties = self._schema["properties"]
                properties[field.name] = {**properties[field.name], "default": field.default}

    def members_of(self, value: Any) -> Mapping[str, Any] | None:
        if isinstance(value, self.kind):
            return {name: getattr(value, name) for name in self.fields}
        return value if isinstance(value, dict) else None

    def build(self, members: dict[str, Any]) -> Any:
        return _construct(self.kind, members)


class TypedDictType(Record):
    """A TypedDict."""

    flyte_tag = "TypedDict"

    def flyte_schema(self) -> dict[str, Any]:
        return {**_renamed(self._schema), "dataclass": f"TypedDictWrapper_{self.kind.__name__}"}

    def members_of(self, value: Any) -> Mapping[str, Any] | None:
        return value if isinstance(value, dict) else None

    def build(self, members: dict[str, Any]) -> Any:
        return members


class ModelType(ValueType):
    """A pydantic model, which validates by its own rules."""

    text = "dict[str, Any]"
    plain = False

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self._kind.model_json_schema()
        return schema

    flyte_tag = "Pydantic Transformer"

    def flyte_schema(self) -> dict[str, Any]:
        return _renamed(self.schema())

    def take(self, value: Any, *, host: bool) -> Any:
        if not isinstance(value, dict | self._kind):
            raise rejection(f"is {article(type(value).__name__)}, not {article(self._kind.__name__)}")
        model = value if isinstance(value, self._kind) else self._validated(value)
        return model if host else values.decode(values.encode(_without_enums(model.model_dump())))

    def read(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise rejection(f"is {article(type(value).__name__)}, not an object")
        return self._validated(value)

    def _validated(self, value: dict[str, Any]) -> Any:
        from pydantic import ValidationError

        _check_hashes(value)
        try:
            return self._kind.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            path = "".join(step_to(step) for step in first["loc"])
            raise ValueRejected(path, f"does not fit {self._kind.__name__}: {_cut(first['msg'])}") from None


def _renamed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a record's schema as Flyte writes it: the title is called `dataclass`, more fields are not mentioned."""
    kept = {name: value for name, value in schema.items() if name not in ("title", "additionalProperties")}
    return {**kept, "dataclass": schema["title"]} if "title" in schema else kept


def is_model(kind: Any) -> bool:
    """Whether this is a pydantic model, without importing pydantic."""
    return isinstance(kind, type) and hasattr(kind, "__pydantic_validator__") and hasattr(kind, "model_validate")


def _without_enums(value: Any) -> Any:
    """Return a model's content with its enum members as their values: that is what a model reads them from."""
    match value:
        case enum.Enum():
            return value.value
        case dict():
            return {_without_enums(key): _without_enums(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return type(value)(_without_enums(item) for item in value)
    return value


def _check_hashes(value: Any) -> None:
    """Refuse numbers, or texts that a model may read as numbers, that would make a set or dictionary quadratic.

    Which of the lists and objects become sets and dictionaries of numbers is known to the model alone.
    """
    numbers = [number for number in map(_number, value) if number is not None]
    if len(numbers) > collisions.MAX_EQUAL_HASHES:
        try:
            _check_for_both(numbers)
        except ValueRejected:
            _check_for_both([*{values.encode(number): number for number in numbers}.values()])
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list | tuple):
            _check_hashes(item)


def _check_for_both(numbers: list[Any]) -> None:
    for of_dict in (False, True):
        collisions.check_hashes(numbers, "", of_dict=of_dict)


def _number(item: Any) -> int | decimal.Decimal | None:
    """Return the number that an item is or may be read as, when it is long enough to share its hash with others."""
    if isinstance(item, int):
        return int(item) if item.bit_length() > _SHORT_BITS else None
    if isinstance(item, decimal.Decimal):
        return item if item.is_finite() else None
    if not isinstance(item, str) or len(item) < _SHORT_CHARACTERS or item.lstrip()[:1] not in _NUMBER_BEGINS:
        return None
    try:
        number = decimal.Decimal(item)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _construct(kind: type, members: dict[str, Any]) -> Any:
    settable = {field.name for field in dataclasses.fields(kind) if field.init}
    try:
        return kind(**{name: item for name, item in members.items() if name in settable})
    except Exception as error:  # noqa: BLE001 - a dataclass may refuse its values in any way
        reason = f"is refused by {kind.__name__}: {type(error).__name__}: {_said(error)}"
    raise rejection(reason)


def _said(error: Exception) -> str:
    try:
        return _cut(str(error))
    except Exception:  # noqa: BLE001 - a key of the value may be a number that Python does not write
        return "(the exception's own __str__ failed)"


def _cut(message: str) -> str:
    return message if len(message) <= _MAX_MESSAGE else message[: _MAX_MESSAGE - 3] + "..."
