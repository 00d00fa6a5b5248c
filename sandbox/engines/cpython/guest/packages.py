"""The packages of a guest image: imported while the guest is built, and how much of them programs may have.

A package is ordinary code, which no policy has judged. It runs inside the same interpreter, so what it hands out is
what decides: of a module, the names that the package defines itself, and those that programs have anyway. A name that
leads to what the policy keeps from programs is hidden. What a package's functions return while a program runs nobody
can know before: modules, which are the way to everything else, are therefore shut, see `attributes.checked`.
"""

import builtins
import collections
import contextlib
import functools
import gc
import importlib
import json
import opcode
import os
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import image_packages  # type: ignore[import-not-found] # written when the guest is built

from sandbox import policy
from sandbox.engines.cpython.guest import resources

MODULES: tuple[str, ...] = image_packages.MODULES
"""All modules of the packages, parents first."""
HIDDEN: dict[str, str] = {}
"""Public names that programs cannot have, as in `yaml.dump`, and why."""
LEFT_OUT: dict[str, str] = {}
"""Modules that could not be imported, and why."""
MODULE_TYPES: set[type] = {types.ModuleType}
"""The types of modules that are no facades."""
_ROOT = os.path.dirname(image_packages.__file__)  # noqa: PTH120 - the guest has no pathlib
_MOST_REASON = 300
_DATA = (type(None), bool, int, float, complex, str, bytes, bytearray, range, slice, type(...), type(NotImplemented))
_HOLDING = (list, tuple, set, frozenset, dict, collections.deque, types.MappingProxyType)
_MADE_BY_PYTHON = (types.FunctionType, types.MethodType, functools.partial, type(functools.lru_cache(int)), property)
# The types of `list[int]`, `int | None`, `Literal["a"]`.
_OF_ANNOTATIONS = ("types", "typing")
_MOST_STEPS = 20_000


def load() -> None:
    """Import everything; the interpreter is still as CPython has it.

    Raises:
        ImportError: a package cannot be imported at all.
    """
    for name in MODULES:
        try:
            importlib.import_module(name)
        except BaseException as error:
            if "." not in name:
                raise ImportError(f"cannot import {name!r}: {_reason(error)}") from error
            LEFT_OUT[name] = _reason(error)
    _import_what_is_imported_late()
    resources.install(_ROOT, image_packages.FILES)
    MODULE_TYPES.update(_with_subclasses(types.ModuleType))


def public_modules() -> list[str]:
    """Return the modules that programs may import: those whose names have no underscore in front."""
    loaded = [name for name in MODULES if name in sys.modules]
    return [name for name in loaded if not any(step.startswith("_") for step in name.split("."))]


def report(facades: Mapping[str, Any]) -> None:
    """Leave word of what came of it beside the sources, for whoever builds the guest."""
    if not MODULES:
        return
    told = {
        "modules": [name for name in public_modules() if name in facades],
        "hidden": dict([*HIDDEN.items()][:1_000]),
        "left_out": LEFT_OUT,
    }
    with open(os.path.join(_ROOT, "image_report.json"), "w") as file:  # noqa: PTH118, PTH123 - as above
        file.write(json.dumps(told))


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_MOST_REASON]


def _with_subclasses(kind: type) -> Iterator[type]:
    yield kind
    subclasses: list[type] = type.__subclasses__(kind)
    for one in subclasses:
        yield from _with_subclasses(one)


def _import_what_is_imported_late() -> None:
    """Import what functions would import of the library when they are called: there is nothing to import from then."""
    wanted: set[str] = set()
    functions = filter(_is_function, gc.get_objects())
    for one in [one for one in functions if one.__module__ in MODULES]:
        wanted.update(_imported_by(one.__code__))
    for module in sorted(wanted):
        if module.partition(".")[0] in sys.stdlib_module_names:
            _try_to_import(module)


def _is_function(one: Any) -> bool:
    return type(one) is types.FunctionType


def _imported_by(code: types.CodeType) -> Iterator[str]:
    """Yield the modules that a function imports; compiled code is read, because parsing the source takes memory."""
    argument = 0
    for operation, low in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        argument = argument << 8 | low
        if operation == opcode.EXTENDED_ARG:
            continue
        if operation == opcode.opmap["IMPORT_NAME"]:
            yield code.co_names[argument]
        argument = 0
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _imported_by(constant)


def _try_to_import(module: str) -> None:
    # WebAssembly has no threads and sockets: the function that asks for such a module fails.
    with contextlib.suppress(BaseException):
        importlib.import_module(module)


