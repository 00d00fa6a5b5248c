"""How a failure is told: kind, type, message, the program's own frames with their source, and a hint; as the wire has
it.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_monty import MontyError, MontyRuntimeError, MontySyntaxError

from sandbox import policy
from sandbox.engines.monty.conversion import OTHER_ENGINE
from sandbox.errors import ValueRejected
from sandbox.turns import NOT_IN_ENGINE

Report = dict[str, Any]

_MAX_MESSAGE, _MAX_SOURCE_LINE, _MAX_NAME = 4_000, 400, 200
_FIRST_FRAMES, _LAST_FRAMES = 10, 20
# How the interpreter says that it has something not, or not yet.
_NOT_YET = re.compile(
    r"does not (?:yet )?support|(?:is|are) not (?:yet )?supported|cannot suspend in this synchronous context"
)
_QUOTED = re.compile(r"'([^']*)'")
MODULE = "<module>"
# How far a program is indented that is only compiled.
MARGIN = 4
# What an exception says of awaiting -> what to write instead. The first that is found holds.
_SAID = (
    ("be awaited", "only the value of an async function can be awaited, and this one is not: leave `await` out"),
    (
        "'coroutine'",
        "the value of an async function was used without waiting for it: write `await` in front of the call",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a call failed, as the host told it."""

    kind: str = "function"
    type: str
    message: str
    said: str
    """What the exception says that was raised for it in the program."""
    hint: str | None


def of_error(
    error: MontyError, lines: Sequence[str], told: Iterable[Told], *, file: str, below: int, names: Collection[str]
) -> Report:
    """Report what ended a program.

    Args:
        lines: its source.
        told: how its calls failed.
        file: what the interpreter calls the source.
        below: how many lines stood above it; it was indented then.
        names: inputs and functions.
    """
    raised = error.exception()
    frames = _frames(error, lines, file, below)
    message = _message(raised)
    if isinstance(error, MontySyntaxError):
        return report("syntax", "SyntaxError", str(error).removeprefix("SyntaxError: "), frames)
    if isinstance(raised, NotImplementedError) and _NOT_YET.search(message):
        return _lacking(error, message, frames)
    if isinstance(raised, MemoryError):
        return report("limit", "MemoryError", "memory_bytes", frames)
    for one in told:
        if one.said == str(raised):
            return report(one.kind, one.type, one.message, frames, one.hint)
    return report("runtime", type(raised).__name__, message, frames, _hint(raised, message, names))


def _lacking(error: MontyError, message: str, frames: list[Report]) -> Report:
    """Report what the interpreter lacks; its parser says so before anything runs, and knows no function then."""
    found = error.traceback() if isinstance(error, MontyRuntimeError) else []
    if any(one.function_name for one in found):
        return report("runtime", "NotImplementedError", message, frames, OTHER_ENGINE)
    return unsupported(message, frames)


def unsupported(message: str, frames: list[Report]) -> Report:
    """Report that the interpreter has not what a program needs; its parser names the first place of such."""
    told = report("policy", "NotSupported", message, frames, OTHER_ENGINE)
    told["violations"] = [
        {
            "line": one["line"],
            "column": one["column"] or 1,
            "code": NOT_IN_ENGINE,
            "message": told["message"],
            "hint": OTHER_ENGINE,
        }
        for one in frames[:1]
    ]
    return told


def of_value(error: ValueRejected, what: str, frames: list[Report] | None = None) -> Report:
    """Report a value that cannot cross."""
    return report("type", "ValueRejected", f"{what}: {error}", frames or [], error.reason)


def report(kind: str, type_name: str, message: str, frames: list[Report], hint: str | None = None) -> Report:
    """Return a report."""
    return {
        "kind": kind,
        "type": _clean(type_name, _MAX_NAME),
        "message": _clean(message, _MAX_MESSAGE),
        "traceback": frames,
        "hint": None if hint is None else _clean(hint, _MAX_MESSAGE),
        "violations": [],
    }


def frame(line: int, column: int | None, lines: Sequence[str], function: str = MODULE) -> Report:
    """Return a place in the program."""
    source = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    return {
        "line": line,
        "column": column,
        "function": _clean(function, _MAX_NAME),
        "source": _clean(source, _MAX_SOURCE_LINE),
    }


def _message(raised: BaseException) -> str:
    return repr(raised.args[0]) if isinstance(raised, KeyError) and len(raised.args) == 1 else str(raised)


def _hint(raised: BaseException, message: str, names: Collection[str]) -> str | None:
    quoted = _QUOTED.search(message)
    name = quoted[1] if quoted else ""
    if isinstance(raised, RecursionError):
        return "use a loop"
    if isinstance(raised, ImportError):
        known = name in policy.MODULES
        return f"the engine monty has no module {name}; {OTHER_ENGINE}" if known else policy.ABSENT_MODULES.get(name)
    if isinstance(raised, NameError):
        if name in policy.BUILTINS or name in policy.GUARDED_BUILTINS or name in policy.GIVEN:
            return f"the engine monty has no {name}; {OTHER_ENGINE}"
        like = difflib.get_close_matches(name, names, 1)
        return policy.ABSENT_BUILTINS.get(name) or (f'did you mean "{like[0]}"?' if like else None)
    if isinstance(raised, TypeError | AttributeError):
        return next((hint for said, hint in _SAID if said in message), None)
    return None


def _frames(error: MontyError, lines: Sequence[str], file: str, below: int) -> list[Report]:
    if not isinstance(error, MontyRuntimeError | MontySyntaxError):
        return []
    found = [one for one in error.traceback() if one.filename == file]
    if len(found) > _FIRST_FRAMES + _LAST_FRAMES:
        found = found[:_FIRST_FRAMES] + found[-_LAST_FRAMES:]
    margin = MARGIN if below else 0
    return [
        frame(max(1, one.line - below), max(1, one.column - margin), lines, one.function_name or MODULE)
        for one in found
    ]


def _clean(text: str, limit: int) -> str:
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= limit else text[: limit - 3] + "..."
