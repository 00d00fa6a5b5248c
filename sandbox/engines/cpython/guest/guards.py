"""What the policy judges while the program runs: attributes named by text, private attributes, format strings."""

import builtins
import string
from collections.abc import Mapping
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest import interior, kinds
from sandbox.engines.cpython.guest.transformer import FORMATTING, PATTERN, attribute_refusal

MODULE_NAME = "__main__"


def read_attribute(target: Any, name: str) -> Any:
    """Return `target.name` where the policy allows it: the guard behind `$getattr`."""
    if name in FORMATTING:
        return _formatting(target, name)
    if not name.startswith("_") or name in policy.PUBLIC_UNDERSCORE_NAMES:
        return getattr(target, name)
    if name == "__class__":
        return kinds.shown(target.__class__)
    if is_own(target) and not _is_of_library(target, name):
        return getattr(target, name)
    raise AttributeError(f'attribute "{name}" of {type(target).__name__!r} is private')


def writable(target: Any) -> Any:
    """Return `target` if the program may set its private and special attributes: the guard behind `$write`."""
    if is_own(target):
        return target
    raise AttributeError(f"attributes of {type(target).__name__!r} that begin with an underscore cannot be set")


def is_own(target: Any) -> bool:
    """Say whether the program itself defined the class, function, or class of the instance."""
    kind = type(target)
    if isinstance(target, type):
        return bool(type.__getattribute__(target, "__module__") == MODULE_NAME)
    return kind.__module__ == MODULE_NAME


# Private names of the library that a class may use when it derives from the class that has them.
_OF_ENUMS = frozenset(
    {"_value_", "_name_", "_missing_", "_generate_next_value_", "_ignore_", "_order_", "_add_alias_"}
    | {"_add_value_alias_", "_sort_order_"}
)
_MRO = builtins.vars(type)["__mro__"]
_NOTHING: frozenset[str] = frozenset()
# By the number of a class, which is kept so that the number stays its own: the private names that it inherits.
_INHERITED: dict[int, tuple[type, frozenset[str]]] = {}


def _is_of_library(target: Any, name: str) -> bool:
    """Say whether a private attribute of an object of the program's is one that a class of a library brought in."""
    kind = target if isinstance(target, type) else type(target)
    known = _INHERITED.get(id(kind))
    if known is None:
        known = _INHERITED[id(kind)] = (kind, _private_of_libraries(kind))
    return name in known[1] and name not in builtins.vars(kind)


def _private_of_libraries(kind: type) -> frozenset[str]:
    names: set[str] = set()
    ways = [*_MRO.__get__(kind), *_MRO.__get__(type(kind))]
    for base in ways:
        if type.__getattribute__(base, "__module__") not in {MODULE_NAME, "builtins"}:
            names.update(name for name in type.__dict__["__dict__"].__get__(base) if name.startswith("_"))
    for base in ways:
        if type.__getattribute__(base, "__module__") == MODULE_NAME:
            names.difference_update(type.__dict__["__dict__"].__get__(base))
    return frozenset(names) - _OF_ENUMS - policy.SPECIAL_NAMES


def check_name(name: Any) -> str:
    """Return a name given as text, if a program may name it."""
    if type(name) is not str:
        if not isinstance(name, str):
            raise TypeError(f"attribute name must be string, not {type(name).__name__!r}")
        name = str.__str__(name)
    reason = attribute_refusal(name)
    if reason is not None:
        raise AttributeError(reason)
    return str(name)


_MISSING: Any = object()


def guarded_getattr(target: Any, name: str, default: Any = _MISSING, /) -> Any:
    """`getattr` of programs."""
    name = check_name(name)
    try:
        return read_any(target, name)
    except AttributeError:
        if default is _MISSING:
            raise
        return default


def read_any(target: Any, name: str) -> Any:
    """Return an attribute whose name was checked."""
    if name in policy.SPECIAL_NAMES and name != "__class__":
        return getattr(target, name)
    return read_attribute(target, name)


def guarded_hasattr(target: Any, name: str, /) -> bool:
    """`hasattr` of programs."""
    return guarded_getattr(target, name, _MISSING_TOO) is not _MISSING_TOO


_MISSING_TOO: Any = object()


def guarded_setattr(target: Any, name: str, value: Any, /) -> None:
    """`setattr` of programs."""
    name = check_name(name)
    setattr(writable(target) if name.startswith("_") else target, name, value)


def guarded_delattr(target: Any, name: str, /) -> None:
    """`delattr` of programs."""
    name = check_name(name)
    delattr(writable(target) if name.startswith("_") else target, name)


def guarded_vars(target: Any, /) -> dict[str, Any]:
    """`vars` of programs: a copy of the attributes of an object whose class the program defined."""
    if isinstance(target, type) or not is_own(target):
        raise TypeError("vars() needs an object whose class this program defines")
    return dict(builtins.vars(target))


def guarded_dir(target: Any, /) -> list[str]:
    """`dir` of programs: the names that they may use."""
    return [name for name in builtins.dir(target) if not name.startswith("_") or name in policy.SPECIAL_NAMES]


# -- format strings can walk attributes ("{0.__class__}"), so they are read by a formatter that asks first --------


def get_field(formatter: string.Formatter, field_name: str, args: Any, kwargs: Any) -> Any:
    """`string.Formatter.get_field`, for programs and for `str.format` of theirs."""
    first, rest = string._string.formatter_field_name_split(field_name)  # type: ignore[attr-defined] # noqa: SLF001
    value = formatter.get_value(first, args, kwargs)
    for is_attribute, key in rest:
        value = guarded_getattr(value, key) if is_attribute else value[key]
    return value, first


def get_value(_formatter: string.Formatter, key: int | str, args: Any, kwargs: Any) -> Any:
    """`string.Formatter.get_value`, with the message of `str.format`."""
    if isinstance(key, int):
        if key >= len(args):
            raise IndexError(f"Replacement index {key} out of range for positional args tuple")
        return args[key]
    return kwargs[key]


# `replaced.install` puts the two functions above into its class.
_FORMATTER = string.Formatter()


def _formatting(target: Any, name: str) -> Any:
    found = getattr(target, name)
    text = interior.receiver(found)
    form = _format_map if name == "format_map" else _format
    if isinstance(text, str):
        return lambda *args, **kwargs: form(text, *args, **kwargs)
    return form if found is _OF_STR[name] else found


_OF_STR = {name: getattr(str, name) for name in FORMATTING}


def _format(text: str, /, *args: Any, **kwargs: Any) -> str:
    return _FORMATTER.vformat(text, args, kwargs)


def _format_map(text: str, mapping: Mapping[str, Any], /) -> str:
    return _FORMATTER.vformat(text, (), mapping)


interior.close_formatting(_format, _format_map)


GUARDED: dict[str, Any] = {
    "delattr": guarded_delattr,
    "dir": guarded_dir,
    "getattr": guarded_getattr,
    "hasattr": guarded_hasattr,
    "setattr": guarded_setattr,
    "vars": guarded_vars,
}
for _name, _function in GUARDED.items():
    _function.__name__ = _function.__qualname__ = _name
GUARDED["type"] = kinds.Type
GUARDED[PATTERN] = kinds.pattern