# -- what programs may have ---------------------------------------------------------------------------------------


class Judge:
    """Says what of a package programs may have.

    Args:
        offered: what they have anyway.
        kept: what the policy keeps from them.
    """

    def __init__(self, offered: Iterable[Any], kept: Iterable[Any]) -> None:
        self._given = [*offered]  # so that the numbers stay theirs
        self._offered = {id(one) for one in self._given}
        self._kept = {id(one): one for one in kept if callable(one) and id(one) not in self._offered}
        self._kept[id(sys.modules)] = sys.modules
        self._of_packages = {name for name in MODULES if name in sys.modules}

    def public_names(self, module_name: str) -> dict[str, Any]:
        """Return what the facade of a module holds."""
        module = sys.modules[module_name]
        named: Any = getattr(module, "__all__", None)
        listed = [name for name in named if type(name) is str] if type(named) in (list, tuple) else None
        names: dict[str, Any] = {}
        for name in dir(module) if listed is None else listed:
            value = vars(module).get(name)
            if name.startswith("_") or name not in vars(module) or isinstance(value, types.ModuleType):
                continue
            reason = self._why_not(value)
            if reason is None:
                names[name] = value
            elif listed is not None or self._is_of_packages(value):
                HIDDEN[f"{module_name}.{name}"] = reason
        return names

    def _why_not(self, value: Any) -> str | None:
        """Return why programs may not have what a module holds, None when they may."""
        if id(value) in self._offered or type(value) in _DATA:
            return None
        if not self._is_of_packages(value) and not self._is_harmless(value):
            kind = value if isinstance(value, type) else type(value)
            return f"it is of {kind.__module__}.{kind.__qualname__}, which programs do not have"
        return self._leads_to(value)

    def _is_of_packages(self, value: Any) -> bool:
        if isinstance(value, functools.partial | types.MethodType):
            return self._is_of_packages(value.func if isinstance(value, functools.partial) else value.__func__)
        named = value if isinstance(value, (type, *_MADE_BY_PYTHON)) else type(value)
        return getattr(named, "__module__", None) in self._of_packages

    def _is_harmless(self, value: Any) -> bool:
        kind = type(value)
        is_known = kind in _HOLDING or id(kind) in self._offered or kind.__module__ in _OF_ANNOTATIONS
        return is_known and not isinstance(value, (type, *_MADE_BY_PYTHON))

    def _leads_to(self, value: Any) -> str | None:
        """Walk over what can be reached by public names, and return what is there that the policy keeps."""
        pending: list[tuple[str, Any]] = [("it", value)]
        seen: dict[int, Any] = {}
        while pending:
            path, one = pending.pop()
            if id(one) in self._kept:
                return f"{path} is {getattr(one, '__qualname__', type(one).__name__)}, which programs do not have"
            if id(one) in seen or id(one) in self._offered or isinstance(one, types.ModuleType):
                continue
            seen[id(one)] = one
            if len(seen) > _MOST_STEPS:
                return "too much can be reached from it"
            pending += _steps(path, one)
        return None


def _steps(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what programs reach from a value in one step."""
    if isinstance(value, dict | types.MappingProxyType):
        for key, held in [*value.items()]:
            yield f"a key of {path}", key
            yield f"a value in {path}", held
    elif isinstance(value, list | tuple | set | frozenset | collections.deque):
        yield from ((f"an item of {path}", held) for held in [*value])
    elif isinstance(value, functools.partial):
        yield from ((f"what {path} calls", held) for held in (value.func, *value.args, *value.keywords.values()))
    yield from _attributes(path, getattr(value, "__dict__", None))
    if not isinstance(value, type) and type(value).__module__ in MODULES:
        yield f"the type of {path}", type(value)


def _attributes(path: str, held_by: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(held_by, dict | types.MappingProxyType):
        for name, held in [*held_by.items()]:
            if type(name) is str and not name.startswith("_"):
                yield f"{path}.{name}", held.__func__ if isinstance(held, staticmethod | classmethod) else held


def kept_by_policy(facades: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what the modules of the library and the builtins hold that programs do not have."""
    for name, facade in facades.items():
        module = sys.modules.get(name)
        if module is not None and name in policy.MODULES:
            offered = vars(facade)
            held = vars(module).items()
            yield from (one for public, one in held if not public.startswith("_") and offered.get(public) is not one)
    given = {*policy.BUILTINS}
    yield from (one for name, one in vars(builtins).items() if name not in given)
    yield from (importlib.import_module, importlib.reload, sys._getframe)  # noqa: SLF001 - to keep it from programs
