"""Whose a class is, and whose a private attribute is: the program's or a library's.

A class of the program may derive from one of a library. What the library's class brought in, and what its methods
keep in the object itself, stays private.
"""

import abc
import builtins
import functools
import types
import typing
from collections.abc import Iterator
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest import kinds

MODULE_NAME = "__main__"

# Private names of the library that a class may use when it derives from the class that has them.
_OF_ENUMS = frozenset(
    {"_value_", "_name_", "_missing_", "_generate_next_value_", "_ignore_", "_order_", "_add_alias_"}
    | {"_add_value_alias_", "_sort_order_"}
)
_MRO = builtins.vars(type)["__mro__"]
_DICT = builtins.vars(type)["__dict__"]
# By the number of a class, which is kept so that the number stays its own: the private names of its libraries.
_OF_LIBRARIES: dict[int, tuple[type, frozenset[str]]] = {}

# Classes of the program whose private attributes are read without a guard: compiled code asks whether the type is one
# of these before it calls the guard. Their metaclasses decide what they are equal to, so those are known ones.
PLAIN: set[type] = set()
_METACLASSES: tuple[type, ...] = (type, kinds.Type, abc.ABCMeta, type(typing.Protocol))
_BASES: tuple[Any, ...] = (abc.ABC, typing.Generic, typing.Protocol)


def is_own(target: Any) -> bool:
    """Say whether the program itself defined the class, function, or class of the instance."""
    kind = type(target)
    if isinstance(target, type):
        return _is_of_program(target)
    return kind.__module__ == MODULE_NAME


def is_of_library(target: Any, name: str) -> bool:
    """Say whether a private attribute of an object of the program's is one that a library brought in."""
    kind = target if isinstance(target, type) else type(target)
    known = _OF_LIBRARIES.get(id(kind))
    if known is None:
        known = _OF_LIBRARIES[id(kind)] = (kind, _private_of_libraries(kind))
        _enrol(kind)
    return name in known[1] and name not in builtins.vars(kind)


def forget() -> None:
    """Forget every class that was judged: another run of the program defines its own."""
    _OF_LIBRARIES.clear()
    PLAIN.clear()


def guarded_names() -> frozenset[str]:
    """Return the private names that are always guarded: those of the library's classes that plain ones may have."""
    return frozenset().union(*(_private_names(kind) for kind in (*_METACLASSES, *_BASES) if not _is_of_program(kind)))


def _is_of_program(kind: type) -> bool:
    return bool(type.__getattribute__(kind, "__module__") == MODULE_NAME)


def _enrol(kind: type) -> None:
    """Take a class among the plain ones, if all of it is the program's own or harmless."""
    if any(type(kind) is metaclass for metaclass in _METACLASSES) and all(
        _is_of_program(base) or base.__module__ == "builtins" or any(base is harmless for harmless in _BASES)
        for base in _MRO.__get__(kind)
    ):
        PLAIN.add(kind)


def _private_of_libraries(kind: type) -> frozenset[str]:
    names: set[str] = set()
    ways = [*_MRO.__get__(kind), *_MRO.__get__(type(kind))]
    for base in ways:
        if type.__getattribute__(base, "__module__") not in {MODULE_NAME, "builtins"}:
            names |= _private_names(base)
    for base in ways:
        if _is_of_program(base):
            names.difference_update(_DICT.__get__(base))
    return frozenset(names) - _OF_ENUMS - policy.SPECIAL_NAMES


def _private_names(kind: type) -> set[str]:
    """Return the private names that a class defines, and those that its methods use."""
    held = _DICT.__get__(kind)
    used = {name for value in held.values() for code in _codes(value) for name in _names_of(code)}
    return {name for name in used.union(held) if name.startswith("_")}


def _codes(value: Any) -> Iterator[types.CodeType]:
    """Yield the code of a function, and of those inside of a descriptor."""
    if isinstance(value, types.FunctionType):
        yield value.__code__
    elif isinstance(value, staticmethod | classmethod):
        yield from _codes(value.__func__)
    elif isinstance(value, property):
        for part in (value.fget, value.fset, value.fdel):
            yield from _codes(part)
    elif isinstance(value, functools.cached_property):
        yield from _codes(value.func)


def _names_of(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_of(constant)
