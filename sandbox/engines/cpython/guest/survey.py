"""What a program names, and where its value stands: facts for whoever checks it, read off its syntax tree.

Nothing of the program runs. Only a program that has already been compiled is surveyed.
"""

import ast
import builtins
from collections.abc import Collection
from typing import Any

from sandbox import policy

_MOST_NAMES = 1_000
_MOST_FREE = 100
_LONGEST_NAME = 100
_GUARDED = frozenset((*policy.BUILTINS, *policy.GUARDED_BUILTINS))
_ALWAYS = frozenset((*policy.GIVEN, "__name__", "__class__"))
_NOT_EVALUATED = frozenset({"annotation", "returns", "bound", "default_value"})
# By the name of their nodes, because the host's Python does not know all of them: what binds the name that it has.
_NAMED = frozenset(
    (  # noqa: SIM905 - a line instead of nine
        "FunctionDef AsyncFunctionDef ClassDef ExceptHandler MatchAs MatchStar TypeVar ParamSpec TypeVarTuple"
    ).split()
)


def survey(source: str, *, guarded: bool, functions: Collection[str], awaits: bool) -> dict[str, Any]:
    """Return the facts as plain values; columns count characters from 1.

    Args:
        awaits: whether the program awaits at its top level.
    """
    tree = ast.parse(source, "<program>", "exec")
    nodes = _walk(tree)
    reads = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    read = {node.id for node in reads}
    known = _bound(nodes) | _ALWAYS | {*functions} | (_GUARDED if guarded else {*dir(builtins)})
    lines = source.split("\n")
    # Whoever catches the error knows that a name may not be there.
    free = [] if "NameError" in read else [node for node in reads if node.id not in known]
    return {
        "mode": _mode(nodes, awaits=awaits),
        "value": _place_of_value(tree, lines),
        "names": sorted(name for name in read | _mapped(nodes) if len(name) <= _LONGEST_NAME)[:_MOST_NAMES],
        "free": [[node.id, *_place(node, lines)] for node in _in_order(free) if len(node.id) <= _LONGEST_NAME],
    }


def _walk(tree: ast.Module) -> list[ast.AST]:
    """Return all nodes but those of annotations, which are evaluated when somebody asks for them, and mostly never."""
    found: list[ast.AST] = []
    pending: list[Any] = [tree]
    while pending:
        node = pending.pop()
        found.append(node)
        for field, value in ast.iter_fields(node):
            if field not in _NOT_EVALUATED and not (field == "value" and type(node).__name__ == "TypeAlias"):
                pending.extend(one for one in (value if type(value) is list else [value]) if isinstance(one, ast.AST))
    return found


def _mode(nodes: list[ast.AST], *, awaits: bool) -> str:
    if awaits:
        return "async"
    return "mixed" if any(isinstance(node, ast.AsyncFunctionDef) for node in nodes) else "sync"


def _bound(nodes: list[ast.AST]) -> set[str]:
    """Return every name that is bound somewhere, in whichever scope: what is left was bound nowhere."""
    bound: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                bound.add(name)
            case ast.alias(name=name, asname=asname):
                bound.add(asname or name.partition(".")[0])
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                bound.update(names)
            case ast.MatchMapping(rest=str(name)):
                bound.add(name)
            case _ if type(node).__name__ in _NAMED:
                bound.add(getattr(node, "name", None) or "")
    return bound


def _mapped(nodes: list[ast.AST]) -> set[str]:
    """Return the functions that are named by a text: `flyte_map("f", ...)`."""
    found = set()
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id="flyte_map"), args=[ast.Constant(value=str(name)), *_]):
                found.add(name)
    return found


def _in_order(nodes: list[ast.Name]) -> list[ast.Name]:
    return sorted(nodes, key=lambda node: (node.lineno, node.col_offset))[:_MOST_FREE]


def _place_of_value(tree: ast.Module, lines: list[str]) -> list[int] | None:
    """Return where the last expression stands, when its value is that of the program."""
    last = tree.body[-1] if tree.body else None
    return _place(last.value, lines) if isinstance(last, ast.Expr) else None


def _place(node: ast.expr, lines: list[str]) -> list[int]:
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return [
        node.lineno,
        _characters(lines[node.lineno - 1], node.col_offset),
        end_line,
        _characters(lines[end_line - 1], end_column),
    ]


def _characters(line: str, count: int) -> int:
    return len(line.encode()[:count].decode(errors="replace")) + 1
