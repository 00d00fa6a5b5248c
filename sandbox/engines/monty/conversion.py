"""Values into the interpreter and out of it, held to what both sides mean by them.

What the interpreter has no value for is refused: it would arrive as something else. So is what has no value outside of
it, which arrives here as the text that `repr` makes of it.
"""

import builtins
import re
from collections.abc import Iterator
from typing import Any

from sandbox import values
from sandbox.errors import ValueRejected, ValueTooLarge

OTHER_ENGINE = 'choose engine="cpython"'
# What the wire writes for values that the interpreter has no type for. In a text, the quotes would be escaped.
_NOT_IN = {'{"$uuid":': "a UUID", '{"$handle":': "a File, Dir or DataFrame"}
_FOLDED = re.compile(r'\{"\$(?:date)?time":\["[^"]*",1\]\}')
_SETS = ('{"$set":', '{"$frozenset":')
_PERHAPS_TEXT_OF = re.compile(
    r'"(?:<|range\(|slice\(|dict_|re\.compile\(|functools\.partial\(|Context\(prec=|\[\.\.\.\]|\{\.\.\.\}|\(\.\.\.\))'
)
# The text of a built-in type is one that programs make; a class of their own has another one in CPython.
_BUILT_IN = "|".join(name for name, one in vars(builtins).items() if isinstance(one, type))
_TEXT_OF = re.compile(
    r"<(?:function|coroutine|module|bound method|built-in|generator|[a-z_.]*iterator|[A-Za-z_.]+ object)\b.*>"
    r"|<[a-z0-9_]+ _hashlib\.HASH object @ .*>"
    rf"|<class '(?!(?:{_BUILT_IN})')\w+'>"
    r"|(?:range|slice|dict_keys|dict_values|dict_items|re\.compile|functools\.partial)\(.*\)|Context\(prec=.*\)"
    r"|\[\.\.\.\]|\{\.\.\.\}|\(\.\.\.\)",
    re.DOTALL,
)
# Stands here for something of the program, and would be named in a refusal.
_PROXY = re.compile(r"\ba Monty\w+Proxy\b")
_SHOWN, _SHOWN_PATH = 60, 200


def lowered(text: str) -> Any:
    """Return the value that was written for the interpreter.

    Raises:
        ValueRejected: the interpreter has no such value.
    """
    for tag, name in _NOT_IN.items():
        if tag in text:
            raise ValueRejected("$", f"is, or holds, {name}, which the engine monty has not; {OTHER_ENGINE}")
    if _FOLDED.search(text):
        raise ValueRejected("$", f"is, or holds, a time with fold=1, which the engine monty has not; {OTHER_ENGINE}")
    value = values.decode(text)
    return _in_order(value) if any(tag in text for tag in _SETS) else value


def lifted(value: Any, *, max_bytes: int, around: int = 0) -> str:
    """Return what is written of a value of the program.

    Raises:
        ValueTooLarge: it has too many bytes, nodes or levels.
        ValueRejected: a part of it is no value outside of the interpreter.
    """
    try:
        text = values.encode(value, max_bytes=max_bytes, around=around)
    except ValueTooLarge:
        raise
    except ValueRejected as error:
        raise ValueRejected(error.path, _PROXY.sub("an object of the program", error.reason)) from None
    if _PERHAPS_TEXT_OF.search(text):
        _refuse_texts(value, "$")
    return text


class _Set(set[Any]):
    """A set that is walked in an order of ours: what strings hash to differs between two processes."""

    order: tuple[Any, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.order)


class _FrozenSet(frozenset[Any]):
    """As above."""

    order: tuple[Any, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.order)


def _in_order(value: Any) -> Any:
    """Return a value whose sets are walked as the wire orders them."""
    kind = type(value)
    if kind is dict:
        return {_in_order(key): _in_order(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return kind([_in_order(item) for item in value])
    if kind is set or kind is frozenset:
        items = [_in_order(item) for item in sorted(value, key=values.encode)]
        ordered = _Set(items) if kind is set else _FrozenSet(items)
        ordered.order = tuple(items)
        return ordered
    return value


def _refuse_texts(value: Any, path: str) -> None:
    """Refuse what looks like a text that stands for something else; a text that only looks like it goes with it."""
    if isinstance(value, str):
        if _TEXT_OF.fullmatch(value):
            reason = f"is {value[:_SHOWN]!r}: it stands for what has no value outside of the program; {OTHER_ENGINE}"
            raise ValueRejected(path, reason)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_texts(key, path)
            _refuse_texts(item, f"{path}[{key!r}]"[:_SHOWN_PATH])
    elif isinstance(value, list | tuple | set | frozenset):
        for index, item in enumerate(value):
            _refuse_texts(item, f"{path}[{index}]"[:_SHOWN_PATH])
