"""Takes out of the interpreter what leads from an object to the interpreter, for good, while the guest is built.

The policy keeps programs from naming `__globals__` or `f_locals`. A library function that follows a name given as text
does not ask the policy, and there will always be one more of them. So what such a name would find is not there: the
descriptors are removed from the built-in types themselves. The few library functions that need one get it otherwise.
"""

import _asyncio
import asyncio.tasks
import collections
import dataclasses
import enum
import gc
import sys
import types
from collections.abc import Callable
from typing import Any, NoReturn

import _ast_unparse  # type: ignore[import-not-found] # noqa: F401 - which annotations need, and cannot load later
import annotationlib  # type: ignore[import-not-found] # the guest's Python has it

from sandbox.engines.cpython.guest import kinds

_REMOVED: tuple[tuple[type, tuple[str, ...]], ...] = (
    (types.FunctionType, ("__globals__", "__builtins__", "__closure__")),
    (types.BuiltinFunctionType, ("__self__",)),
    (types.FrameType, ("f_globals", "f_builtins", "f_locals", "f_generator", "f_trace")),
    (types.GeneratorType, ("gi_frame", "gi_yieldfrom")),
    (types.CoroutineType, ("cr_frame", "cr_await")),
    (types.AsyncGeneratorType, ("ag_frame", "ag_await")),
    (types.CodeType, ("replace", "__replace__", "co_code", "_co_code_adaptive")),
    (_asyncio.Task, ("get_stack", "print_stack", "get_coro")),
)
_NAME_BASES_NAMESPACE = 3
# The descriptors that were removed, by type and name. They must live on: compiled code remembers where they are.
_KEPT: dict[tuple[type, str], Any] = {}
# Modules of ours and of the library that run text which they wrote themselves, or that they read from the build.
_RUNS_TEXT = frozenset(
    {"sandbox.engines.cpython.guest.driver", "sandbox.engines.cpython.guest.transformer", "ast", "builtins"}
    | {"collections", "dataclasses", "importlib._bootstrap", "importlib._bootstrap_external", "_frozen_importlib"}
    | {"_frozen_importlib_external"}
)


def close() -> None:
    """Remove it all; the guest's own modules and the libraries are imported by now."""
    for kind, names in _REMOVED:
        held = _dict_of(kind)
        for name in names:
            if name in held:
                _KEPT[kind, name] = held.pop(name)
    _replace_subclasses()
    _judge_namespaces()
    _hide_subject()
    _make_code_read_only()
    for name in ("get_stack", "print_stack", "get_coro"):
        delattr(asyncio.tasks._PyTask, name)  # type: ignore[attr-defined] # noqa: SLF001 - the class without C
    del enum.EnumType._convert_  # type: ignore[attr-defined]
    _close_annotations()
    _close_dataclasses()
    _refuse_text()
    _forget()


def _forget() -> None:
    """Have the interpreter look attributes up anew."""
    sys._clear_internal_caches()  # type: ignore[attr-defined] # noqa: SLF001 - there is no public way
    sys._clear_type_cache()  # noqa: SLF001


def receiver(bound: Any) -> Any:
    """Return what a built-in method is bound to, None when it is none."""
    if type(bound) is not types.BuiltinMethodType:
        return None
    return _KEPT[types.BuiltinFunctionType, "__self__"].__get__(bound)


def subject(error: BaseException) -> Any:
    """Return the object that lacks an attribute."""
    return _KEPT[AttributeError, "obj"].__get__(error)


def variables(frame: types.FrameType) -> tuple[Any, Any]:
    """Return the local and the global names of a frame."""
    local, outer = (_KEPT[types.FrameType, name].__get__(frame) for name in ("f_locals", "f_globals"))
    return local, outer


def watch_modules(note: Callable[[type], None]) -> None:
    """Have every type of modules noted that is made from now on; see `packages`."""

    def __init_subclass__(cls: type, /, **_options: Any) -> None:  # noqa: N807 - becomes the special method
        note(cls)

    _dict_of(types.ModuleType)["__init_subclass__"] = classmethod(__init_subclass__)


def _dict_of(kind: type) -> dict[str, Any]:
    """Return the dictionary behind the read-only view: built-in types refuse assignments, their dictionary does not."""
    held: dict[str, Any] = gc.get_referents(vars(kind))[0]
    return held


def _replace_subclasses() -> None:
    """`object.__subclasses__()` lists every class there is; abstract base classes ask for theirs, and get them."""
    held = _dict_of(type)
    listed = held["__subclasses__"]
    _KEPT[type, "__subclasses__"] = listed
    abstract = sys.modules["abc"].ABCMeta

    def __subclasses__(cls: type) -> list[type]:  # noqa: N807 - takes the place of the special method
        return listed(cls) if issubclass(type(cls), abstract) else []

    held["__subclasses__"] = __subclasses__


