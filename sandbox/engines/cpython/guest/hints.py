"""What whoever repairs a program should write instead: the hint of an exception that it did not catch.

Nothing here runs code of the program: it may be what failed, and it may be hostile. See `statics`.
"""

import ast
import difflib
import re
from collections.abc import Collection
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest import interior, statics
from sandbox.engines.cpython.guest.transformer import hint_of_member
from sandbox.errors import ValueRejected

_AWAIT = "the value of an async function was used without waiting for it: write `await` in front of the call"
_GATHER = "write `await` in front of asyncio.gather(...): async functions give awaitables where the program awaits"
_SYNC = (
    "only the value of an async function can be awaited, and this one is not: leave `await` out, "
    "or call it with .aio(...), as in `await f.aio(x)` or asyncio.gather(f.aio(1), f.aio(2))"
)
_NONE = "the value in front is None: look at what gave it, and check it first, as in `if x is not None:`"
_LIST = "it is a list: take one of its items first, as in x[0], or loop over it"
_TEXT = 'it is text: if it is JSON, json.loads(x) reads it, and then x["name"] works'
_CONSTANTS = {"null": "None", "true": "True", "false": "False", "undefined": "None", "nil": "None"}
# A builtin is a likely slip only when it is very like what was written.
_LIKE_A_BUILTIN = 0.8
_SHOWN_NAMES = 10
_LONGEST_EXPRESSION = 500
_ARGUMENTS = re.compile(r"^((?:\w+\.)*\w+)\(\) (?:missing|takes|got)\b")
_UNBOUND = re.compile(r"^cannot access local variable '(\w+)'")
# What a TypeError says -> what to write instead. The first that is found holds.
_TYPE_ERRORS = (
    ("the JSON object must be str, bytes or bytearray, not", "the value is no JSON text but was read already: leave "
     "json.loads out"),
    ("string indices must be integers", _TEXT),
    ("list indices must be integers or slices, not str", _LIST),
    ("'NoneType' object", _NONE),
    ("asynchronous context manager", "only some objects can be entered with `async with`: write `with`, or nothing but "
     "the call"),
    ("context manager protocol", "only some objects can be entered with `with`: write `async with` for asynchronous "
     "ones, or nothing but the call"),
    ("'async for' requires", "write `for` without `async`"),
    ("is not JSON serializable", "convert it first: dataclasses.asdict(x), list(x), str(x); or leave json.dumps out: "
     "the answer becomes JSON by itself"),
)  # fmt: skip


def of_exception(
    error: BaseException, text: str, *, names: Collection[str], namespace: dict[str, Any], line: str, place: Any
) -> str | None:
    """Return the hint of an exception.

    Args:
        text: what the exception says.
        names: inputs and functions.
        namespace: the program's own names.
        line: the source of the innermost line of the program.
        place: the innermost frame of the program and the source of the expression that failed, None without one.
    """
    told = statics.held(error, "hint")
    if type(told) is str:
        return told
    if statics.is_a(error, ValueRejected):
        reason = statics.held(error, "reason")
        return reason if type(reason) is str else None
    if statics.is_a(error, NameError):
        return _of_name(error, text, names, namespace, line)
    if statics.is_a(error, KeyError):
        return _of_key(error, place)
    if statics.is_a(error, RecursionError):
        return "the recursion limit is 1000 calls; use a loop"
    if statics.is_a(error, SystemExit):
        return "end the program with the value as its last line; to stop earlier, write `return` and the value"
    if statics.is_a(error, AttributeError | TypeError):
        return _of_awaiting(text, line) or _of_type(error, text, namespace)
    return None


def _of_awaiting(text: str, line: str) -> str | None:
    if "unhashable" in text and "gather(" in line:
        return _SYNC if "await " in line else _GATHER
    if "be awaited" in text or "awaitable is required" in text:
        return _SYNC
    return _AWAIT if "coroutine" in text else None


def _of_type(error: BaseException, text: str, namespace: dict[str, Any]) -> str | None:
    if statics.is_a(error, AttributeError):
        return _of_attribute(error)
    for said, hint in _TYPE_ERRORS:
        if said in text:
            return hint
    called = _ARGUMENTS.match(text)
    return None if called is None else _of_arguments(called[1], namespace)


def _of_arguments(name: str, namespace: dict[str, Any]) -> str | None:
    """Return the signature of a function of the program; those of the host bring theirs."""
    first, *steps = name.split(".")
    found = statics.item(namespace, first)
    for step in steps:
        found = statics.attribute_of_class(found, step)
    parameters = statics.signature(found)
    return None if parameters is None else f"signature: {name}{parameters}"


