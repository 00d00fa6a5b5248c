"""What a program sees of files, directories and tables: that they are there.

What the host signed stays in a table of this module; a handle knows its place in it. Whatever a program makes of a
handle, it names no other than those that it was given.
"""

from typing import Any

from sandbox import values
from sandbox.errors import ValueRejected

_HELD: list[tuple[str, str, str]] = []
_PLACES: dict[tuple[str, str, str], int] = {}


class _Handle:
    """Something that is held, passed and returned."""

    __slots__ = ("_place",)

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Any:
        raise TypeError(f"a program cannot make a {cls.__name__}: inputs and functions give them")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if cls.__module__ != __name__:
            raise TypeError("a program cannot derive from a handle")
        super().__init_subclass__(**kwargs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Handle) and _place_of(self) == _place_of(other)

    def __hash__(self) -> int:
        return hash(_place_of(self))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, _memo: Any) -> Any:
        return self


class File(_Handle):
    """A file that stands elsewhere."""

    __slots__ = ()


class Dir(_Handle):
    """A directory that stands elsewhere."""

    __slots__ = ()


class DataFrame(_Handle):
    """A table that stands elsewhere."""

    __slots__ = ()


_KINDS: dict[str, type[_Handle]] = {kind.__name__: kind for kind in (File, Dir, DataFrame)}


def forget() -> None:
    """Forget every handle that was given: another run begins, and has its own."""
    _HELD.clear()
    _PLACES.clear()


def _place_of(handle: object) -> int:
    """Return where the handle stands in the table; -1 for one that was never given."""
    place = getattr(handle, "_place", -1)
    return place if type(place) is int and 0 <= place < len(_HELD) else -1


def _lower(handle: Any) -> Any:
    place = _place_of(handle)
    if place < 0:
        raise ValueRejected("$", "is a handle that was never given")
    return list(_HELD[place])


def _lift(content: Any) -> Any:
    kind, told, signature = content
    held = (kind, told, signature)
    if held not in _PLACES:
        _PLACES[held] = len(_HELD)
        _HELD.append(held)
    handle = object.__new__(_KINDS[kind])
    object.__setattr__(handle, "_place", _PLACES[held])
    return handle


values.offer("$handle", _KINDS.values(), _lower, _lift)
