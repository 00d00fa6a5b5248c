"""What the policy judges while the program runs: attributes named by text, private attributes, format strings."""

import builtins
import string
import types
from collections.abc import Mapping
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest import interior, kinds, packages, statics
from sandbox.engines.cpython.guest.attributes import (
    FOLLOWING,
    FORMATTING,
    GUARDED_NAMES,
    attribute_refusal,
    is_harmless_text,
)
from sandbox.engines.cpython.guest.owners import MODULE_NAME, is_of_library, is_own
from sandbox.engines.cpython.guest.transformer import PATTERN


def read_attribute(target: Any, name: str) -> Any:
    """Return `target.name` where the policy allows it: the guard behind `$getattr`."""
    if name in GUARDED_NAMES:
        return _judged(shut(target), name)
    if not name.startswith("_") or name in policy.PUBLIC_UNDERSCORE_NAMES:
        return getattr(target, name)
    if name == "__class__":
        return kinds.shown(target.__class__)
    if is_own(target) and not is_of_library(target, name):
        return getattr(target, name)
    raise AttributeError(f'attribute "{name}" of {_kind(target)} is private')


def shut(target: Any) -> Any:
    """Return `target`, unless it is a module that is no facade: the guard behind `$shut`."""
    if type(target) in packages.MODULE_TYPES:
        raise AttributeError(f"module {statics.name_of_module(target)!r} of a package is not for programs")
    return target


def _kind(target: Any) -> str:
    return f"module {statics.name_of_module(target)!r}" if statics.is_module(target) else repr(type(target).__name__)


def _judged(target: Any, name: str) -> Any:
    if name in FOLLOWING:
        return _following(target, name)
    return _shown_order(target) if name == "mro" else _formatting(target, name)


def writable(target: Any, name: str) -> Any:
    """Return `target` if the program may set its private or special attribute: the guard behind `$write`."""
    if is_own(target) and not (name not in policy.SPECIAL_NAMES and is_of_library(target, name)):
        return target
    raise AttributeError(f'attribute "{name}" of {_kind(target)} cannot be set')


def _shown_order(target: Any) -> Any:
    """`C.mro` of programs: its result holds types as they may see them."""
    found = target.mro
    return (lambda *args: list(map(kinds.shown, found(*args)))) if type(found) in _ORDERING else found


# Also when it is found by `super` or an alias, which are no types.
_ORDERING = (types.BuiltinMethodType, types.MethodDescriptorType)


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
    shut(target)
    if name in policy.SPECIAL_NAMES and name not in GUARDED_NAMES and name != "__class__":
        return getattr(target, name)
    return read_attribute(target, name)


def guarded_hasattr(target: Any, name: str, /) -> bool:
    """`hasattr` of programs."""
    return guarded_getattr(target, name, _MISSING_TOO) is not _MISSING_TOO


_MISSING_TOO: Any = object()


def guarded_setattr(target: Any, name: str, value: Any, /) -> None:
    """`setattr` of programs."""
    name = check_name(name)
    shut(target)
    setattr(writable(target, name) if name.startswith("_") else target, name, value)


def guarded_delattr(target: Any, name: str, /) -> None:
    """`delattr` of programs."""
    name = check_name(name)
    shut(target)
    delattr(writable(target, name) if name.startswith("_") else target, name)


def guarded_vars(target: Any, /) -> dict[str, Any]:
    """`vars` of programs: a copy of the attributes of an object whose class the program defined."""
    if isinstance(target, type) or not is_own(target):
        raise TypeError("vars() needs an object whose class this program defines")
    held = builtins.vars(target)
    return {name: value for name, value in held.items() if name[:1] != "_" or not is_of_library(target, name)}


def guarded_dir(target: Any, /) -> list[str]:
    """`dir` of programs: the names that they may use."""
    return [name for name in builtins.dir(shut(target)) if not name.startswith("_") or name in policy.SPECIAL_NAMES]


# -- `object.__setattr__` and its like follow a name given as text, and ask nobody -----------------------------------


_FUNCTIONS_OF_LIBRARY = (types.FunctionType, types.WrapperDescriptorType)
_METHODS_OF_LIBRARY = (types.MethodType, types.MethodWrapperType)


def _following(target: Any, name: str) -> Any:
    """Return a method that reads or sets the attribute that a text names; the library's own asks the policy first."""
    found = getattr(target, name)
    if type(found) not in _FUNCTIONS_OF_LIBRARY + _METHODS_OF_LIBRARY or _is_of_program(found):
        return found
    receiver = (found.__self__,) if type(found) in _METHODS_OF_LIBRARY else ()

    def asking(*args: Any) -> Any:
        given = (*receiver, *args)
        if len(given) < 2:
            raise TypeError(f"{name} expects the name of an attribute")
        owner, attribute = given[0], check_name(given[1])
        if name == "__getattr__" and (attribute.startswith("_") or attribute in GUARDED_NAMES):
            raise AttributeError(f'attribute "{attribute}" is not found by its text')
        if name != "__getattr__":
            _check_writing(owner, attribute)
        return found(*given[len(receiver) : 1], attribute, *given[2:])

    return asking


def _check_writing(owner: Any, attribute: str) -> None:
    if issubclass(type(owner), types.ModuleType):
        raise AttributeError("a module cannot be changed")  # noqa: TRY004 - what setting one raises
    if attribute.startswith("_"):
        writable(owner, attribute)


def _is_of_program(found: Any) -> bool:
    function = getattr(found, "__func__", found)
    return type(function) is types.FunctionType and function.__module__ == MODULE_NAME


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


# Texts that compiled code formats without a guard, see `_formatting`.
TEXTS: set[str] = set()
_MOST_TEXTS, _LONGEST_TEXT = 256, 1_000


def _formatting(target: Any, name: str) -> Any:
    found = getattr(target, name)
    if type(target) is str and (target in TEXTS or _enrol(target)):
        return found
    text = interior.receiver(found)
    form = _format_map if name == "format_map" else _format
    if isinstance(text, str):
        return lambda *args, **kwargs: form(text, *args, **kwargs)
    return form if found is _OF_STR[name] else found


def _enrol(text: str) -> bool:
    """Take a text among those that read no attribute but public ones, if it is one."""
    if len(TEXTS) == _MOST_TEXTS or len(text) > _LONGEST_TEXT or not is_harmless_text(text):
        return False
    TEXTS.add(text)
    return True


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
