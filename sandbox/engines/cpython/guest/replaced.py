"""Library functions as programs get them: those that read attributes named by text, set attributes, or write source."""

import configparser
import contextlib
import copy
import dataclasses
import functools
import math
import queue
import reprlib
import string
import sys
import threading
import types
import typing
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.engines.cpython.guest import kinds
from sandbox.engines.cpython.guest.guards import check_name, get_field, get_value, read_any, writable
from sandbox.engines.cpython.guest.loop import sleep_blocking
from sandbox.engines.cpython.guest.owners import MODULE_NAME, is_own

_dataclass = dataclasses.dataclass
_fields = dataclasses.fields
_make_dataclass = dataclasses.make_dataclass
_total_ordering = functools.total_ordering
_singledispatch = functools.singledispatch
_cached_property = functools.cached_property
_reconstruct = copy._reconstruct  # type: ignore[attr-defined] # noqa: SLF001
_get_origin = typing.get_origin
_get_type_hints = typing.get_type_hints
_catch_warnings = warnings.catch_warnings
_acosh = math.acosh
_name_of_class = vars(type)["__name__"]
_set_converter: Any = configparser.ConverterMapping.__setitem__
_delete_converter: Any = configparser.ConverterMapping.__delitem__
_ABSENT: Any = object()
_FIELDS = "__dataclass_fields__"


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


def acosh(x: Any, /) -> float:
    """`math.acosh` of programs: that of musl gives a number for what lies between -2**26 and -1."""
    number = math.ldexp(x, 0)
    if number < 1:
        raise ValueError(f"expected argument value not less than 1, got {number!r}")
    return _acosh(number)


# -- functools ----------------------------------------------------------------------------------------------------


def wraps(wrapped: Any) -> Callable[[Any], Any]:
    """`functools.wraps` of programs: of a function of theirs, and with the attributes that it has by default."""
    return lambda wrapper: update_wrapper(wrapper, wrapped)


def update_wrapper(wrapper: Any, wrapped: Any) -> Any:
    """`functools.update_wrapper` of programs."""
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


def _public(wrapped: Any) -> dict[str, Any]:
    held = getattr(wrapped, "__dict__", {})
    return {name: value for name, value in held.items() if type(name) is str and name[:2] != "__"}


def _is_own_function(target: Any) -> bool:
    return type(target) is types.FunctionType and target.__module__ == MODULE_NAME


def singledispatch(func: Any) -> Any:
    """`functools.singledispatch` of programs: it copies the attributes of what it is given, so of their functions."""
    if not _is_own_function(func):
        raise TypeError("singledispatch() decorates a function that this program defines")
    return _singledispatch(func)


def total_ordering(cls: Any) -> Any:
    """`functools.total_ordering` of programs: for classes of theirs."""
    return _total_ordering(_own_class(cls))


