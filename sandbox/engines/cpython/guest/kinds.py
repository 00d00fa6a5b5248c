"""Types as programs see them: `type`, `x.__class__`, and the classes in positional patterns.

`type(x)` gives the type of `x`, but for a few types whose calls make functions, code or frames: a stand-in takes their
place, which knows its instances and nothing else. `type(name, bases, namespace)` keeps to the special names.
"""

import types
from typing import Any, NoReturn

from sandbox.engines.cpython.guest.attributes import GUARDED_NAMES, attribute_refusal
from sandbox.engines.cpython.guest.packages import MODULE_TYPES

# What the compiler itself puts into a class's namespace, and what may be given to `type` by hand.
_BY_HAND = frozenset({"__module__", "__annotations__", "__orig_bases__", "__static_attributes__", "__firstlineno__"})
_BY_COMPILER = _BY_HAND | {
    "__annotate__", "__annotate_func__", "__classcell__", "__classdictcell__", "__conditional_annotations__",
    "__type_params__",
}  # fmt: skip
# What the library adds when it makes a class a second time, as `dataclass(slots=True)` does, or of typing's own kinds.
BY_LIBRARY = _BY_COMPILER | {
    "__abstractmethods__", "__annotations_cache__", "__dataclass_fields__", "__dataclass_params__", "__parameters__",
    "__protocol_attrs__", "__non_callable_proto_members__", "__replace__",
}  # fmt: skip


class _TypeOfTypes(type):
    """The type of the programs' `type` and of the metaclasses that they derive from it."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not Type:
            return super().__call__(*args, **kwargs)
        if len(args) == 1 and not kwargs:
            return shown(type(args[0]))
        if len(args) != 3:
            raise TypeError("type() takes 1 or 3 arguments")
        check_namespace(args[2])
        return type(*args, **kwargs)

    def __instancecheck__(cls, target: Any) -> bool:
        return isinstance(target, type) if cls is Type else super().__instancecheck__(target)

    def __subclasscheck__(cls, kind: Any) -> bool:
        return issubclass(kind, type) if cls is Type else super().__subclasscheck__(kind)


class Type(type, metaclass=_TypeOfTypes):
    """`type` of programs."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> Any:
        check_namespace(namespace, BY_LIBRARY)
        return super().__new__(mcls, name, bases, namespace, **kwargs)

    def __class_getitem__(cls, item: Any) -> Any:
        return types.GenericAlias(cls, item)


def check_namespace(namespace: Any, besides: frozenset[str] = _BY_HAND) -> None:
    """Refuse a class with names that the policy does not let a class statement define."""
    if not isinstance(namespace, dict):
        raise TypeError("the namespace of a class must be a dict")
    for name in dict.__iter__(namespace):
        if type(name) is not str:
            raise TypeError("names in a class must be strings")
        if name not in besides and attribute_refusal(name) is not None:
            raise TypeError(f"a class cannot define {name!r}")


class _Standing(type):
    """The type of the stand-ins."""

    def __instancecheck__(cls, target: Any) -> bool:
        return type(target) is _STOOD_FOR[cls]

    def __call__(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError(f"cannot create {cls.__name__!r} instances")


_STOOD_FOR: dict[type, type] = {}
# By the number of the type: a program's metaclass decides what its classes are equal to.
_SHOWN: dict[int, Any] = {id(type): Type, id(_TypeOfTypes): Type}


def show_as(kind: type, shown_as: type) -> None:
    """Set what programs see in place of a type."""
    _SHOWN[id(kind)] = shown_as


def shown(kind: Any) -> Any:
    """Return the type as programs may have it."""
    return _SHOWN.get(id(kind), kind)


def _stand_in(kind: type) -> None:
    made = _Standing(kind.__name__, (), {"__module__": "builtins", "__slots__": ()})
    _STOOD_FOR[made] = kind
    show_as(kind, made)


for _kind in (types.FunctionType, types.CodeType, types.FrameType, types.CellType, types.TracebackType):
    _stand_in(_kind)
Type.__name__ = Type.__qualname__ = "type"
Type.__module__ = "builtins"


# -- class patterns: `case C(a, b)` reads the attributes that `C.__match_args__` names ----------------------------

_SELF_MATCHING = (bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple, bool)
_SELF_MATCHING_IDS = frozenset(map(id, _SELF_MATCHING))
_MRO = vars(type)["__mro__"]


class _Pattern(type):
    """The type of a class as a pattern: its names were judged and cannot change."""

    of: Any

    def __instancecheck__(cls, target: Any) -> bool:
        # Keywords of a pattern read attributes, and modules that are no facades are shut.
        return isinstance(target, cls.of) and type(target) not in MODULE_TYPES


_PATTERNS: dict[tuple[int, Any], _Pattern] = {}


def forget() -> None:
    """Forget the classes that were used as patterns: another run defines its own."""
    _PATTERNS.clear()


def pattern(kind: Any) -> Any:
    """Return what stands for the class in a pattern: the guard behind `$pattern`."""
    if id(kind) in _SELF_MATCHING_IDS or not issubclass(type(kind), type):
        return kind
    names = getattr(kind, "__match_args__", None)
    if names is not None and (type(names) is not tuple or not all(map(_may_be_read, names))):
        raise TypeError("__match_args__ must be a tuple of names that do not begin with an underscore")
    key = (id(kind), names)
    found = _PATTERNS.get(key)
    if found is None:
        found = _PATTERNS[key] = _new_pattern(kind, names)
    return found


def _may_be_read(name: Any) -> bool:
    return (
        type(name) is str and not name.startswith("_") and name not in GUARDED_NAMES and attribute_refusal(name) is None
    )


def _new_pattern(kind: type, names: tuple[str, ...] | None) -> _Pattern:
    bases: tuple[type, ...] = ()
    namespace: dict[str, Any] = {"__match_args__": names or ()}
    if names is None:
        own = [base for base in _MRO.__get__(kind) if id(base) in _SELF_MATCHING_IDS]
        if own:
            bases, namespace = (own[0],), {}
    made = _Pattern(type.__getattribute__(kind, "__name__"), bases, namespace)
    made.of = kind
    return made
