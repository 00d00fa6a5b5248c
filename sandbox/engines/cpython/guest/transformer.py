"""The language policy, enforced: source text in, a code object or all violations out.

RestrictedPython's transformer is closed by default: a syntax node without a visitor of its own is refused. This
subclass opens what programs need and keeps the guards few, so that guarded code runs at the speed of plain code:
names and attributes are judged while compiling; only attributes with an underscore, and `format` (whose text can
walk attributes), are judged while running. It never drops a node, so that one violation cannot hide another.
"""

import ast
import difflib
import inspect
from collections.abc import Collection
from typing import Any, NamedTuple

from RestrictedPython.transformer import RestrictingNodeTransformer

from sandbox import policy
from sandbox.engines.cpython.guest import attributes, kindness
from sandbox.engines.cpython.guest.attributes import GUARDED_NAMES, attribute_refusal
from sandbox.engines.cpython.guest.kindness import Noted, place

# The name of the guard of patterns. No source text can contain it: it is no identifier.
PATTERN = "$pattern"
FILENAME = "<program>"


class Violation(Exception):
    """One thing that the source may not say. Lines count from 1; columns from 1, in bytes.

    `ends` says that the column is the one behind the name, and not the one where it begins.
    """

    def __init__(self, line: int, column: int, code: str, message: str, hint: str, *, ends: bool = False) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.code = code
        self.message = message
        self.hint = hint
        self.ends = ends


