"""What the compile step does for programs that models write as if they were elsewhere; each with a note.

Everything here works on the syntax tree that the policy has already judged, and puts in nothing that a program could
name. Codes and texts of the notes are in `sandbox.policy.NOTES`.
"""

import ast
import re
from typing import Any

VALUE = "$value"
MODULE = "<module>"

Noted = tuple[str, int]


def place(node: Any) -> dict[str, Any]:
    """Return where a node stands. Every node that is put in gets a place, so that the tree need not be walked again."""
    return {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": node.end_lineno,
        "end_col_offset": node.end_col_offset,
    }


# -- the value of the last expression -----------------------------------------------------------------------------


def keep_last_value(body: list[Any], notes: list[Noted]) -> None:
    """Have the last expression leave its value under `VALUE`; also under `if __name__ == "__main__":`."""
    last = body[-1] if body else None
    if isinstance(last, ast.Expr):
        body[-1] = ast.Assign([ast.Name(VALUE, ast.Store(), **place(last))], last.value, **place(last))
    elif isinstance(last, ast.If) and _is_main_test(last.test) and not last.orelse:
        if isinstance(_last_of_main(last.body), ast.Expr):
            notes.append(("main-block", last.lineno))
        keep_last_value(last.body, notes)


def _last_of_main(body: list[Any]) -> Any:
    last = body[-1]
    return _last_of_main(last.body) if isinstance(last, ast.If) and _is_main_test(last.test) else last


def _is_main_test(test: Any) -> bool:
    match test:
        case ast.Compare(left, [ast.Eq()], [right]):
            sides = [left, right]
            names = [side.id for side in sides if isinstance(side, ast.Name)]
            constants = [side.value for side in sides if isinstance(side, ast.Constant)]
            return names == ["__name__"] and constants == ["__main__"]
    return False


def advice(tree: ast.Module, source: str) -> Noted | None:
    """Return the note that tells why the program gave None, should it give None."""
    body = tree.body
    while body and isinstance(body[-1], ast.If) and _is_main_test(body[-1].test):
        body = body[-1].body
    if not body:
        return None
    functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    last: Any = body[-1]
    uncalled = functions.get(last.name if isinstance(last, ast.FunctionDef | ast.AsyncFunctionDef) else "main")
    if uncalled is not None and len(re.findall(rf"\b{re.escape(uncalled.name)}\b", source)) == 1:
        return "never-called", uncalled.lineno
    return _advice_on_last(last, functions)


def _advice_on_last(last: Any, functions: dict[str, Any]) -> Noted | None:
    match last:
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign(value=ast.expr()):
            return "last-assigns", last.lineno
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return "last-prints", last.lineno
        case ast.Expr(value=value):
            called = functions.get(_called(value))
            return None if called is None or _returns_value(called.body) else ("last-returns-none", last.lineno)
    inner = _end_of_block(last)
    return None if inner is None else ("last-in-block", inner.lineno)


def _end_of_block(block: Any) -> Any:
    """Return the expression that ends a block and does nothing there: what was meant to be the value."""
    while isinstance(block, ast.If | ast.For | ast.While | ast.With | ast.AsyncFor | ast.AsyncWith | ast.Try):
        block = block.body[-1]
    idle = ast.Name | ast.Attribute | ast.Subscript | ast.Dict | ast.List | ast.Tuple | ast.BinOp | ast.JoinedStr
    return block if isinstance(block, ast.Expr) and isinstance(block.value, idle) else None


def _called(value: Any) -> str:
    """Return the name of the function that an expression calls, also in `await f()` and `asyncio.run(f())`."""
    match value:
        case ast.Await(value=inner) | ast.Call(func=ast.Attribute(ast.Name("asyncio"), "run"), args=[inner]):
            return _called(inner)
        case ast.Call(func=ast.Name(id=name)):
            return str(name)
    return ""


def _returns_value(body: list[Any]) -> bool:
    """Say whether a function returns or yields something; what is defined in it does not count."""
    pending: list[Any] = [*body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom) or (isinstance(node, ast.Return) and node.value is not None):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))
    return False


# -- `return` at the top level ------------------------------------------------------------------------------------


def wrap(tree: ast.Module) -> list[Noted]:
    """Make the body of a program that returns at its top level the body of a function; return the notes.

    All names that the body binds are global in it, so that it stays what it was: `finally` and `with` see an ordinary
    return. The function bears the name that frames of a module show. No notes: nothing was done, as it cannot be one.
    """
    scope = _Scope()
    first = next((at for at, one in enumerate(tree.body) if not _is_preamble(one)), len(tree.body))
    preamble, body = tree.body[:first], [scope.visit(one) for one in tree.body[first:]]
    if scope.yields or not scope.returns:
        return []
    notes = [("return-at-top", scope.returns[0])]
    if scope.awaits:
        body, more = run_awaited(body)
        notes += more
    names = sorted(scope.names)
    start, end = place(body[0]), place(body[-1])
    if names:
        body.insert(0, ast.Global(names, **start))
    nothing = ast.arguments([], [], None, [], [], None, [])
    kind: Any = ast.AsyncFunctionDef if scope.awaits else ast.FunctionDef
    call: ast.expr = ast.Call(ast.Name(MODULE, ast.Load(), **end), [], [], **end)
    if scope.awaits:
        call = ast.Await(call, **end)
    keep = ast.Assign([ast.Name(VALUE, ast.Store(), **end)], call, **end)
    tree.body = [*preamble, kind(MODULE, nothing, body, [], None, None, [], **start), keep]
    return notes


