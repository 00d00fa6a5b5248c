"""Hints at the keys of what a call returned, where the program looked up one that is not there: `f()["alhpa"]`.

The guest, which hints at the keys of what a variable holds, has no such value any more when the lookup has failed; the
host has, and looks at it then: no run that does not fail so pays for it.
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sandbox.calls import CallRecord
from sandbox.turns import ErrorReport

_SHOWN_NAMES = 10
_MOST_NAMES = 1_000
_LONGEST_NAME = 100


def hinted(error: ErrorReport, calls: Sequence[CallRecord]) -> ErrorReport:
    """Return the error of a run, with a hint where it is a key that the value of a call on its line does not have.

    Args:
        calls: of the run, in the program's order.
    """
    key = _key_of(error)
    if key is None:
        return error
    line = error.traceback[-1].line
    called = next((one for one in reversed(calls) if one.line == line and one.status == "settled"), None)
    hint = None if called is None else _hint(called, key)
    return error if hint is None else replace(error, hint=hint)


def _key_of(error: ErrorReport) -> str | None:
    """Return the text that was looked for in vain; None where the guest has a hint, or the key is no plain text."""
    told = error.message
    if error.type != "KeyError" or error.hint is not None or not error.traceback or "\\" in told:
        return None
    return told[1:-1] if 2 < len(told) <= _LONGEST_NAME and told[0] == told[-1] == "'" else None


def _hint(called: CallRecord, key: str) -> str | None:
    found = [names for names in map(_names, _dictionaries(called.value)) if key not in names]
    for names in found:
        near = difflib.get_close_matches(key, names, 1)
        if near:
            return f'did you mean "{near[0]}"? {_keys(names)}'
    # Which one was looked into is only sure where there is one.
    return _keys(found[0]) if len(found) == 1 else None


def _dictionaries(value: Any) -> Iterator[dict[Any, Any]]:
    """Yield the dictionaries that a lookup in a value meets at its first or second step."""
    if isinstance(value, dict):
        yield value
        yield from _first(one for one in value.values() if isinstance(one, dict))
    elif isinstance(value, list | tuple):
        yield from _first(one for one in value if isinstance(one, dict))


def _first(dictionaries: Iterable[dict[Any, Any]]) -> Iterator[dict[Any, Any]]:
    return (one for one, _ in zip(dictionaries, range(_SHOWN_NAMES), strict=False))


def _names(dictionary: dict[Any, Any]) -> list[str]:
    names = (name for name, _ in zip(dictionary, range(_MOST_NAMES), strict=False))
    return [name for name in names if isinstance(name, str) and len(name) <= _LONGEST_NAME]


def _keys(names: list[str]) -> str:
    """Return the keys of a dictionary, the first of them, in the words of the guest's hints."""
    shown = ", ".join(f'"{name}"' for name in names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return f"its keys: {shown or 'none'}{more}"
