"""Python annotation -> type of the boundary; what cannot cross is refused here, when a template or function is made."""

import dataclasses
import enum
import inspect
import types
import typing
from typing import Any

from sandbox import values
from sandbox.errors import ValueRejected
from sandbox.types.choices import Choice, EnumType, Union
from sandbox.types.containers import Dictionary, FixedTuple, Sequence
from sandbox.types.handles import HANDLES
from sandbox.types.records import DataclassType, ModelType, Record, TypedDictType, is_model
from sandbox.types.scalars import ANY, NONE, SCALARS
from sandbox.types.value_type import ValueType

_ALLOWED = (
    "int, float, str, bool, bytes, None, Any, list, dict, tuple, set, frozenset, unions of these, datetime, date, "
    "time, timedelta, Decimal, UUID, Literal, Enum, File, Dir, DataFrame, dataclasses, TypedDicts and pydantic models"
)
# Types without parts.
_WHOLE: dict[type, ValueType] = {**SCALARS, **HANDLES}
_GROUPS: dict[Any, type] = {list: list, set: set, frozenset: frozenset, tuple: tuple, dict: dict}


def from_annotation(annotation: Any, *, where: str) -> ValueType:
    """Return the type that an annotation stands for; no annotation means `Any`.

    Args:
        where: whose annotation it is, as in `Sandboxed task input 'n'`.

    Raises:
        TypeError: values of this type cannot cross; the message lists what can.
    """
    return _Reader(where).read(annotation)


class _Reader:
    """Reads one annotation; remembers the records on the way, because they may contain themselves."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._records: dict[type, Record] = {}

    def read(self, annotation: Any) -> ValueType:
        if isinstance(annotation, ValueType):
            return annotation
        annotation = _bare(annotation)
        if annotation is Any or annotation is inspect.Parameter.empty:
            return ANY
        if annotation is None:
            return NONE
        origin = typing.get_origin(annotation)
        if origin is None:
            return self._read_class(annotation)
        if origin in (typing.Union, types.UnionType):
            return union_of([self.read(member) for member in typing.get_args(annotation)])
        if origin is typing.Literal:
            return Choice(tuple(self._checked(choice, annotation) for choice in typing.get_args(annotation)))
        return self._read_group(annotation, origin, typing.get_args(annotation))

    def _read_class(self, annotation: Any) -> ValueType:
        if not isinstance(annotation, type):
            raise self._unsupported(annotation)
        if annotation in _WHOLE:
            return _WHOLE[annotation]
        if annotation in _GROUPS:
            return group_of(annotation, ())
        if issubclass(annotation, enum.Enum) and not issubclass(annotation, enum.Flag):
            for member in annotation:
                self._checked(member.value, annotation)
            return EnumType(annotation)
        if is_model(annotation):
            return ModelType(annotation)
        if dataclasses.is_dataclass(annotation) or _is_typed_dict(annotation):
            return self._read_record(annotation)
        raise self._unsupported(annotation)

    def _read_group(self, annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> ValueType:
        kind = _GROUPS.get(origin)
        if kind is None:
            raise self._unsupported(annotation)
        if kind is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
            return FixedTuple(tuple(self.read(item) for item in arguments))
        return group_of(kind, tuple(self.read(item) for item in arguments if item is not Ellipsis))

    def _read_record(self, kind: type[Any]) -> ValueType:
        if kind in self._records:
            return self._records[kind]
        hints = self._hints(kind)
        record: Record
        if _is_typed_dict(kind):
            record = TypedDictType(kind, frozenset(kind.__required_keys__))
            names = [*hints]
        else:
            fields = dataclasses.fields(kind)
            required = [
                field.name
                for field in fields
                if field.init and field.default is field.default_factory is dataclasses.MISSING
            ]
            record = DataclassType(kind, frozenset(required))
            names = [field.name for field in fields]
        self._records[kind] = record
        record.complete({name: self.read(hints[name]) for name in names})
        return record

    def _hints(self, kind: Any) -> dict[str, Any]:
        try:
            return typing.get_type_hints(kind)
        except NameError as error:
            message = f"{self._where}: {kind.__name__} has an annotation that cannot be resolved: {error}"
            raise TypeError(message) from None

    def _checked(self, choice: Any, annotation: Any) -> Any:
        try:
            values.encode(choice)
        except ValueRejected as error:
            message = f"{self._where} has unsupported type {_shown(annotation)}: one of its values {error.reason}"
            raise TypeError(message) from None
        return choice

    def _unsupported(self, annotation: Any) -> TypeError:
        if isinstance(annotation, str):
            return TypeError(
                f"{self._where} must be a type, and is the text {annotation[:100]!r}: write it without quotes"
            )
        return TypeError(f"{self._where} has unsupported type {_shown(annotation)}; types that can cross: {_ALLOWED}")


def union_of(members: list[ValueType]) -> ValueType:
    """Return the union of types; one that stands there twice counts once."""
    distinct = {member.text if member.plain else id(member): member for member in reversed(members)}
    return members[0] if len(distinct) == 1 else Union(tuple(reversed(distinct.values())))


def group_of(kind: type, arguments: tuple[ValueType, ...]) -> ValueType:
    """Return a container's type; `Any` stands for arguments that are missing."""
    if kind is dict:
        return Dictionary(*(arguments or (ANY, ANY)))
    return Sequence(kind, *(arguments or (ANY,)), bare=not arguments)


def _bare(annotation: Any) -> Any:
    """Return what `Annotated`, `NewType`, `Required` and named aliases stand for."""
    while True:
        if typing.get_origin(annotation) in (
            typing.Annotated,
            typing.Required,
            typing.NotRequired,
        ):
            annotation = typing.get_args(annotation)[0]
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        elif hasattr(annotation, "__value__") and type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation


def _is_typed_dict(kind: type) -> bool:
    """Whether it is one, made by `typing` or by a backport of it."""
    return issubclass(kind, dict) and hasattr(kind, "__required_keys__") and hasattr(kind, "__total__")


def _shown(annotation: Any) -> str:
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return annotation.__qualname__
    return str(annotation)
