"""What a program should have known of the value that it looked into: its keys, its length, where its text came from.

The value is found by reading the expression that failed, with the variables of its frame: nothing is computed.
"""

import ast
import difflib
import re
from typing import Any

from sandbox.engines.cpython.guest import statics

TEXT = 'it is text: if it is JSON, json.loads(x) reads it, and then x["name"] works'
_LOOP = re.compile(r"\bfor\s+\w+\s+in\s+(\w+)\b(?!\s*[.(\[])")
_SHOWN_NAMES = 10
_LONGEST_EXPRESSION = 500


def of_key(arguments: tuple[Any, ...], place: Any) -> str | None:
    """Return the hint for a key that is not there; `arguments` are those of the KeyError."""
    mapping = None if len(arguments) != 1 else _looked_into(place)
    if not statics.is_a(mapping, dict):
        return None
    names = statics.texts(mapping)
    key = arguments[0]
    near = difflib.get_close_matches(key[:100], names, 1) if type(key) is str else []
    return f'did you mean "{near[0]}"? {keys(names)}' if near else keys(names)


def keys(names: list[str]) -> str:
    """Return the keys of a dictionary, the first of them."""
    shown = ", ".join(f'"{key}"' for key in names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return f"its keys: {shown or 'none'}{more}"


def of_index(place: Any) -> str | None:
    """Return the hint for an index beyond the end."""
    items = _looked_into(place)
    if type(items) not in (list, tuple, str):
        return None
    count = len(items)
    if not count:
        return "it is empty: look at what gave it, and check it first, as in `if x:`"
    return "it has 1 item: x[0]" if count == 1 else f"it has {count} items: the last one is x[{count - 1}] or x[-1]"


def of_text(place: Any, line: str) -> str:
    """Return the hint for a name in brackets behind a text, which may be a key that a loop over a dictionary gave."""
    text = _looked_into(place)
    if type(text) is str:
        dictionaries = [one for one in _dictionaries(place[0]) if text in statics.texts(one[1])]
    else:
        # The variable of a comprehension cannot be seen from outside, but what it goes over can.
        looped = set(_LOOP.findall(line))
        dictionaries = [] if place is None else [one for one in _dictionaries(place[0]) if one[0] in looped]
    return _of_loop(*dictionaries[0]) if dictionaries else TEXT


def _of_loop(name: str, mapping: Any) -> str:
    lists = [key for key in statics.texts(mapping) if type(statics.item(mapping, key)) is list]
    items = f'{name}["{lists[0]}"]' if lists else f"{name}.values()"
    return f"a loop over {name} gives its keys, which are text: loop over {items}"


def _dictionaries(frame: Any) -> list[tuple[str, Any]]:
    scopes = [(scope, name) for scope in statics.variables(frame) for name in _names(scope)]
    return [(name, scope[name]) for scope, name in scopes if statics.is_a(scope[name], dict)]


def _names(scope: Any) -> list[str]:
    named = [name for name in [*scope][: statics.MOST_NAMES] if type(name) is str]
    return [name for name in named if name.isidentifier() and not name.startswith("_")]


def _looked_into(place: Any) -> Any:
    """Return what the brackets or the `pop` that failed stand behind, when it can be found without computing."""
    if place is None or len(place[1]) > _LONGEST_EXPRESSION:
        return None
    frame, expression = place
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    match tree:
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value, attr="pop")):
            return _found(value, statics.variables(frame))
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
