"""How a failure is told: kind, type, message, the program's own frames with their source, and a hint.

No frame, file or name of the driver or of a library appears: only what the caller wrote.
"""

import difflib
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest import interior
from sandbox.engines.cpython.guest.kindness import MODULE
from sandbox.engines.cpython.guest.transformer import FILENAME, PolicyRefused
from sandbox.errors import ValueRejected, ValueTooLarge

MAX_MESSAGE = 4_000
MAX_SOURCE_LINE = 400
_FIRST_FRAMES, _LAST_FRAMES = 10, 20
_AWAIT_HINT = "the value of an async function was used without waiting for it: write `await` in front of the call"
_SYNC_HINT = (
    "only the value of an async function can be awaited, and this one is not: leave `await` out, "
    "or call it with .aio(...), as in `await f.aio(x)` or asyncio.gather(f.aio(1), f.aio(2))"
)
_SHOWN_PARTS = 5
_CONSTANTS = {"null": "None", "true": "True", "false": "False", "undefined": "None", "nil": "None"}
# A builtin is a likely slip only when it is very like what was written.
_LIKE_A_BUILTIN = 0.8
_SMALLER = "pass less of it: the rows and fields that are needed"

_IN_BODY = f"{MODULE}.<locals>."

Report = dict[str, Any]


def of_syntax(error: BaseException, source: str) -> Report:
    """Report source that the parser refused."""
    hint: str | None
    if isinstance(error, MemoryError | RecursionError):
        message, line, column = "the source is nested too deeply to be parsed", None, None
        hint = "split the expression into several statements"
    else:
        message = getattr(error, "msg", None) or str(error)
        line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
        hint = _hint_of_syntax(message, source)
    frames = [_frame(line, column, "<module>", source)] if line else []
    return _report("syntax", "SyntaxError", message, frames, hint)


def of_policy(error: PolicyRefused, source: str) -> Report:
    """Report every violation at once; each is also a frame."""
    found = error.violations
    message = "; ".join(f"line {one.line}: {one.message}" for one in found)
    frames = [_frame(one.line, one.column, "<module>", source) for one in found[: _FIRST_FRAMES + _LAST_FRAMES]]
    hints = dict.fromkeys(one.hint for one in found)
    if any(one.code == "import-not-allowed" for one in found):
        hints["modules that can be imported: " + ", ".join(policy.MODULES)] = None
    return _report("policy", "PolicyViolation", message, frames, " | ".join(hints))


def of_value(error: ValueRejected, source: str, line: int | None = None) -> Report:
    """Report a value that cannot leave the guest."""
    frames = [_frame(line, None, "<module>", source)] if line else []
    if isinstance(error, ValueTooLarge):
        return _report("limit", "LimitExceeded", f"the value: {error}", frames, _SMALLER)
    return _report("type", "ValueRejected", f"the value cannot be returned: {error}", frames, error.reason)


def of_exception(error: BaseException, source: str, *, by_function: bool, names: Iterable[str]) -> Report:
    """Report an exception that the program did not catch. `names` are the names that it could use."""
    if isinstance(error, ValueTooLarge):
        frames = _frames(error.__traceback__, source)
        return _report("limit", "LimitExceeded", f"the arguments of a call: {error}", frames, _SMALLER)
    if isinstance(error, MemoryError):
        return _report("limit", "MemoryError", "memory_bytes", _frames(error.__traceback__, source), None)
    kind = "function" if by_function else "type" if isinstance(error, ValueRejected) else "runtime"
    frames = _frames(error.__traceback__, source)
    name = getattr(error, "type", None) if type(error).__name__ == "FunctionError" else None
    message = getattr(error, "message", None) if name else None
    return _report(
        kind,
        name if isinstance(name, str) else type(error).__name__,
        message if isinstance(message, str) else _text_with_parts(error),
        frames,
        _hint(error, names, frames),
    )


def of_unreadable() -> Report:
    """Report an exception that cannot be reported: it fails when it is asked what it is."""
    hint = "let the exception's __str__, and its other attributes, return text"
    return _report("runtime", "Exception", "the exception cannot be read: reading it raised another one", [], hint)


def _report(kind: str, type_name: str, message: str, frames: list[Report], hint: str | None) -> Report:
    return {
        "kind": kind,
        "type": _clean(type_name, 200),
        "message": _clean(message, MAX_MESSAGE),
        "traceback": frames,
        "hint": None if hint is None else _clean(hint, MAX_MESSAGE),
    }


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a program's own __str__ may do anything
        return "(the exception's own __str__ failed)"
    return str.__str__(text)


