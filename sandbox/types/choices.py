"""Types that name alternatives: unions, literals, enums."""

import enum
import itertools
from collections.abc import Callable
from typing import Any

from sandbox.errors import ValueRejected
from sandbox.types.attempts import remembering
from sandbox.types.scalars import NONE, Scalar
from sandbox.types.value_type import ValueType, rejection, tagged

_SHOWN = 12
_ENUM = "DefaultEnumTransformer"
# What JSON writes in one way only.
_UNAMBIGUOUS = frozenset({int, float, bool, type(None)})


class Union(ValueType):
    """`A | B`. A value that fits several members is taken by the first that leaves it as it is."""

    text = ""

    def __init__(self, members: tuple[ValueType, ...]) -> None:
        self.text = " | ".join(member.text for member in members)
        self._members = members
        # Types of values that a member leaves as they are, and that no member before it makes anything else of.
        plain = itertools.takewhile(lambda member: member.plain, members)
        self._kept = frozenset(member.kind for member in plain if isinstance(member, Scalar))

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return all(member.plain for member in self._members)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [member.schema() for member in self._members]}

    def flyte_schema(self) -> dict[str, Any]:
        """Return the schema; where one member is left without None, it stands for both."""
        named = [member for member in self._members if member.text != NONE.text]
        if len(named) == 1:
            return named[0].flyte_schema()
        variants = [{**member.flyte_schema(), **tagged(member.flyte_tag)} for member in self._members]
        return {"oneOf": variants, "format": "union"}

    def take(self, value: Any, *, host: bool) -> Any:
        if type(value) in self._kept:
            return value
        with remembering():
            taken = self._fitting(value, lambda member: member.take(value, host=host))
            if len(taken) == 1:
                return taken[0][1]
            same = (one for member, one in taken if _same(one, value) or _same(member.take(one, host=False), value))
            return next(same, taken[0][1])

    def read(self, value: Any) -> Any:
        if type(value) in self._kept and type(value) in _UNAMBIGUOUS:
            return value
        with remembering():
            read = self._fitting(value, lambda member: member.read(value))
        # JSON writes many types as text or as an array, so that only for the rest the value itself decides.
        if isinstance(value, str | list):
            return read[0][1]
        return next((one for _, one in read if _same(one, value)), read[0][1])

    def _fitting(self, value: Any, convert: Callable[[ValueType], Any]) -> list[tuple[ValueType, Any]]:
        """Return the members that take the value, with what they make of it; there is at least one.

        Each member is asked once: unions in unions would multiply whatever more is asked of them.

        Raises:
            ValueRejected: none does; the one reason that goes deepest, because that member was meant.
        """
        fitting: list[tuple[ValueType, Any]] = []
        deepest = rejection("")
        for member in self._members:
            try:
                fitting.append((member, convert(member)))
            except ValueRejected as error:
                deepest = max(deepest, error, key=lambda one: len(one.path))
        if fitting:
            return fitting
        raise deepest if deepest.path else self.refuse(value)


class Choice(ValueType):
    """`Literal[...]`: one of some values."""

    text = ""

    def __init__(self, choices: tuple[Any, ...]) -> None:
        self.text = f"Literal[{', '.join(repr(_name(choice)) for choice in choices)}]"
        self._choices = choices
        self._found: dict[tuple[type, Any], Any] = {}
        for choice in choices:
            self._found.setdefault((type(choice), choice), choice)
            self._found.setdefault((type(_name(choice)), _name(choice)), choice)
        self._kinds = frozenset(kind for kind, _ in self._found)
        self._reason = f"is none of {_listed([_name(choice) for choice in choices])}"

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return not any(isinstance(choice, enum.Enum) for choice in self._choices)

    def schema(self) -> dict[str, Any]:
        return {"enum": [_name(choice) for choice in self._choices]}

    @property
    def flyte_tag(self) -> str:
        return _ENUM

    def flyte_schema(self) -> dict[str, Any]:
        texts = all(isinstance(_name(choice), str) for choice in self._choices)
        return {"type": "string", **self.schema()} if texts else self.schema()

    def take(self, value: Any, *, host: bool) -> Any:
        if type(value) not in self._kinds or (type(value), value) not in self._found:
            raise rejection(self._reason)
        choice = self._found[type(value), value]
        return choice if host else _name(choice)

    def read(self, value: Any) -> Any:
        return self.take(value, host=True)


class EnumType(ValueType):
    """An `Enum`: crosses as the member's name."""

    text = ""

    def __init__(self, kind: type[enum.Enum]) -> None:
        # As a guest sees it: the names.
        self.text = f"Literal[{', '.join(repr(name) for name in kind.__members__)}]"
        self._kind = kind

    @property
    def plain(self) -> bool:
        """The member on the host, its name in the guest."""
        return False

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [*self._kind.__members__]}

    @property
    def flyte_tag(self) -> str:
        return _ENUM

    def flyte_schema(self) -> dict[str, Any]:
        return self.schema()

    def take(self, value: Any, *, host: bool) -> Any:
        member = value if isinstance(value, self._kind) else None
        if member is None and type(value) is str:
            member = self._kind.__members__.get(value)
        if member is None:
            raise rejection(f"is no member of {self._kind.__name__}; members: {_listed([*self._kind.__members__])}")
        return member if host else member.name

    def read(self, value: Any) -> Any:
        return self.take(value, host=True)


def _name(choice: Any) -> Any:
    return choice.name if isinstance(choice, enum.Enum) else choice


def _listed(names: list[Any]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal and have the same types, in all their parts."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        pairs = zip(one.items(), other.items(), strict=False)
        return len(one) == len(other) and all(_same(mine, theirs) for mine, theirs in pairs)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(_same(mine, theirs) for mine, theirs in zip(one, other, strict=True))
    if isinstance(one, set | frozenset):
        types = [sorted(type(item).__name__ for item in items) for items in (one, other)]
        return bool(one == other) and types[0] == types[1]
    return bool(one == other) or one is other
