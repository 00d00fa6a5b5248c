"""Reads objects of a program without running any of its code: no `__getattr__`, property, `__dir__` or `__eq__` of its.

What is read is bounded, so that a report costs little whatever the program made.
"""

import inspect
import types
from typing import Any

from sandbox.engines.cpython.guest import interior

MOST_NAMES = 500
_LONGEST_NAME = 100
_MRO = vars(type)["__mro__"]
_NAME = vars(type)["__name__"]
_DICT_OF_TYPE = vars(type)["__dict__"]
_DICT_OF_MODULE = vars(types.ModuleType)["__dict__"]
_DICT_OF_ERROR = vars(BaseException)["__dict__"]


def name_of(kind: type) -> str:
    """Return a class's name, whatever its metaclass says."""
    return str.__str__(_NAME.__get__(kind))


def is_a(target: Any, kinds: Any) -> bool:
    """Say whether an object is an instance of built-in types, whatever it says of its class."""
    return issubclass(type(target), kinds)


def member(error: BaseException, kind: type, name: str) -> Any:
    """Return what a built-in exception type keeps under a name, whatever a subclass put over it."""
    return vars(kind)[name].__get__(error)


def held(error: BaseException, name: str) -> Any:
    """Return an attribute that was set on an exception; None when there is none."""
    return item(_DICT_OF_ERROR.__get__(error), name)


def item(mapping: dict[Any, Any], key: Any) -> Any:
    """Return a dictionary's value for a text or a number; None when it is not found in time."""
    for at, (known, value) in enumerate(dict.items(mapping)):
        if type(known) is type(key) and known == key:
            return value
        if at > MOST_NAMES:
            break
    return None


def texts(mapping: Any) -> list[str]:
    """Return the keys of a dictionary that are short texts."""
    found = []
    for at, key in enumerate(dict.__iter__(mapping)):
        if type(key) is str and len(key) <= _LONGEST_NAME:
            found.append(key)
        if at > MOST_NAMES:
            break
    return found


def attributes(target: Any) -> list[str]:
    """Return the public attributes of an object, as far as they can be seen from outside."""
    if is_a(target, types.ModuleType):
        return _public(texts(_DICT_OF_MODULE.__get__(target)))
    classes = [*_MRO.__get__(target)] if is_a(target, type) else []
    names: dict[str, None] = {}
    for kind in [*classes, *_MRO.__get__(type(target))]:
        names.update(dict.fromkeys(_public([key for key in _DICT_OF_TYPE.__get__(kind) if type(key) is str])))
    own = _attributes_of_instance(target)
    return [*texts(own), *names][:MOST_NAMES] if own is not None else [*names][:MOST_NAMES]


def attribute(target: Any, name: str) -> Any:
    """Return an attribute as the object itself holds it; what would have to be computed is None."""
    own = _attributes_of_instance(target)
    return None if own is None else item(own, name)


def _attributes_of_instance(target: Any) -> dict[Any, Any] | None:
    try:
        found = object.__getattribute__(target, "__dict__")
    except Exception:  # noqa: BLE001 - there need not be one
        return None
    return found if type(found) is dict else None


def _public(names: list[str]) -> list[str]:
    return [name for name in names if not name.startswith("_") and len(name) <= _LONGEST_NAME]


def signature(function: Any) -> str | None:
    """Return the parameters of a function of the program; annotations and defaults are not evaluated."""
    if type(function) is not types.FunctionType:
        return None
    code = function.__code__
    names = [*code.co_varnames]
    positional = names[: code.co_argcount]
    keyword_only = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    optional = len(function.__defaults__ or ())
    shown = [f"{name}=..." if at >= len(positional) - optional else name for at, name in enumerate(positional)]
    if code.co_posonlyargcount:
        shown.insert(code.co_posonlyargcount, "/")
    rest = names[code.co_argcount + code.co_kwonlyargcount :]
    if code.co_flags & inspect.CO_VARARGS:
        shown.append(f"*{rest.pop(0)}")
    elif keyword_only:
        shown.append("*")
    defaults = function.__kwdefaults__ or {}
    shown += [f"{name}=..." if name in defaults else name for name in keyword_only]
    if code.co_flags & inspect.CO_VARKEYWORDS:
        shown.append(f"**{rest.pop(0)}")
    return f"({', '.join(shown)})"


def variables(frame: types.FrameType) -> list[Any]:
    """Return the names of a frame, the inner ones first, as mappings that no program made."""
    return [one for one in interior.variables(frame) if type(one) is dict or name_of(type(one)) == "FrameLocalsProxy"]


def item_at(held_in: Any, key: Any) -> Any:
    """Return an item of a list, tuple or dictionary, by a number or a text."""
    if type(key) not in (str, int):
        return None
    if is_a(held_in, dict):
        return item(held_in, key)
    if type(held_in) in (list, tuple) and type(key) is int and -len(held_in) <= key < len(held_in):
        return held_in[key]
    return None


def attribute_of_class(kind: Any, name: str) -> Any:
    """Return what a class of the program defines under a name."""
    return item(dict(_DICT_OF_TYPE.__get__(kind)), name) if is_a(kind, type) else None


def is_module(target: Any) -> bool:
    """Say whether an object is a module as programs see it."""
    return is_a(target, types.ModuleType)


def name_of_module(module: Any) -> str:
    """Return a module's name."""
    return str(_DICT_OF_MODULE.__get__(module).get("__name__"))
