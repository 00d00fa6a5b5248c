"""What the policy judges while the program runs: attributes named by text, private attributes, format strings."""

import builtins
import dataclasses
import functools
import string
from collections.abc import Callable, Mapping
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest.transformer import FORMATTING, attribute_refusal

MODULE_NAME = "__main__"
_dataclass = dataclasses.dataclass


def read_attribute(target: Any, name: str) -> Any:
    """Return `target.name` where the policy allows it: the guard behind `$getattr`."""
    if name in FORMATTING:
        return _formatting(target, name)
    if not name.startswith("_") or name in policy.PUBLIC_UNDERSCORE_NAMES or _is_own(target):
        return getattr(target, name)
    raise AttributeError(f'attribute "{name}" of {type(target).__name__!r} is private')


def writable(target: Any) -> Any:
    """Return `target` if the program may set its private and special attributes: the guard behind `$write`."""
    if _is_own(target):
        return target
    raise AttributeError(f"attributes of {type(target).__name__!r} that begin with an underscore cannot be set")


def _is_own(target: Any) -> bool:
    """Say whether the program itself defined the class, function, or class of the instance."""
    kind = type(target)
    if isinstance(target, type):
        return bool(type.__getattribute__(target, "__module__") == MODULE_NAME)
    return kind.__module__ == MODULE_NAME


def _check_name(name: Any) -> str:
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
    name = _check_name(name)
    try:
        return _read_any(target, name)
    except AttributeError:
        if default is _MISSING:
            raise
        return default


def _read_any(target: Any, name: str) -> Any:
    return getattr(target, name) if name in policy.SPECIAL_NAMES else read_attribute(target, name)


def guarded_hasattr(target: Any, name: str, /) -> bool:
    """`hasattr` of programs."""
    return guarded_getattr(target, name, _MISSING_TOO) is not _MISSING_TOO


_MISSING_TOO: Any = object()


def guarded_setattr(target: Any, name: str, value: Any, /) -> None:
    """`setattr` of programs."""
    name = _check_name(name)
    setattr(writable(target) if name.startswith("_") else target, name, value)


def guarded_delattr(target: Any, name: str, /) -> None:
    """`delattr` of programs."""
    name = _check_name(name)
    delattr(writable(target) if name.startswith("_") else target, name)


def guarded_vars(target: Any, /) -> dict[str, Any]:
    """`vars` of programs: a copy of the attributes of an object whose class the program defined."""
    if isinstance(target, type) or not _is_own(target):
        raise TypeError("vars() needs an object whose class this program defines")
    return dict(builtins.vars(target))


def guarded_dir(target: Any, /) -> list[str]:
    """`dir` of programs: the names that they may use."""
    return [name for name in builtins.dir(target) if not name.startswith("_") or name in policy.SPECIAL_NAMES]


# -- format strings can walk attributes ("{0.__class__}"), so they are read by a formatter that asks first --------


class _Formatter(string.Formatter):
    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        first, rest = string._string.formatter_field_name_split(field_name)  # type: ignore[attr-defined] # noqa: SLF001
        value = self.get_value(first, args, kwargs)
        for is_attribute, key in rest:
            value = guarded_getattr(value, key) if is_attribute else value[key]
        return value, first

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        if isinstance(key, int):
            if key >= len(args):
                raise IndexError(f"Replacement index {key} out of range for positional args tuple")
            return args[key]
        return kwargs[key]


_FORMATTER = _Formatter()


def _formatting(target: Any, name: str) -> Any:
    if isinstance(target, str):
        return functools.partial(_format_map if name == "format_map" else _format, target)
    if isinstance(target, type) and issubclass(target, str):
        return _format_map if name == "format_map" else _format
    return getattr(target, name)


def _format(text: str, /, *args: Any, **kwargs: Any) -> str:
    return _FORMATTER.vformat(text, args, kwargs)


def _format_map(text: str, mapping: Mapping[str, Any], /) -> str:
    return _FORMATTER.vformat(text, (), mapping)


# -- library functions that take attribute names as text, or make code from names ---------------------------------


def attrgetter(*names: str) -> Callable[[Any], Any]:
    """`operator.attrgetter` of programs."""
    paths = [[_check_name(step) for step in str(name).split(".")] for name in names]
    if not paths:
        raise TypeError("attrgetter expected at least 1 argument, got 0")

    def get(target: Any) -> Any:
        values = tuple(functools.reduce(_read_any, path, target) for path in paths)
        return values if len(values) > 1 else values[0]

    return get


def methodcaller(name: str, /, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """`operator.methodcaller` of programs."""
    checked = _check_name(name)
    return lambda target: _read_any(target, checked)(*args, **kwargs)


def dataclass(cls: Any = None, /, **options: Any) -> Any:
    """`dataclasses.dataclass` of programs: it writes source from the field names, so they must be identifiers."""

    def decorate(decorated: Any) -> Any:
        for name in [*getattr(decorated, "__annotations__", {}), *builtins.vars(decorated)]:
            if type(name) is not str or not name.isidentifier():
                raise TypeError("field names of a dataclass must be identifiers")
        return _dataclass(decorated, **options)

    return decorate if cls is None else decorate(cls)


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
