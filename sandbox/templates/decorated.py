"""The source of a decorated function, with whatever it uses of its module: carried along, or refused by name.

The function is our caller's own code, so that reading its syntax tree here is no risk. What becomes of the text is the
guest's business as ever.
"""

import ast
import builtins
import inspect
import symtable
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from sandbox import policy, values
from sandbox.errors import ValueRejected
from sandbox.templates.functions import is_task

_BUILTINS = frozenset((*policy.BUILTINS, *policy.GUARDED_BUILTINS, *policy.GIVEN, "__name__"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decorated:
    """What a decorated function comes to as a program."""

    source: str
    functions: dict[str, Any] = field(default_factory=dict)
    """Name -> template or function that it calls."""
    constants: dict[str, Any] = field(default_factory=dict)
    """Name -> value, as it was when the function was decorated."""


def decorated(func: Callable[..., Any]) -> Decorated:
    """Return the program that calls a function with its inputs.

    Raises:
        TypeError: it is no function, or a generator, its source cannot be found, or it uses something that cannot be
            carried along; the message names it.
        ValueError: it has variadic parameters, or an input with the name of something that it uses.
    """
    _check(func)
    gathered = _Gathered(func)
    gathered.add(func)
    parameters = inspect.signature(func).parameters.values()
    given = [f"{one.name}={one.name}" if one.kind is one.KEYWORD_ONLY else one.name for one in parameters]
    for one in parameters:
        if one.name in gathered.names:
            message = f"{func.__qualname__} has an input {one.name!r}, and uses something of that name: rename one"
            raise ValueError(message)
    call = f"{func.__name__}({', '.join(given)})"
    awaited = f"await {call}" if inspect.iscoroutinefunction(func) else call
    return Decorated(
        source="\n\n".join(filter(None, ["\n".join(gathered.imports), *gathered.pieces, awaited])),
        functions=gathered.functions,
        constants=gathered.constants,
    )


def _check(func: Any) -> None:
    if not inspect.isfunction(func) or func.__name__ == "<lambda>":
        message = f"a sandboxed function must be defined with `def`, not {func!r}"
        raise TypeError(message)
    if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
        message = f"Sandboxed tasks cannot be generators: {func.__qualname__}"
        raise TypeError(message)
    for one in inspect.signature(func).parameters.values():
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            message = f"{func.__qualname__} cannot have the variadic parameter {one.name!r}: name each input"
            raise ValueError(message)


class _Gathered:
    """What a function uses, and what that uses."""

    def __init__(self, func: Callable[..., Any]) -> None:
        self._user = func.__qualname__
        self.names: dict[str, Any] = {}
        self.imports: list[str] = []
        self.pieces: list[str] = []
        self.functions: dict[str, Any] = {}
        self.constants: dict[str, Any] = {}

    def add(self, piece: Any) -> None:
        """Add the source of a function or class, after what it uses."""
        self.names[piece.__name__] = piece
        text, tree, used = _source_of(piece, decorators=not self._is_main(piece))
        around = _around(piece)
        self._check_members(tree, around)
        for name in used:
            if name in around or name not in _BUILTINS:
                self._use(name, around)
        self.pieces.append(text)

    def _is_main(self, piece: Any) -> bool:
        return bool(piece.__qualname__ == self._user)

    def _use(self, name: str, around: Mapping[str, Any]) -> None:
        if name not in around:
            raise self._refusal(name, _ABSENT.get(name) or "is not defined where it is decorated: define it above")
        value = around[name]
        if name in self.names:
            self._check_same(name, value)
            return
        self.names[name] = value
        imported = _import_of(name, value)
        if is_task(value):
            self.functions[name] = value
        elif imported is not None:
            self.imports.append(imported)
        elif isinstance(value, ModuleType):
            raise self._refusal(name, f"is the module {value.__name__!r}, which programs cannot import")
        elif inspect.isfunction(value) or inspect.isclass(value):
            self._add_named(name, value)
        else:
            self._keep(name, value)

    def _check_members(self, tree: ast.AST, around: Mapping[str, Any]) -> None:
        """Refuse what a module has elsewhere only, where it is written as `module.name`."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = around.get(node.value.id)
                only = policy.ONLY_NAMES.get(module.__name__) if isinstance(module, ModuleType) else None
                if only is not None and node.attr not in only:
                    reason = f"programs do not have: of {node.value.id} they have {', '.join(only)}"
                    raise self._refusal(f"{node.value.id}.{node.attr}", reason)

    def _check_same(self, name: str, value: Any) -> None:
        # Once decorated, a function stands in its module as a template.
        if self.names[name] is not value and getattr(value, "func", None) is not self.names[name]:
            raise self._refusal(name, "means one thing in one module and another in a second one: rename one of them")

    def _add_named(self, name: str, value: Any) -> None:
        if value.__name__ != name:
            raise self._refusal(name, f"is another name of {value.__qualname__}: use that")
        self.add(value)

    def _keep(self, name: str, value: Any) -> None:
        try:
            self.constants[name] = values.decode(values.encode(value))
        except ValueRejected as error:
            raise self._refusal(name, f"cannot be carried along: it {error.reason}") from None

    def _refusal(self, name: str, reason: str) -> TypeError:
        way_out = "pass it as an input, or make a function that uses it a task with @env.task"
        return TypeError(f"{self._user} uses {name!r}, which {reason}; {way_out}")


def _around(piece: Any) -> dict[str, Any]:
    """Return what a function or class can see by name: its module, and the variables of functions around it."""
    if inspect.isclass(piece):
        return dict(vars(sys.modules[piece.__module__]))
    closure = {}
    for name, cell in zip(piece.__code__.co_freevars, piece.__closure__ or (), strict=True):
        try:
            closure[name] = cell.cell_contents
        except ValueError:
            # Not assigned yet.
            continue
    return {**piece.__globals__, **closure}


def _source_of(piece: Any, *, decorators: bool) -> tuple[str, ast.AST, list[str]]:
    """Return the text of a function or class, its tree, and the names that it does not define itself."""
    try:
        text = textwrap.dedent(inspect.getsource(piece))
    except (OSError, TypeError):
        message = (
            f"the source of {piece.__qualname__} cannot be found: define it in a file or a notebook, or pass a text"
        )
        raise TypeError(message) from None
    (tree,) = ast.parse(text).body
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        message = f"the source of {piece.__qualname__} is no definition of it"
        raise TypeError(message)
    if not decorators:
        text = "\n".join(text.split("\n")[tree.lineno - 1 :])
        tree.decorator_list.clear()
    # Annotations are not evaluated in the guest.
    bare = ast.unparse(ast.fix_missing_locations(_WithoutAnnotations().visit(tree)))
    return text.rstrip(), tree, _free_names(symtable.symtable(bare, "<decorated>", "exec"), {piece.__name__})


class _WithoutAnnotations(ast.NodeTransformer):
    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        node.annotation = ast.Constant(None)
        return node


def _free_names(table: symtable.SymbolTable, own: set[str]) -> list[str]:
    """Return the names that a text uses and does not define, in a fixed order."""
    found = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and symbol.is_global() and symbol.get_name() not in own
    }
    for child in table.get_children():
        found.update(_free_names(child, own))
    return sorted(found)


def _import_of(name: str, value: Any) -> str | None:
    """Return the line that imports what programs may import, None when it is nothing of that kind."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}" if value.__name__ in policy.MODULES else None
    # A plain value of a module, such as math.pi, is carried along like any other.
    if not (inspect.isclass(value) or callable(value)):
        return None
    original = getattr(value, "__name__", name)
    for module, hidden in policy.MODULES.items():
        offered = policy.ONLY_NAMES.get(module, (original,))
        if original in offered and original not in hidden and getattr(sys.modules.get(module), original, None) is value:
            return f"from {module} import {original} as {name}"
    return None


_ABSENT = {
    name: f"is not available to programs: {reason}"
    for name, reason in policy.ABSENT_BUILTINS.items()
    if hasattr(builtins, name)
}