def _text_with_parts(error: BaseException) -> str:
    """Return what an exception says, with what the members of a group say."""
    text = _text(error)
    if not isinstance(error, BaseExceptionGroup):
        return text
    parts = []
    for part in error.exceptions[:_SHOWN_PARTS]:
        lines = [line for _, line, _ in _places(part.__traceback__)]
        where = f" (line {lines[-1]})" if lines else ""
        parts.append(f"{type(part).__name__}: {_text_with_parts(part)}{where}")
    return f"{text}: " + "; ".join(parts)


def _clean(text: str, limit: int) -> str:
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _frames(trace: TracebackType | None, source: str) -> list[Report]:
    frames = [_frame(line, column, name, source) for name, line, column in _places(trace)]
    if len(frames) > _FIRST_FRAMES + _LAST_FRAMES:
        frames = frames[:_FIRST_FRAMES] + frames[-_LAST_FRAMES:]
    return frames


def _places(trace: TracebackType | None) -> list[tuple[str, int, int | None]]:
    """Return function, line and column of the program's own frames."""
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == FILENAME:
            places.append((code.co_qualname.removeprefix(_IN_BODY), trace.tb_lineno, _column(trace)))
        trace = trace.tb_next
    # A program that returns at its top level runs in a function of that name, which the module calls.
    return places[1:] if [name for name, _, _ in places[:2]] == [MODULE, MODULE] else places


def _column(trace: TracebackType) -> int | None:
    for index, position in enumerate(trace.tb_frame.f_code.co_positions()):
        if index == trace.tb_lasti // 2:
            return None if position[2] is None else position[2] + 1
    return None


def _frame(line: int | None, column: int | None, function: str, source: str) -> Report:
    lines = source.split("\n")
    text = lines[line - 1].strip() if line and 0 < line <= len(lines) else ""
    return {
        "line": line,
        "column": column,
        "function": _clean(function, 200),
        "source": _clean(text, MAX_SOURCE_LINE),
    }


def _hint_of_syntax(message: str, source: str) -> str | None:
    if source.lstrip().startswith("```"):
        return "send only the code between the fences"
    if "'return' outside function" in message:
        return "the value of the last expression is the answer: write the expression without `return`"
    return None


def _hint(error: BaseException, names: Iterable[str], frames: list[Report]) -> str | None:
    hint = getattr(error, "hint", None)
    if isinstance(hint, str):
        return hint
    if isinstance(error, ValueRejected):
        return error.reason
    if isinstance(error, NameError) and error.name:
        return _hint_of_name(error.name, names)
    if isinstance(error, RecursionError):
        return "the recursion limit is 1000 calls; use a loop"
    return _hint_of_awaiting(error, frames) or _hint_of_attribute(error)


def _hint_of_awaiting(error: BaseException, frames: list[Report]) -> str | None:
    if not isinstance(error, AttributeError | TypeError):
        return None
    text = _text(error)
    gathered = "unhashable" in text and bool(frames) and "gather(" in frames[-1]["source"]
    if gathered or "be awaited" in text or "awaitable is required" in text:
        return _SYNC_HINT
    return _AWAIT_HINT if "coroutine" in text else None


def _hint_of_attribute(error: BaseException) -> str | None:
    if not isinstance(error, AttributeError) or not isinstance(error.name, str):
        return None
    near = difflib.get_close_matches(error.name, [name for name in dir(interior.subject(error)) if name[:1] != "_"], 1)
    return f'did you mean ".{near[0]}"?' if near else None


def _hint_of_name(name: str, names: Iterable[str]) -> str | None:
    if name in policy.ABSENT_BUILTINS:
        return f"{name} is not available: {policy.ABSENT_BUILTINS[name]}"
    if name in policy.MODULES:
        return f"write `import {name}` first"
    if name in _CONSTANTS:
        return f"write {_CONSTANTS[name]}"
    known = [*names]
    near = difflib.get_close_matches(name, known, 1)
    if not near:
        near = difflib.get_close_matches(name, [*policy.BUILTINS, *policy.GUARDED_BUILTINS], 1, _LIKE_A_BUILTIN)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"names given to this program: {', '.join(known) if known else 'none'}"