class cached_property(functools.cached_property[Any]):  # noqa: N801 - the library's name
    """`functools.cached_property` of programs: it writes attributes of theirs alone, of objects of theirs alone."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        if not is_own(instance):
            raise TypeError("cached_property works on objects whose class this program defines")
        # The name is read once: a program's subclass may give another one each time.
        judged = _cached_property(self.func)
        judged.attrname = name = self.attrname
        if name is not None:
            if type(name) is not str:
                raise TypeError("the name of a cached_property is text")
            writable(instance, name)
        return judged.__get__(instance, owner)


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


def make_dataclass(
    cls_name: str, fields: Any, *, bases: tuple[type, ...] = (), namespace: Any = None, **options: Any
) -> Any:
    """`dataclasses.make_dataclass` of programs: the names are those that a class statement could have."""
    listed = [*fields]
    names = [item if isinstance(item, str) else item[0] for item in listed]
    held = dict(namespace or {})
    kinds.check_namespace({**held, **dict.fromkeys(names)})
    options.update(module=MODULE_NAME, decorator=dataclass)
    return _make_dataclass(cls_name, listed, bases=bases, namespace=held, **options)


def fields(class_or_instance: Any) -> tuple[dataclasses.Field[Any], ...]:
    """`dataclasses.fields` of programs, and of `asdict` and `astuple`."""
    _check_fields(getattr(class_or_instance, "__dataclass_fields__", {}))
    return _fields(class_or_instance)


def _check_fields(known: Any) -> None:
    _checked_fields(known)


def _checked_fields(known: Any) -> dict[str, Any]:
    copied = dict(known) if type(known) in (dict, types.MappingProxyType) else {"": None}
    if any(type(field) is not dataclasses.Field or field.name != name for name, field in copied.items()):
        raise TypeError("these are no fields of a dataclass")
    return copied


def _getattr(target: Any, name: str, *default: Any) -> Any:
    """`getattr` of `dataclasses`: fields become source text, and a class may answer as it likes."""
    found = getattr(target, name, *default)
    return found if name != _FIELDS or found is None else _checked_fields(found)


def _setattr(target: Any, name: str, value: Any) -> None:
    """`setattr` of `dataclasses`: a metaclass of the program sees nothing that source text is made of."""
    if name == _FIELDS:
        type.__setattr__(target, name, types.MappingProxyType(dict(value)))
    else:
        setattr(target, name, value)


# -- copy, typing, contextlib, warnings, threading ----------------------------------------------------------------


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


def get_type_hints(obj: Any, globalns: Any = None, localns: Any = None, include_extras: bool = False) -> Any:  # noqa: ARG001, FBT001, FBT002 - the library's signature
    """`typing.get_type_hints` of programs: annotations that are text are refused, because nothing evaluates them."""
    if not (is_own(obj) or _is_own_function(obj)):
        raise TypeError("get_type_hints() reads classes and functions that this program defines")
    return {name: kinds.shown(hint) for name, hint in _get_type_hints(obj, include_extras=include_extras).items()}


def get_original_bases(cls: type, /) -> tuple[Any, ...]:
    """`types.get_original_bases` of programs."""
    return tuple(map(kinds.shown, types.get_original_bases(cls)))  # type: ignore[attr-defined] # Python 3.12


@contextlib.contextmanager
def redirect_stdout(new_target: Any) -> Iterator[Any]:
    """`contextlib.redirect_stdout` of programs: no subclass of it decides what of `sys` is set."""
    before, sys.stdout = sys.stdout, new_target
    try:
        yield new_target
    finally:
        sys.stdout = before


@contextlib.contextmanager
def catch_warnings(*, record: bool = False, category: Any = Warning, action: Any = None) -> Iterator[Any]:
    """`warnings.catch_warnings` of programs: it sets attributes of the module of warnings, and of no other object."""
    with _catch_warnings(record=record) as recorded:
        if action is not None:
            warnings.simplefilter(action, category)
        yield recorded


def _wait(_self: threading.Condition, timeout: float | None = None) -> bool:
    """`threading.Condition.wait`, on which queues stand: there is no other thread that could end the waiting."""
    if timeout is None:
        raise RuntimeError("nothing can end this wait: there are no threads; asyncio.Queue waits for other tasks")
    sleep_blocking(max(0, timeout))
    return False


# -- reprlib: a method is read whose name is "repr_" + that of a class, which its metaclass gives -------------------


def _repr_by_name(self: Any, x: Any, level: int) -> Any:
    """`reprlib.Repr.repr1`."""
    kind = type(x)
    name = str.__str__(_name_of_class.__get__(kind)).replace(" ", "_")
    method = getattr(self, f"repr_{name}", None)
    if method and self._lookup.get(name, kind.__module__) == kind.__module__:
        return method(x, level)
    return self.repr_instance(x, level)


# -- configparser: attributes are read, set and deleted whose names are "get" + a text, which adds as its class says --


def _getter(name: Any) -> str:
    if type(name) is not str:
        raise TypeError(f"the name of a converter must be a text, not {type(name).__name__!r}")
    return f"get{name}"


def _make_section(self: Any, parser: Any, name: Any) -> None:
    """`configparser.SectionProxy.__init__`."""
    self._parser, self._name = parser, name
    for converter in parser.converters:
        getter = _getter(converter)
        setattr(self, getter, functools.partial(self.get, _impl=getattr(parser, getter)))


def _add_converter(self: Any, key: Any, value: Any) -> None:
    """`configparser.ConverterMapping.__setitem__`."""
    _getter(key)
    _set_converter(self, key, value)


def _remove_converter(self: Any, key: Any) -> None:
    """`configparser.ConverterMapping.__delitem__`."""
    _getter(key)
    _delete_converter(self, key)


def install() -> None:
    """Put what the libraries use among themselves in its place."""
    copy._reconstruct = _rebuild  # type: ignore[attr-defined] # noqa: SLF001
    dataclasses.fields = fields
    formatter: Any = string.Formatter
    formatter.get_field, formatter.get_value = get_field, get_value
    condition: Any = threading.Condition
    condition.wait = _wait
    library: Any = dataclasses
    library.getattr, library.setattr = _getattr, _setattr
    shortened: Any = reprlib.Repr
    shortened.repr1 = _repr_by_name
    section: Any = configparser.SectionProxy
    section.__init__ = _make_section
    converters: Any = configparser.ConverterMapping
    converters.__setitem__, converters.__delitem__ = _add_converter, _remove_converter


IN_MODULES: dict[str, dict[str, Any]] = {
    "contextlib": {"redirect_stdout": redirect_stdout},
    "dataclasses": {"dataclass": dataclass, "fields": fields, "make_dataclass": make_dataclass},
    "functools": {
        "cached_property": cached_property, "singledispatch": singledispatch, "total_ordering": total_ordering,
        "update_wrapper": update_wrapper, "wraps": wraps,
    },
    "math": {"acosh": acosh},
    "operator": {"attrgetter": attrgetter, "methodcaller": methodcaller},
    # The one in C waits where nothing can interrupt it.
    "queue": {"SimpleQueue": queue._PySimpleQueue},  # type: ignore[attr-defined] # noqa: SLF001
    "types": {"get_original_bases": get_original_bases},
    "typing": {"get_origin": get_origin, "get_type_hints": get_type_hints},
    "warnings": {"catch_warnings": catch_warnings},
}  # fmt: skip
for _functions in IN_MODULES.values():
    for _name, _function in _functions.items():
        _function.__name__ = _function.__qualname__ = _name
