"""Types that name alternatives: unions, literals, enums."""

import enum
from typing import Any

from sandbox.errors import ValueRejected
from sandbox.types.value_type import ValueType, rejection

_SHOWN = 12
_CONTAINERS = (list, tuple, set, frozenset)


class Union(ValueType):
    """`A | B`. A value that fits several members is taken by the first that leaves it as it is."""

    def __init__(self, members: tuple[ValueType, ...]) -> None:
        self._members = members

    @property
    def text(self) -> str:
        """As Python writes it."""
        return " | ".join(member.text for member in self._members)

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return all(member.plain for member in self._members)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [member.schema() for member in self._members]}

    def take(self, value: Any, *, host: bool) -> Any:
        taken = [(member, one) for member in self._members for one in _attempt(lambda: member.take(value, host=host))]  # noqa: B023 - called at once
        if not taken:
            raise self._refuse_all(value)
        same = (one for member, one in taken if _same(one, value) or _same(member.take(one, host=False), value))
        return next(same, taken[0][1])

    def read(self, value: Any) -> Any:
        read = [one for member in self._members for one in _attempt(lambda: member.read(value))]  # noqa: B023 - called at once
        if not read:
            raise self._refuse_all(value)
        # JSON writes many types as text or as an array, so that only for the rest the value itself decides.
        if isinstance(value, str | list):
            return read[0]
        return next((one for one in read if _same(one, value)), read[0])

    def _refuse_all(self, value: Any) -> ValueRejected:
        """Return the one reason that goes deepest: that member was meant."""
        errors = [error for member in self._members for error in _refusal(member, value)]
        deepest = max(errors, key=lambda error: len(error.path), default=None)
        return deepest if deepest is not None and deepest.path else self.refuse(value)


class Choice(ValueType):
    """`Literal[...]`: one of some values."""

    def __init__(self, choices: tuple[Any, ...]) -> None:
        self._choices = choices

    @property
    def text(self) -> str:
        """As Python writes it."""
        return f"Literal[{', '.join(repr(_name(choice)) for choice in self._choices)}]"

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return not any(isinstance(choice, enum.Enum) for choice in self._choices)

    def schema(self) -> dict[str, Any]:
        return {"enum": [_name(choice) for choice in self._choices]}

    def take(self, value: Any, *, host: bool) -> Any:
        for choice in self._choices:
            if _same(choice, value) or (isinstance(choice, enum.Enum) and _same(choice.name, value)):
                return choice if host else _name(choice)
        raise rejection(f"is none of {_listed([_name(choice) for choice in self._choices])}")

    def read(self, value: Any) -> Any:
        return self.take(value, host=True)


class EnumType(ValueType):
    """An `Enum`: crosses as the member's name."""

    def __init__(self, kind: type[enum.Enum]) -> None:
        self._kind = kind

    @property
    def text(self) -> str:
        """As a guest sees it: the names."""
        return f"Literal[{', '.join(repr(name) for name in self._kind.__members__)}]"

    @property
    def plain(self) -> bool:
        """The member on the host, its name in the guest."""
        return False

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [*self._kind.__members__]}

    def take(self, value: Any, *, host: bool) -> Any:
        member = value if isinstance(value, self._kind) else None
        if member is None and type(value) is str:
            member = self._kind.__members__.get(value)
        if member is None:
            raise rejection(f"is no member of {self._kind.__name__}; members: {_listed([*self._kind.__members__])}")
        return member if host else member.name

    def read(self, value: Any) -> Any:
        return self.take(value, host=True)


def _attempt(convert: Any) -> list[Any]:
    try:
        return [convert()]
    except ValueRejected:
        return []


def _refusal(member: ValueType, value: Any) -> list[ValueRejected]:
    try:
        member.take(value, host=False)
    except ValueRejected as error:
        return [error]
    return []


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