def _judge_namespaces() -> None:
    """Metaclasses of the library end here, when they are called by hand too: what a class defines is judged."""
    held = _dict_of(type)
    made_by = held["__new__"]

    def __new__(mcls: type, *args: Any, **kwargs: Any) -> Any:  # noqa: N807 - takes the place of the special method
        if len(args) == _NAME_BASES_NAMESPACE:
            kinds.check_namespace(args[2], kinds.BY_LIBRARY)
        return made_by(mcls, *args, **kwargs)

    held["__new__"] = staticmethod(__new__)


def _hide_subject() -> None:
    """An AttributeError says what is missing, and hands out nothing of the library that lacks it."""
    held = _dict_of(AttributeError)
    _KEPT[AttributeError, "obj"] = slot = held["obj"]
    # The interpreter sets it by name: without a place it would put it among the attributes of the error.
    held["obj"] = property(fset=slot.__set__)


def _make_code_read_only() -> None:
    """No function gets the body of another."""
    held = _dict_of(types.FunctionType)
    if isinstance(held["__code__"], types.GetSetDescriptorType):
        _KEPT[types.FunctionType, "__code__"] = held["__code__"]
        held["__code__"] = property(held["__code__"].__get__)


# -- what the library needs all the same ------------------------------------------------------------------------


class _Annotate:
    """An annotate function, with what `annotationlib` reads of it to call it with names that are not defined yet."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.__call = function
        for name in ("__globals__", "__builtins__", "__closure__", "__code__"):
            setattr(self, name, _KEPT[types.FunctionType, name].__get__(function))
        self.__defaults__ = function.__defaults__
        self.__kwdefaults__ = function.__kwdefaults__
        self.__type_params__ = function.__type_params__  # type: ignore[attr-defined]
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__module__ = function.__module__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__call(*args, **kwargs)


def _close_annotations() -> None:
    library: Any = annotationlib
    for name in ("call_annotate_function", "call_evaluate_function"):
        setattr(library, name, _calling_annotate(getattr(library, name)))
    for name in ("evaluate", "_evaluate"):
        setattr(library.ForwardRef, name, _refused)


def _calling_annotate(original: Callable[..., Any]) -> Callable[..., Any]:
    if getattr(original, "closed", False):
        return original

    def call(annotate: Any, *args: Any, **kwargs: Any) -> Any:
        if type(annotate) is types.FunctionType:
            annotate = _Annotate(annotate)
        return original(annotate, *args, **kwargs)

    call.closed = True  # type: ignore[attr-defined]
    return call


def _close_dataclasses() -> None:
    library: Any = dataclasses
    slot = vars(library.Field)["name"]
    if isinstance(slot, types.MemberDescriptorType):
        _KEPT[library.Field, "name"] = slot
        library.Field.name = property(slot.__get__, _set_field_name)
    library._update_func_cell_for__class__ = _update_class_cell  # noqa: SLF001 - the one that reads a closure


def _set_field_name(field: Any, name: Any) -> None:
    """The name of a field becomes source text and is read as an attribute: it is an identifier, and stays."""
    slot = _KEPT[dataclasses.Field, "name"]
    known = slot.__get__(field) if hasattr(field, "_field_type") else None
    if name is not None and (type(name) is not str or not name.isidentifier() or name.startswith("__")):
        raise TypeError("field names of a dataclass must be identifiers, without two underscores in front")
    if known is not None and known != name:
        raise AttributeError("the name of a field cannot be changed")
    slot.__set__(field, name)


def _update_class_cell(function: Any, old: type, new: type) -> bool:
    """What `dataclass(slots=True)` does for methods that call `super()`."""
    if function is None or "__class__" not in function.__code__.co_freevars:
        return False
    closure = _KEPT[types.FunctionType, "__closure__"].__get__(function)
    cell = closure[function.__code__.co_freevars.index("__class__")]
    if cell.cell_contents is not old:
        return False
    cell.cell_contents = new
    return True


def _refuse_text() -> None:
    """No library function evaluates text, but for the two that write their own."""
    for module_name, module in list(sys.modules.items()):
        if module_name not in _RUNS_TEXT:
            for name in {"eval", "exec", "compile"}.difference(vars(module)):
                setattr(module, name, _refused)
    # An annotation given as text is compiled to see whether it is an expression; that is all that happens to it.
    del annotationlib.compile


def _refused(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise TypeError("text is not evaluated as code")


def _format_later(name: str, formatting: Callable[..., str]) -> None:
    """Put the policy's formatter behind a method of `collections.UserString`, which would call the one of `str`."""

    def method(self: Any, /, *args: Any, **kwargs: Any) -> str:
        return formatting(str(self.data), *args, **kwargs)

    method.__name__, method.__qualname__ = name, f"UserString.{name}"
    setattr(collections.UserString, name, method)


def close_formatting(form: Callable[..., str], form_map: Callable[..., str]) -> None:
    """Have the library format text as the policy does."""
    _format_later("format", form)
    _format_later("format_map", form_map)
