"""How attributes are read and written in guarded code: which need a guard, and what is asked before it is called.

A call of a guard costs more than all else in a short method, so compiled code compares first: the type of a variable
with the classes that are wholly the program's, or a text with those that read no attribute. Nothing of the program's
runs between the question and the use.
"""

import ast

from RestrictedPython.transformer import INSPECT_ATTRIBUTES

from sandbox import policy
from sandbox.engines.cpython.guest import texts
from sandbox.engines.cpython.guest.kindness import place

# Names of the guards, and of what is compared. No source text can contain them: they are no identifiers.
GETATTR, WRITE = "$getattr", "$write"
TYPE, STR, PLAIN, TEXTS = "$type", "$str", "$plain", "$texts"
MODULES, SHUT = "$modules", "$shut"
GUARDS = (GETATTR, WRITE, TYPE, STR, PLAIN, TEXTS, MODULES, SHUT)
FORMATTING = frozenset({"format", "format_map"})
# Methods that follow a name given as text.
FOLLOWING = frozenset({"__getattr__", "__setattr__", "__delattr__"})
# Names that are read by the guard although they may be named. `C.mro()` lists types, and so the type of all types.
GUARDED_NAMES = FORMATTING | FOLLOWING | {"mro"}
# Private names that are guarded even in classes that are wholly the program's.
_ALWAYS_GUARDED: set[str] = set()
# Not empty in a guest with packages.
_HAS_PACKAGES: list[bool] = []


def keep_guarded(names: frozenset[str]) -> None:
    """Set the private names that are always read by the guard."""
    _ALWAYS_GUARDED.update(names)


def expect_packages() -> None:
    """Have formatting that reads any attribute ask first: what is formatted may be a module of a package."""
    _HAS_PACKAGES.append(True)


def attribute_refusal(name: str) -> str | None:
    """Return why no program may name the attribute, or None. An underscore is judged at run time."""
    if name in INSPECT_ATTRIBUTES:
        return f'attribute "{name}" exposes the interpreter'
    if name.startswith("__") and name.endswith("__") and name not in policy.SPECIAL_NAMES:
        return f'attribute "{name}" is not available'
    return None


def is_harmless_text(text: str) -> bool:
    """Say whether formatting with the text reads only attributes that the program could name."""
    names = texts.attributes_of(text)
    if names and _HAS_PACKAGES:
        return False
    return names is not None and not any(
        name.startswith("_") or name in GUARDED_NAMES or attribute_refusal(name) for name in names
    )


def is_guarded(name: str) -> bool:
    """Say whether an attribute is read by a guard."""
    private = name.startswith("_") and name not in policy.SPECIAL_NAMES
    return (private or name in GUARDED_NAMES or name == "__class__") and name not in policy.PUBLIC_UNDERSCORE_NAMES


def checked(node: ast.expr) -> ast.expr:
    """Return what gives the same object, unless it is a module that is no facade: those are shut.

    For programs that import packages, which may hand out such modules; all other programs come by none.
    """
    if isinstance(node, ast.Constant | ast.JoinedStr):
        return node
    shut = _call(SHUT, node, node)
    if not isinstance(node, ast.Name):
        return shut
    at = place(node)
    is_open = ast.Compare(_call(TYPE, node, node), [ast.NotIn()], [ast.Name(MODULES, ast.Load(), **at)], **at)
    return ast.IfExp(is_open, node, shut, **at)


def read(node: ast.Attribute, name: str) -> ast.expr:
    """Return what reads the attribute `name`; `node` would read it without a guard."""
    if not is_guarded(name):
        return node
    guarded = _call(GETATTR, node, node.value, ast.Constant(name, **place(node)))
    return _read_of_text(node, guarded) if name in FORMATTING else _unless_plain(node.value, node, guarded, name)


def target(node: ast.Attribute, name: str) -> ast.expr:
    """Return the object whose attribute `name` is set or deleted."""
    if not name.startswith("_") and name not in policy.SPECIAL_NAMES:
        return node.value
    guarded = _call(WRITE, node, node.value, ast.Constant(name, **place(node)))
    return _unless_plain(node.value, node.value, guarded, name)


def _read_of_text(node: ast.Attribute, guarded: ast.expr) -> ast.expr:
    text, at = node.value, place(node)
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        return node if is_harmless_text(text.value) else guarded
    if not isinstance(text, ast.Name):
        return guarded
    is_text = ast.Compare(_call(TYPE, node, text), [ast.Is()], [ast.Name(STR, ast.Load(), **at)], **at)
    is_known = ast.Compare(text, [ast.In()], [ast.Name(TEXTS, ast.Load(), **at)], **at)
    return ast.IfExp(ast.BoolOp(ast.And(), [is_text, is_known], **at), node, guarded, **at)


def _unless_plain(of: ast.expr, plain: ast.expr, guarded: ast.expr, name: str) -> ast.expr:
    if not isinstance(of, ast.Name) or name.endswith("__") or name in _ALWAYS_GUARDED:
        return guarded
    at = place(of)
    is_plain = ast.Compare(_call(TYPE, of, of), [ast.In()], [ast.Name(PLAIN, ast.Load(), **at)], **at)
    return ast.IfExp(is_plain, plain, guarded, **at)


def _call(function: str, where: ast.expr, *arguments: ast.expr) -> ast.Call:
    at = place(where)
    return ast.Call(ast.Name(function, ast.Load(), **at), [*arguments], [], **at)
