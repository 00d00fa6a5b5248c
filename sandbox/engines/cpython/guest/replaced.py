"""Library functions as programs get them: those that read attributes named by text, set attributes, or write source."""

import copy
import dataclasses
import functools
import types
import typing
from collections.abc import Callable
from typing import Any

from sandbox.engines.cpython.guest import kinds
from sandbox.engines.cpython.guest.guards import MODULE_NAME, check_name, is_own, read_any

_dataclass = dataclasses.dataclass
_fields = dataclasses.fields
_total_ordering = functools.total_ordering
_reconstruct = copy._reconstruct  # type: ignore[attr-defined] # noqa: SLF001
_get_origin = typing.get_origin
_ABSENT: Any = object()


def attrgetter(*names: str) -> Callable[[Any], Any]:
    """`operator.attrgetter` of programs."""
    paths = [[check_name(step) for step in str(name).split(".")] for name in names]
    if not paths:
        raise TypeError("attrgetter expected at least 1 argument, got 0")

    def get(target: Any) -> Any:
        values = tuple(functools.reduce(read_any, path, target) for path in paths)
        return values if len(values) > 1 else values[0]

    return get


def methodcaller(name: str, /, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """`operator.methodcaller` of programs."""
    checked = check_name(name)
    return lambda target: read_any(target, checked)(*args, **kwargs)


# -- functools ----------------------------------------------------------------------------------------------------


def wraps(wrapped: Any) -> Callable[[Any], Any]:
    """`functools.wraps` of programs: of a function of theirs, and with the attributes that it has by default."""

    def decorate(wrapper: Any) -> Any:
        if not (_is_own_function(wrapper) or is_own(wrapper) or type(wrapper) is functools.partial):
            raise TypeError("wraps() decorates a function that this program defines")
        if isinstance(wrapper, type):
            raise TypeError("wraps() decorates a function, not a class")
        for name in ("__name__", "__qualname__", "__doc__", "__type_params__", "__annotate__"):
            value = getattr(wrapped, name, _ABSENT)
            if value is not _ABSENT:
                setattr(wrapper, name, value)
        if type(wrapped) is types.FunctionType or (is_own(wrapped) and not isinstance(wrapped, type)):
            vars(wrapper).update(_public(wrapped))
        wrapper.__wrapped__ = wrapped
        return wrapper

    return decorate


def _public(wrapped: Any) -> dict[str, Any]:
    held = getattr(wrapped, "__dict__", {})
    return {name: value for name, value in held.items() if type(name) is str and name[:2] != "__"}


def _is_own_function(target: Any) -> bool:
    return type(target) is types.FunctionType and target.__module__ == MODULE_NAME


def total_ordering(cls: Any) -> Any:
    """`functools.total_ordering` of programs: for classes of theirs."""
    return _total_ordering(_own_class(cls))


class cached_property(functools.cached_property[Any]):  # noqa: N801 - the library's name
    """`functools.cached_property` of programs: it writes into the attributes of objects of theirs alone."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is not None and not is_own(instance):
            raise TypeError("cached_property works on objects whose class this program defines")
        return super().__get__(instance, owner)


def _own_class(cls: Any) -> Any:
    if not isinstance(cls, type) or not is_own(cls):
        raise TypeError("a class that this program defines is wanted")
    return cls


# -- dataclasses --------------------------------------------------------------------------------------------------


def dataclass(cls: Any = None, /, **options: Any) -> Any:
    """`dataclasses.dataclass` of programs: it writes source from the names of fields, inherited ones too.

    The names of its own fields are judged where they are set, see `interior`.
    """

    def decorate(decorated: Any) -> Any:
        _own_class(decorated)
        for base in type.mro(decorated)[1:]:
            _check_fields(getattr(base, "__dataclass_fields__", {}))
        return _dataclass(decorated, **options)

    return decorate if cls is None else decorate(cls)


def fields(class_or_instance: Any) -> tuple[dataclasses.Field[Any], ...]:
    """`dataclasses.fields` of programs, and of `asdict` and `astuple`."""
    _check_fields(getattr(class_or_instance, "__dataclass_fields__", {}))
    return _fields(class_or_instance)


def _check_fields(known: Any) -> None:
    if type(known) is not dict or any(
        type(field) is not dataclasses.Field or field.name != name for name, field in known.items()
    ):
        raise TypeError("these are no fields of a dataclass")


# -- copy, typing -------------------------------------------------------------------------------------------------


def _rebuild(x: Any, memo: Any, make: Callable[..., Any], args: Any, *state: Any, **options: Any) -> Any:
    """`copy._reconstruct`, which puts attributes into whatever comes out of `make`: let that be a copy."""

    def checked(*parts: Any) -> Any:
        made = make(*parts)
        if any(part is not None for part in state) and type(made) is not type(x):
            raise TypeError(f"a copy of {type(x).__name__!r} is of another type")
        return made

    return _reconstruct(x, memo, checked, args, *state, **options)


def get_origin(tp: Any) -> Any:
    """`typing.get_origin` of programs."""
    return kinds.shown(_get_origin(tp))


def install() -> None:
    """Put what the libraries use among themselves in its place."""
    copy._reconstruct = _rebuild  # type: ignore[attr-defined] # noqa: SLF001
    dataclasses.fields = fields


IN_MODULES: dict[str, dict[str, Any]] = {
    "dataclasses": {"dataclass": dataclass, "fields": fields},
    "functools": {"cached_property": cached_property, "total_ordering": total_ordering, "wraps": wraps},
    "operator": {"attrgetter": attrgetter, "methodcaller": methodcaller},
    "typing": {"get_origin": get_origin},
}
for _functions in IN_MODULES.values():
    for _name, _function in _functions.items():
        _function.__name__ = _function.__qualname__ = _name
