"""How a failure is told: kind, type, message, the program's own frames with their source, and a hint.

No frame, file or name of the driver or of a library appears: only what the caller wrote.
"""

import re
from collections.abc import Collection
from types import CodeType, TracebackType
from typing import Any, NamedTuple

from sandbox.engines.cpython.guest import hints, statics, syntax_hints
from sandbox.engines.cpython.guest.kindness import MODULE
from sandbox.engines.cpython.guest.transformer import FILENAME, PolicyRefused, importable
from sandbox.engines.cpython.guest.turns import FunctionError
from sandbox.errors import ValueRejected

MAX_MESSAGE = 4_000
MAX_SOURCE_LINE = 400
_FIRST_FRAMES, _LAST_FRAMES = 10, 20
_SHOWN_PARTS, _SHOWN_LEVELS = 5, 3
_NEWLINE = re.compile(r"\r\n?|\n")
# What of a line comes before its name, in a violation about an attribute.
_LAST_NAME = re.compile(r"[^\s.\\]+$")

_IN_BODY = f"{MODULE}.<locals>."

Report = dict[str, Any]


class _Place(NamedTuple):
    """A line of the program that was under way; columns are in bytes, as the interpreter counts them."""

    function: str
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    frame: Any


def of_syntax(error: BaseException, source: str) -> Report:
    """Report source that the parser refused."""
    if isinstance(error, MemoryError | RecursionError):
        hint = "split the expression into several statements"
        return _report("syntax", "SyntaxError", "the source is nested too deeply to be parsed", [], hint)
    lines = _NEWLINE.split(source)
    message = getattr(error, "msg", None) or str(error)
    line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
    if not line and "\0" in source:
        above = _NEWLINE.split(source[: source.index("\0")])
        line, column = len(above), len(above[-1]) + 1
    frames = [_frame(line, column, MODULE, lines)] if line else []
    advice = syntax_hints.of_syntax(message, source, frames[0]["source"] if frames else "")
    return _report("syntax", "SyntaxError", message, frames, advice)


def of_policy(error: PolicyRefused, source: str) -> Report:
    """Report every violation at once; each of the first thirty is also a frame."""
    lines = _NEWLINE.split(source)
    message = "; ".join(f"line {one.line}: {one.message}" for one in error.violations)
    shown = [
        {"line": one.line, "column": _column_of(one, lines), "code": one.code, "message": _clean(one.message, 400),
         "hint": _clean(one.hint, 400)}
        for one in error.violations[: _FIRST_FRAMES + _LAST_FRAMES]
    ]  # fmt: skip
    frames = [_frame(one.line, _column_of(one, lines), MODULE, lines) for one in error.violations[: len(shown)]]
    found = dict.fromkeys(one.hint for one in error.violations)
    if any(one.code == "import-not-allowed" for one in error.violations):
        found["modules that can be imported: " + ", ".join(importable())] = None
    return {**_report("policy", "PolicyViolation", message, frames, " | ".join(found)), "violations": shown}


def of_value(error: ValueRejected, source: str, line: int | None = None) -> Report:
    """Report a value that cannot leave the guest."""
    frames = [_frame(line, None, MODULE, _NEWLINE.split(source))] if line else []
    return _report("type", "ValueRejected", f"the value cannot be returned: {error}", frames, error.reason)


def of_exception(
    error: BaseException, source: str, *, by_function: bool, names: Collection[str], namespace: dict[str, Any]
) -> Report:
    """Report an exception that the program did not catch.

    Args:
        names: inputs and functions.
        namespace: the program's own names.
    """
    lines = _NEWLINE.split(source)
    error = _stopped(error)
    places = _places(error.__traceback__)
    frames = _frames(places, lines)
    if statics.is_a(error, MemoryError):
        return _report("limit", "MemoryError", "memory_bytes", frames, None)
    kind = "function" if by_function else "type" if statics.is_a(error, ValueRejected) else "runtime"
    name, message = statics.name_of(type(error)), _text_with_parts(error)
    if statics.is_a(error, FunctionError):
        name, message = _of_function(error, name, message)
    return _report(kind, name, message, frames, _hint(error, message, lines, names, namespace))


def _stopped(error: BaseException) -> BaseException:
    """Return the StopIteration that a coroutine or generator let through: it knows the line."""
    cause = statics.member(error, BaseException, "__cause__")
    through = statics.is_a(error, RuntimeError) and statics.is_a(cause, StopIteration)
    return cause if through and _text(error).endswith("raised StopIteration") else error


