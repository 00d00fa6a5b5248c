"""The version of a function: a digest of what it does, as far as the process can tell without reading files.

Of a Python function: its bytecode, constants, defaults, closures, and the functions, classes and plain values that it
names, as far as they belong to its own package. Of what else it uses, the name only. Comments and places do not count.
Nothing of an object's address or order in memory may get in: the version is the same in every process. What a function
names is told as it is when its version is first asked for: what it counts or collects later makes no other version.
"""

import functools
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from sandbox import values
from sandbox.dispatch import HostFunction
from sandbox.errors import ValueRejected

# Enough for the constants of a module; what is larger counts as what it is, not as what it holds.
_MAX_BYTES = 2**20
_MAX_NODES = 50_000
_MAX_PARTS = 5_000
_MAX_DEPTH = 40
_KNOWN: WeakKeyDictionary[FunctionType, str] = WeakKeyDictionary()
_OWN_PACKAGE = __name__.partition(".")[0]
_INTERPRETER = list(sys.version_info[:2])
_NO_CODE = frozenset({"__dict__", "__weakref__", "__module__", "__doc__", "__firstlineno__", "__static_attributes__"})


def version_of(function: HostFunction) -> str:
    """Return the version of a whitelisted function: of its name, its signature and of what it does."""
    told = version_of_code(function.call) if function.version is None else function.version()
    # Which secrets, not their values: a key that is replaced opens the same door.
    secrets = [repr(one) for one in function.secrets]
    return digest_of([function.name, function.is_async, function.is_task, function.header(), secrets, told])


def version_of_code(*parts: Any) -> str:
    """Return the version of callables and classes."""
    first = parts[0]
    if len(parts) > 1 or not isinstance(first, FunctionType):
        return _told(parts)
    known = _KNOWN.get(first)
    return known if known is not None else _KNOWN.setdefault(first, _told(parts))


def digest_of(tree: Any) -> str:
    """Return the digest of what JSON can write."""
    return "sha256:" + hashlib.sha256(json.dumps(tree, separators=(",", ":")).encode()).hexdigest()


def _told(parts: tuple[Any, ...]) -> str:
    # What belongs to Isthmus itself keeps account of what runs, which is nothing that a function does.
    reader = _Reader(frozenset(_package(part) for part in parts) - {_OWN_PACKAGE})
    return digest_of([reader.part(part) for part in parts])


class _Reader:
    """Writes callables down as trees of texts and numbers, each once."""

    def __init__(self, packages: frozenset[str]) -> None:
        self._packages = packages
        # By identity; the objects are held, so that no other one gets the same.
        self._seen: dict[int, tuple[int, Any]] = {}
        self._depth = 0

    def part(self, value: Any) -> Any:
        """Return what there is to be told of a value."""
        if isinstance(value, CodeType):
            return self._code(value)
        if isinstance(value, ModuleType):
            return ["module", value.__name__]
        if isinstance(value, FunctionType | type):
            return self._once(value)
        if isinstance(value, MethodType):
            return ["method", self.part(value.__func__), self._once(value.__self__)]
        if callable(value) and hasattr(value, "__qualname__") and not hasattr(value, "__wrapped__"):
            # Of the interpreter or of a library in C.
            return _named(value)
        return self._value(value)

    def _once(self, value: Any) -> Any:
        known = self._seen.get(id(value))
        if known is not None:
            return ["again", known[0]]
        foreign = isinstance(value, FunctionType | type) and _package(value) not in self._packages
        if foreign or self._depth >= _MAX_DEPTH or len(self._seen) >= _MAX_PARTS:
            return _named(value)
        self._seen[id(value)] = len(self._seen), value
        self._depth += 1
        try:
            return self._whole(value)
        finally:
            self._depth -= 1

    def _whole(self, value: Any) -> Any:
        if isinstance(value, FunctionType):
            return self._function(value)
        return self._class(value) if isinstance(value, type) else self._object(value)

    def _function(self, function: FunctionType) -> Any:
        named = {name: function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__}
        return [
            "function",
            self._code(function.__code__),
            self._all(function.__defaults__ or ()),
            self._by_name(function.__kwdefaults__ or {}),
            self._all(_contents(function)),
            self._by_name(named),
        ]

    def _class(self, kind: type) -> Any:
        own = {name: _plainly(value) for name, value in vars(kind).items() if name not in _NO_CODE}
        code = {name: value for name, value in own.items() if self._counts(value)}
        return ["class", kind.__qualname__, self._all(kind.__bases__), self._by_name(code)]

    def _object(self, value: Any) -> Any:
        """Return what there is to be told of an object: its class, and what it holds that could cross."""
        held = _held(value)
        wrapped = held.pop("__wrapped__", None)
        plain = [[name, text] for name, one in sorted(held.items()) if (text := _plain_text(one)) is not None]
        return ["object", self._once(type(value)), plain, None if wrapped is None else self.part(wrapped)]

    def _value(self, value: Any) -> Any:
        if isinstance(value, functools.partial):
            return ["partial", self.part(value.func), self._all(value.args), self._by_name(value.keywords)]
        if isinstance(value, property):
            return ["property", *self._all([value.fget, value.fset])]
        if isinstance(value, complex | slice) or value is Ellipsis:
            return ["constant", repr(value)]
        text = _plain_text(value)
        return self._once(value) if text is None else ["value", type(value).__name__, text]

    def _counts(self, value: Any) -> bool:
        return isinstance(value, FunctionType | type | property) or _plain_text(value) is not None

    def _code(self, code: CodeType) -> Any:
        return [
            "code",
            *_INTERPRETER,
            hashlib.sha256(code.co_code + code.co_exceptiontable).hexdigest(),
            [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags],
            [*code.co_names],
            [*code.co_varnames, None, *code.co_freevars],
            self._all(code.co_consts),
        ]

    def _all(self, parts: Iterable[Any]) -> list[Any]:
        return [self.part(one) for one in parts]

    def _by_name(self, parts: Mapping[str, Any]) -> list[Any]:
        return [[name, self.part(one)] for name, one in sorted(parts.items())]


def _names(code: CodeType) -> set[str]:
    """Return the names that code and the code in it look up."""
    return {*code.co_names}.union(*(_names(one) for one in code.co_consts if isinstance(one, CodeType)))


def _contents(function: FunctionType) -> list[Any]:
    """Return what the function took from the functions around it; what is not there yet is None."""
    contents = []
    for cell in function.__closure__ or ():
        try:
            contents.append(cell.cell_contents)
        except ValueError:
            contents.append(None)
    return contents


def _held(value: Any) -> dict[str, Any]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ()) if hasattr(value, name)]
    return {**{name: getattr(value, name) for name in slots}, **getattr(value, "__dict__", {})}


def _plainly(value: Any) -> Any:
    return value.__func__ if isinstance(value, staticmethod | classmethod) else value


def _plain_text(value: Any) -> str | None:
    """Return a value as it would cross, None when it cannot, or is too large to be told."""
    try:
        return values.encode(value, max_bytes=_MAX_BYTES, max_nodes=_MAX_NODES)
    except (ValueRejected, RuntimeError):
        # Some other thread may change it meanwhile.
        return None


def _named(value: Any) -> Any:
    kind = value if hasattr(value, "__qualname__") else type(value)
    return ["named", str(getattr(kind, "__module__", "")), str(kind.__qualname__)]


def _package(value: Any) -> str:
    while isinstance(value, functools.partial):
        value = value.func
    module = getattr(value, "__module__", None)
    return (module if isinstance(module, str) else "").partition(".")[0]