def _is_preamble(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class _Scope(ast.NodeTransformer):
    """Collects what a body binds, and makes of it what may stand in a function that declares it all global."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.returns: list[int] = []
        self.awaits = self.yields = False
        self._comprehensions = 0

    def visit_Name(self, node: ast.Name) -> Any:
        if not isinstance(node.ctx, ast.Load) and not self._comprehensions and node.id != VALUE:
            self.names.add(node.id)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        self.names.add(node.target.id)
        node.value = self.visit(node.value)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        # The value of the last expression, which falls off the end.
        kept = isinstance(node.targets[0], ast.Name) and node.targets[0].id == VALUE
        self.generic_visit(node)
        return ast.Return(node.value, **place(node)) if kept else node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        # A name that is global there cannot be annotated; annotations of a module's names have no effect here.
        if not isinstance(node.target, ast.Name):
            return self.generic_visit(node)
        self.names.add(node.target.id)
        if node.value is None:
            return ast.Pass(**place(node))
        return ast.Assign([node.target], self.visit(node.value), **place(node))

    def visit_FunctionDef(self, node: Any) -> Any:
        self.names.add(node.name)
        self._visit_all([*node.decorator_list, node.args])
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.names.add(node.name)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        return node

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        self.visit(node.args)
        return node

    def visit_arguments(self, node: ast.arguments) -> Any:
        self._visit_all([*node.defaults, *(one for one in node.kw_defaults if one is not None)])
        return node

    def _visit_all(self, nodes: list[Any]) -> None:
        for node in nodes:
            self.visit(node)

    def visit_TypeAlias(self, node: Any) -> Any:
        self.names.add(node.name.id)
        return node

    def visit_alias(self, node: ast.alias) -> Any:
        self.names.add(node.asname or node.name.partition(".")[0])
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        return self.generic_visit(node)

    def _visit_named(self, node: Any) -> Any:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self.names.add(name)
        return self.generic_visit(node)

    visit_ExceptHandler = visit_MatchAs = visit_MatchStar = visit_MatchMapping = _visit_named

    def visit_Return(self, node: ast.Return) -> Any:
        self.returns.append(node.lineno)
        return self.generic_visit(node)

    def _visit_awaiting(self, node: Any) -> Any:
        self.awaits = True
        return self.generic_visit(node)

    visit_Await = visit_AsyncFor = visit_AsyncWith = _visit_awaiting

    def _visit_yielding(self, node: Any) -> Any:
        self.yields = True
        return self.generic_visit(node)

    visit_Yield = visit_YieldFrom = _visit_yielding

    def _visit_comprehension(self, node: Any) -> Any:
        awaits = self.awaits
        self._comprehensions += 1
        self.generic_visit(node)
        self._comprehensions -= 1
        if isinstance(node, ast.GeneratorExp):
            # It awaits when somebody iterates over it; only its first iterable is evaluated here.
            self.awaits = awaits
            self.visit(node.generators[0].iter)
        else:
            self.awaits |= any(one.is_async for one in node.generators)
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension


# -- `asyncio.run(...)` where the event loop runs already ---------------------------------------------------------


def run_awaited(body: list[Any]) -> tuple[list[Any], list[Noted]]:
    """Have `asyncio.run(x)` at the top level of a program that awaits there await `x`; return body and notes."""
    if not any(isinstance(one, ast.Import) and "asyncio" in [alias.name for alias in one.names] for one in body):
        return body, []
    rewriting = _RunAwaited()
    return [rewriting.visit(one) for one in body], rewriting.notes


class _RunAwaited(ast.NodeTransformer):
    def __init__(self) -> None:
        self.notes: list[Noted] = []

    def visit_Call(self, node: ast.Call) -> Any:
        match node:
            case ast.Call(func=ast.Attribute(ast.Name("asyncio"), "run"), args=[ast.expr() as main], keywords=[]):
                if not isinstance(main, ast.Starred):
                    self.notes.append(("run-awaited", node.lineno))
                    return ast.Await(self.visit(main), **place(node))
        return self.generic_visit(node)

    def _keep(self, node: Any) -> Any:
        return node

    # Where the loop need not run, or nothing can be awaited.
    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = visit_GeneratorExp = _keep
