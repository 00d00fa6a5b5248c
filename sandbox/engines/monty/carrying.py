"""Values into the interpreter and out of it, held to what both sides mean by them.

What is handed on is a copy, made by the wire format of values: nothing but plain values can be in it. What the
interpreter has no value for is refused, because it would arrive as something else.
"""

import re
from typing import Any

from pydantic_monty import MontyClassProxy, MontyClassTypeProxy, MontyStdTypeProxy

from sandbox import values
from sandbox.engines.workers.crossing import Crossing, LimitReached, detail_of
from sandbox.errors import ValueRejected, ValueTooLarge

OTHER_ENGINE = 'choose engine="cpython"'
# What the wire writes for values that the interpreter has no type for. In a text, the quotes would be escaped.
_NOT_IN = {'{"$uuid":': "UUID", '{"$handle":': "File, Dir or DataFrame"}
# What has no value outside the interpreter arrives as the text that `repr` makes of it.
_PERHAPS_TEXT_OF = re.compile(r'"(?:<|range\(|slice\(|dict_|re\.compile\(|\[\.\.\.\]|\{\.\.\.\}|\(\.\.\.\))')
_TEXT_OF = re.compile(
    r"<(function|coroutine|module|bound method|built-in|generator|[a-z_.]*iterator|[A-Za-z_.]+ object)\b.*>"
    r"|(range|slice|dict_keys|dict_values|dict_items|re\.compile)\(.*\)"
    r"|(\[\.\.\.\]|\{\.\.\.\}|\(\.\.\.\))",
    re.DOTALL,
)
_PROXIES = (MontyClassProxy, MontyClassTypeProxy, MontyStdTypeProxy)
_SHOWN, _SHOWN_PATH = 60, 200


def lowered(value: Any, *, max_bytes: int | None = None) -> tuple[Any, str]:
    """Return a copy of a host's value that the interpreter can hold, and its text on the wire.

    Raises:
        ValueRejected: a part of it cannot cross at all, or not into this interpreter.
    """
    text = values.encode(value, max_bytes=max_bytes)
    for tag, name in _NOT_IN.items():
        if tag in text:
            raise ValueRejected("$", f"holds a {name}, which the engine monty has not; {OTHER_ENGINE}")
    return values.decode(text), text


def lifted(value: Any, crossing: Crossing, what: str, line: int, *, around: int = 0) -> Any:
    """Return a copy of a guest's value.

    Raises:
        LimitReached: it is too large.
        ValueRejected: it holds something that is no value outside the interpreter.
    """
    try:
        text = values.encode(value, around=around)
    except ValueTooLarge as error:
        raise LimitReached(error.limit, detail_of(error.limit, what, path=error.path), line) from None
    except ValueRejected as error:
        raise _told_better(error) from None
    crossing.take(text, what, line)
    copy = values.decode(text, around=around)
    if _PERHAPS_TEXT_OF.search(text):
        _refuse_texts(copy, "$")
    return copy


def _told_better(error: ValueRejected) -> ValueRejected:
    """Name the type of the program, not the one that stands for it here."""
    reason = error.reason
    for proxy in _PROXIES:
        reason = reason.replace(f"a {proxy.__name__}", "an object of the program")
    return ValueRejected(error.path, reason)


def _refuse_texts(value: Any, path: str) -> None:
    """Refuse what looks like a text that stands for something else; a text that only looks like it goes with it."""
    if isinstance(value, str):
        if _TEXT_OF.fullmatch(value):
            reason = f"is {value[:_SHOWN]!r}, which stands for what has no value; {OTHER_ENGINE}"
            raise ValueRejected(path, reason)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_texts(key, path)
            _refuse_texts(item, f"{path}[{key!r}]"[:_SHOWN_PATH])
    elif isinstance(value, list | tuple | set | frozenset):
        for index, item in enumerate(value):
            _refuse_texts(item, f"{path}[{index}]"[:_SHOWN_PATH])