def _hint(
    error: BaseException, message: str, lines: list[str], names: Collection[str], namespace: dict[str, Any]
) -> str | None:
    """Return the hint of an exception; of a group, that of the first exception in it."""
    grouped = statics.is_a(error, BaseExceptionGroup)
    while statics.is_a(error, BaseExceptionGroup):
        error = statics.member(error, BaseExceptionGroup, "exceptions")[0]
        message = _text(error)
    places = _places(error.__traceback__)
    hint = hints.of_exception(
        error,
        message,
        names=names,
        namespace=namespace,
        line=_frame(places[-1].line, None, "", lines)["source"] if places else "",
        place=(places[-1].frame, _expression(places[-1], lines)) if places else None,
    )
    if hint is None and grouped:
        return f"what a TaskGroup raises is a group: catch it with `except* {statics.name_of(type(error))}`"
    return hint


def _of_function(error: BaseException, name: str, message: str) -> tuple[str, str]:
    """Return type and message of what a function raised that is no built-in exception."""
    told, said = statics.held(error, "type"), statics.held(error, "message")
    return (told if type(told) is str else name), (said if type(told) is str and type(said) is str else message)


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
        "violations": [],
    }


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a program's own __str__ may do anything
        return "(the exception's own __str__ failed)"
    return str.__str__(text)


def _text_with_parts(error: BaseException, levels: int = _SHOWN_LEVELS) -> str:
    """Return what an exception says, with what the members of a group say."""
    text = _text(error)
    if not levels or not statics.is_a(error, BaseExceptionGroup):
        return text
    parts = []
    for part in statics.member(error, BaseExceptionGroup, "exceptions")[:_SHOWN_PARTS]:
        places = _places(part.__traceback__)
        where = f" (line {places[-1].line})" if places else ""
        parts.append(f"{statics.name_of(type(part))}: {_text_with_parts(part, levels - 1)}{where}")
    return f"{text}: " + "; ".join(parts)


def _clean(text: str, limit: int) -> str:
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _frames(places: list[_Place], lines: list[str]) -> list[Report]:
    if len(places) > _FIRST_FRAMES + _LAST_FRAMES:
        places = places[:_FIRST_FRAMES] + places[-_LAST_FRAMES:]
    return [_frame(one.line, _characters(one.line, one.column, lines), one.function, lines) for one in places]


def _places(trace: TracebackType | None) -> list[_Place]:
    """Return the program's own frames."""
    places = []
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_filename == FILENAME:
            at = _position(frame.f_code, trace.tb_lasti)
            name = frame.f_code.co_qualname.removeprefix(_IN_BODY)
            places.append(_Place(name, trace.tb_lineno, at[2], at[1], at[3], frame))
        trace = trace.tb_next
    # A program that returns at its top level runs in a function of that name, which the module calls.
    return places[1:] if [one.function for one in places[:2]] == [MODULE, MODULE] else places


def _position(code: CodeType, instruction: int) -> tuple[int | None, ...]:
    for index, position in enumerate(code.co_positions()):
        if index == instruction // 2:
            return position
    return (None, None, None, None)


def _line(number: int | None, lines: list[str]) -> str:
    return lines[number - 1] if number and 0 < number <= len(lines) else ""


def _characters(line: int | None, column: int | None, lines: list[str]) -> int | None:
    """Return a column as it is counted by whoever reads the text, from 1."""
    if column is None:
        return None
    return len(_line(line, lines).encode("utf-8", "replace")[:column].decode("utf-8", "ignore")) + 1


def _column_of(violation: Any, lines: list[str]) -> int:
    """Return the column of a violation; for an attribute it is known where the name ends."""
    column = _characters(violation.line, violation.column - 1, lines) or 1
    if violation.ends:
        name = _LAST_NAME.search(_line(violation.line, lines)[: column - 1])
        column -= len(name[0]) if name else 0
    return column


def _expression(place: _Place, lines: list[str]) -> str:
    """Return the source of what was being evaluated, when it stands on one line."""
    if place.line != place.end_line or place.column is None or place.end_column is None:
        return ""
    return (
        _line(place.line, lines).encode("utf-8", "replace")[place.column : place.end_column].decode("utf-8", "ignore")
    )


def _frame(line: int | None, column: int | None, function: str, lines: list[str]) -> Report:
    return {
        "line": line,
        "column": column,
        "function": _clean(function, 200),
        "source": _clean(_line(line, lines).strip(), MAX_SOURCE_LINE),
    }