class PolicyRefused(Exception):
    """The source breaks the policy; `violations` holds every place, in the order of the text."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(f"{len(violations)} violations")
        self.violations = violations


class Compiled(NamedTuple):
    """A program that can run, and what there is to say about it."""

    code: Any
    notes: list[Noted]
    """What was done for it."""
    advice: Noted | None
    """Why it gave None, should it give None."""


def compile_program(source: str, *, guarded: bool = True, functions: Collection[str] = ()) -> Compiled:
    """Compile `source`, which leaves the value of its last expression under `kindness.VALUE`.

    Args:
        functions: names that are there already, so that importing them can be left out.

    Raises:
        SyntaxError, ValueError, MemoryError, RecursionError: the parser refused the text.
        PolicyRefused: the policy refused it.
    """
    tree = ast.parse(source, FILENAME, "exec")
    notes: list[Noted] = []
    if guarded:
        transformer = GuestTransformer(functions, checks_modules=_uses_packages(tree))
        tree = transformer.visit(tree)
        if transformer.violations:
            raise PolicyRefused(sorted(transformer.violations, key=lambda found: (found.line, found.column)))
        notes += transformer.notes
    advice = kindness.advice(tree, source)
    kindness.keep_last_value(tree.body, notes)
    return _compiled(tree, source, notes, advice)


def _uses_packages(tree: ast.Module) -> bool:
    """Say whether a program imports a package of the image: only those hand out modules that are no facades."""
    return bool(_OF_PACKAGES) and any(
        (isinstance(node, ast.Import) and any(alias.name in _OF_PACKAGES for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module in _OF_PACKAGES)
        for node in ast.walk(tree)
    )


def _compiled(tree: ast.Module, source: str, notes: list[Noted], advice: Noted | None) -> Compiled:
    try:
        code = _code_of(tree)
    except SyntaxError as error:
        # Only then, so that no other program pays for it.
        wrapped = kindness.wrap(tree) if error.msg == "'return' outside function" else []
        if not wrapped:
            raise
        return Compiled(_code_of(tree), [*notes, *wrapped], None)
    if code.co_flags & inspect.CO_COROUTINE and "asyncio.run" in source:
        tree.body, awaited = kindness.run_awaited(tree.body)
        if awaited:
            return Compiled(_code_of(tree), [*notes, *awaited], advice)
    return Compiled(code, notes, advice)


def _code_of(tree: ast.Module) -> Any:
    return compile(tree, FILENAME, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


# Names that `from x import y` finds, by module: those of the facades.
_OFFERED: dict[str, frozenset[str]] = {}


# Modules of the packages of a guest image: they hand out what no policy has judged.
_OF_PACKAGES: set[str] = set()


def offer(names: dict[str, frozenset[str]], *, of_packages: Collection[str] = ()) -> None:
    """Set what each module offers, and which are those of packages."""
    _OFFERED.update(names)
    _OF_PACKAGES.update(of_packages)


def importable() -> list[str]:
    """Return the modules that programs may import, those of packages by their first names."""
    return [*policy.MODULES, *sorted({name.partition(".")[0] for name in _OF_PACKAGES})]


def hint_of_module(name: str) -> str:
    """Return what to write instead of a module that is not there."""
    known = policy.ABSENT_MODULES.get(name) or policy.ABSENT_MODULES.get(name.partition(".")[0])
    if known is not None:
        return known
    near = difflib.get_close_matches(name, [*policy.MODULES, *_OF_PACKAGES], 1)
    if near:
        return f'did you mean "{near[0]}"?'
    return "the functions of this run are there without an import; all else the program has to compute itself"


# Attributes that are not there -> what gives the same.
_OF_ATTRIBUTES = {"__dict__": "use vars(x)", "__annotations__": "use typing.get_type_hints(x)"}


def hint_of_member(module: str, name: str) -> str:
    """Return what to write instead of a member that a module does not have here."""
    known = policy.ABSENT_MEMBERS.get(f"{module}.{name}")
    if known is not None:
        return known
    near = difflib.get_close_matches(name, _OFFERED.get(module, ()), 1)
    return f'did you mean "{near[0]}"?' if near else "use another way that the module offers"


def modules_with(name: str) -> list[str]:
    """Return the modules that offer a public name."""
    return [module for module, offered in _OFFERED.items() if name in offered and not name.startswith("_")]


class GuestTransformer(RestrictingNodeTransformer):
    """Collects violations and puts the guards in."""

    def __init__(self, functions: Collection[str] = (), *, checks_modules: bool = False) -> None:
        super().__init__()
        self._checks_modules = checks_modules
        self.notes: list[Noted] = []
        self._functions = functions
        self.violations: list[Violation] = []
        self._class_name: str | None = None  # innermost class, which private names are mangled with
        self._in_class_body = False
        self._hoisted: list[ast.stmt] = []  # what must be done before the innermost `match`
        self._patterns = 0

    # -- how violations are recorded --------------------------------------------------------------------------

    def refuse(self, node: Any, code: str, message: str, hint: str) -> None:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        # An attribute's node begins where the expression before the dot does; the name is at its end.
        ends = isinstance(node, ast.Attribute) and node.end_lineno is not None and node.end_col_offset is not None
        if ends:
            line, column = node.end_lineno, node.end_col_offset + 1
        self.violations.append(Violation(line, column, code, message, hint, ends=ends))

    def error(self, node: Any, info: str) -> None:
        """Record what the base class refuses."""
        self.refuse(node, "syntax-not-allowed", info, "write it another way")

    def not_allowed(self, node: Any) -> Any:
        name = type(node).__name__
        self.refuse(node, "syntax-not-allowed", f"{name} statements are not allowed.", "write it another way")
        return self.node_contents_visit(node)

    def visit(self, node: Any) -> Any:
        # The base class has visitors for more than was reviewed here, so only the policy's own lists count.
        name = type(node).__name__
        if name in policy.PLAIN_NODES:
            return self.generic_children(node)
        return super().visit(node) if name in policy.JUDGED_NODES else self.not_allowed(node)

    def generic_children(self, node: Any) -> Any:
        return ast.NodeTransformer.generic_visit(self, node)

    node_contents_visit = generic_children

    def generic_visit(self, node: Any) -> Any:
        return self.not_allowed(node)

    # -- names ------------------------------------------------------------------------------------------------

    def check_variable(self, node: Any, name: str | None) -> None:
        if name is None or not name.startswith("__") or not name.endswith("__") or name == "__name__":
            return
        if self._in_class_body and name in policy.SPECIAL_NAMES:
            return
        hint = policy.ABSENT_BUILTINS.get(name, "choose a name without underscores at both ends")
        self.refuse(node, "name-not-allowed", f'name "{name}" is not available', hint)

    def check_attribute(self, node: Any, name: str) -> None:
        reason = attribute_refusal(name)
        if reason is not None:
            self.refuse(
                node, "attribute-not-allowed", reason, _OF_ATTRIBUTES.get(name, "keep to public attributes and methods")
            )

    def visit_Name(self, node: ast.Name) -> Any:
        self.check_variable(node, node.id)
        return node

    def _visit_named(self, node: Any) -> Any:
        self.check_variable(node, node.name)
        return self.generic_children(node)

    visit_ExceptHandler = visit_MatchAs = visit_MatchStar = _visit_named
    visit_TypeVar = visit_ParamSpec = visit_TypeVarTuple = _visit_named

    def visit_Global(self, node: Any) -> Any:
        for name in node.names:
            self.check_variable(node, name)
        return node

    visit_Nonlocal = visit_Global

    def visit_MatchMapping(self, node: ast.MatchMapping) -> Any:
        self.check_variable(node, node.rest)
        return self.generic_children(node)

    def visit_Match(self, node: ast.Match) -> Any:
        outer, self._hoisted = self._hoisted, []
        node = self.generic_children(node)
        hoisted, self._hoisted = self._hoisted, outer
        return [*hoisted, node] if hoisted else node

    def visit_MatchClass(self, node: ast.MatchClass) -> Any:
        for name in node.kwd_attrs:
            self.check_attribute(node, name)
            if name.startswith("_") or name in GUARDED_NAMES:
                self.refuse(node, "attribute-not-allowed", f'a pattern may not read "{name}"', "read it in the body")
        node = self.generic_children(node)
        if node.patterns or isinstance(node.cls, ast.Call) or self._checks_modules:
            # The class names the attributes that are read, so it is judged before, and what was judged is matched.
            at = place(node.cls)
            self._patterns += 1
            name = f"{PATTERN}{self._patterns}"
            judged = ast.Call(ast.Name(PATTERN, ast.Load(), **at), [node.cls], [], **at)
            self._hoisted.append(ast.Assign([ast.Name(name, ast.Store(), **at)], judged, **at))
            node.cls = ast.Name(name, ast.Load(), **at)
        return node

    def visit_keyword(self, node: ast.keyword) -> Any:
        self.check_variable(node, node.arg)
        return self.generic_children(node)

    def visit_arg(self, node: ast.arg) -> Any:
        self.check_variable(node, node.arg)
        return self.generic_children(node)

    def visit_FunctionDef(self, node: Any) -> Any:
        self.check_variable(node, node.name)
        in_class_body, self._in_class_body = self._in_class_body, False
        node = self.generic_children(node)
        self._in_class_body = in_class_body
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.check_variable(node, node.name)
        outer, first = (self._class_name, self._in_class_body), self._patterns + 1
        self._class_name, self._in_class_body = node.name, True
        node = self.generic_children(node)
        self._class_name, self._in_class_body = outer
        # The body of a class looks names up in its namespace first, which a metaclass may have made.
        patterns = (f"{PATTERN}{number}" for number in range(first, self._patterns + 1))
        guards = ast.Global([*attributes.GUARDS, PATTERN, *patterns], **place(node))
        node.body.insert(ast.get_docstring(node, clean=False) is not None, guards)
        return node

    # -- attributes -------------------------------------------------------------------------------------------

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        self.check_attribute(node, node.attr)
        node = self.generic_children(node)
        name = self._mangled(node.attr)
        if self._checks_modules and not attributes.is_guarded(name):
            node.value = attributes.checked(node.value)
        if isinstance(node.ctx, ast.Load):
            return attributes.read(node, name)
        node.value = attributes.target(node, name)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        target = node.target
        if isinstance(target, ast.Attribute) and target.attr.startswith("_"):
            # `x._n += 1` compiles to one read and one write of the target, and the guard of the write serves both:
            # it lets only objects of the program's own classes through, whose attributes may be read as well.
            self.check_attribute(target, target.attr)
        if isinstance(target, ast.Attribute) and (target.attr in GUARDED_NAMES or target.attr == "__class__"):
            message = f'attribute "{target.attr}" cannot be assigned in place'
            self.refuse(target, "attribute-not-allowed", message, "write it as an assignment")
        return self.generic_children(node)

    def _mangled(self, name: str) -> str:
        owner = (self._class_name or "").lstrip("_")
        if owner and name.startswith("__") and not name.endswith("__"):
            return f"_{owner}{name}"
        return name

    # -- imports ----------------------------------------------------------------------------------------------

    def visit_Import(self, node: ast.Import) -> Any:
        kept = []
        for alias in node.names:
            if alias.name in self._functions and alias.asname in (None, alias.name):
                self.notes.append(("import-left-out", node.lineno))
                continue
            kept.append(alias)
            self._check_module(alias, alias.name)
            self.check_variable(alias, alias.asname)
        node.names = kept
        return node if kept else ast.Pass(**place(node))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if self._imports_functions(node):
            self.notes.append(("import-left-out", node.lineno))
            return ast.Pass(**place(node))
        if node.level or node.module is None:
            self.refuse(node, "import-not-allowed", "relative imports are not allowed", "import an allowed module")
        elif node.module != "__future__" and self._check_module(node, node.module):
            for alias in node.names:
                self._check_imported(node.module, alias)
        return node

    def _imports_functions(self, node: ast.ImportFrom) -> bool:
        """Say whether an import asks some module that there is not for functions that are there already."""
        return node.module not in _OFFERED and all(
            alias.name in self._functions and alias.asname in (None, alias.name) for alias in node.names
        )

    def _check_imported(self, module: str, alias: ast.alias) -> None:
        self.check_variable(alias, alias.asname)
        if alias.name == "*":
            self.refuse(alias, "import-not-allowed", f"from {module} import * is not allowed", "name what you import")
        elif alias.name.startswith("_") or alias.name not in _OFFERED[module]:
            message = f'"{alias.name}" of module "{module}" is not available'
            self.refuse(alias, "import-not-allowed", message, hint_of_member(module, alias.name))

    def _check_module(self, node: Any, name: str) -> bool:
        if name in _OFFERED:
            return True
        self.refuse(node, "import-not-allowed", f'module "{name}" cannot be imported', hint_of_module(name))
        return False