# -- names --------------------------------------------------------------------------------------------------------


def _of_name(
    error: BaseException, text: str, names: Collection[str], namespace: dict[str, Any], line: str
) -> str | None:
    name = statics.member(error, NameError, "name")
    unbound = _UNBOUND.match(text) if statics.is_a(error, UnboundLocalError) else None
    if unbound is not None:
        name = unbound[1]
        return (
            f'"{name}" is assigned in this function and so is a variable of its own there: write `global {name}` '
            f"as its first line (`nonlocal {name}` inside of another function), or give it another name"
        )
    if type(name) is not str:
        return None
    if name in policy.ABSENT_BUILTINS:
        return f"{name} is not available: {policy.ABSENT_BUILTINS[name]}"
    if name in policy.MODULES:
        return f"write `import {name}` first"
    if name in _CONSTANTS:
        return f"write {_CONSTANTS[name]}"
    return _of_unknown_name(name, names, namespace, line)


def _of_unknown_name(name: str, names: Collection[str], namespace: dict[str, Any], line: str) -> str:
    members = re.findall(rf"\b{re.escape(name)}\.(\w+)", line)
    called = next((member for member in members if member in names), None)
    if called is not None:
        return f'"{called}" is there by its own name: write {called}, without "{name}."'
    own = [known for known in statics.texts(namespace) if known.isidentifier() and not known.startswith("__")]
    near = difflib.get_close_matches(name, [*dict.fromkeys([*names, *own])], 1)
    if not near:
        near = difflib.get_close_matches(name, [*policy.BUILTINS, *policy.GUARDED_BUILTINS], 1, _LIKE_A_BUILTIN)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"names given to this program: {', '.join(names) if names else 'none'}"


# -- attributes and keys ------------------------------------------------------------------------------------------


def _of_attribute(error: BaseException) -> str | None:
    name, target = statics.member(error, AttributeError, "name"), interior.subject(error)
    if type(name) is not str:
        return None
    if target is None:
        return _NONE
    if statics.is_module(target):
        return hint_of_member(statics.name_of_module(target), name)
    if statics.is_a(target, dict):
        keys = statics.texts(target)
        if name in keys:
            return f'it is a dictionary: write ["{name}"] instead of .{name}'
    near = difflib.get_close_matches(name, statics.attributes(target), 1)
    if near:
        return f'did you mean ".{near[0]}"?'
    if statics.is_a(target, dict):
        return f"it is a dictionary; {_keys(statics.texts(target))}"
    return _LIST if type(target) is list else _TEXT if type(target) is str else None


def _of_key(error: BaseException, place: Any) -> str | None:
    arguments = statics.member(error, BaseException, "args")
    mapping = None if place is None or len(arguments) != 1 else _mapping_of(*place)
    if mapping is None:
        return None
    keys = statics.texts(mapping)
    key = arguments[0]
    near = difflib.get_close_matches(key[:100], keys, 1) if type(key) is str else []
    return f'did you mean "{near[0]}"? {_keys(keys)}' if near else _keys(keys)


def _keys(keys: list[str]) -> str:
    shown = ", ".join(f'"{key}"' for key in keys[:_SHOWN_NAMES])
    more = f" and {len(keys) - _SHOWN_NAMES} more" if len(keys) > _SHOWN_NAMES else ""
    return f"its keys: {shown or 'none'}{more}"


def _mapping_of(frame: Any, expression: str) -> Any:
    """Return the dictionary that was looked into, when it can be found without computing anything."""
    if len(expression) > _LONGEST_EXPRESSION:
        return None
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    match tree:
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value, attr="pop")):
            found = _found(value, statics.variables(frame))
            return found if statics.is_a(found, dict) else None
    return None


def _found(node: ast.expr, scopes: list[Any]) -> Any:
    """Return what a name, a constant item or a stored attribute is; None when it would have to be computed."""
    match node:
        case ast.Name(id=name):
            return next((scope[name] for scope in scopes if name in scope), None)
        case ast.Attribute(value=value, attr=name):
            return statics.attribute(_found(value, scopes), name)
        case ast.Subscript(value=value, slice=ast.Constant(value=key)):
            return statics.item_at(_found(value, scopes), key)
        case ast.Subscript(value=value, slice=ast.Name(id=name)):
            return statics.item_at(_found(value, scopes), _found(ast.Name(id=name), scopes))
    return None
