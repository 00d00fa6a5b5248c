"""Judges what the checker says: what certainly fails when it is reached is an error, what may fail is a warning.

A false alarm costs more than a miss: a program that would have run is refused, or rewritten until it is worse. The
checker knows less than the program does of what a name holds by the time it is read, so an error needs a rule that is
listed here and types without doubt: no union, no None, no class of the program's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.checker.diagnostic import Diagnostic, Severity
from sandbox.checker.document import VALUE, Document
from sandbox.dispatch import HostFunction
from sandbox.turns import Place
from sandbox.types import ValueType

MOST = 100
_LONGEST_MESSAGE = 500
# How a function is called: of the program's own functions it is told, too, because only the text can be wrong.
_COUNTS = frozenset(
    {
        "missing-argument",
        "unknown-argument",
        "too-many-positional-arguments",
        "positional-only-parameter-as-kwarg",
        "parameter-already-assigned",
    }
)
# What is done with a value. What else there is concerns annotations and what the library's own stubs cannot say: of 155
# programs that run, a third would hear of something.
_USES = frozenset({"invalid-await", "missing-attribute", "unsupported-operator"})
# The checker tells these for each type of a union alone, so that only an awaitable leaves no doubt.
_USES_OF_PARTS = frozenset({"not-callable", "not-iterable", "not-subscriptable"})
_FUNCTION = re.compile(r"of function `(\w+)`|to function `(\w+)`")
_EXPECTED = re.compile(r"Expected `(.*)`, found `(.*)`$")
_ASSIGNED = re.compile(r"Object of type `(.*)` is not assignable to `")
_QUOTED = re.compile(r"`([^`]*)`")
_PLAIN = re.compile(
    r"(?:int|float|str|bool|bytes|date|datetime|time|timedelta|Decimal|UUID"
    r"|(?:Literal|list|dict|tuple|set|frozenset|CoroutineType)\[[^|]*\])"
)
# How the checker writes a float that is none of the whole numbers which pass for one.
_EXACT = re.compile(r"\b(float|complex)\*")
_OURS = re.compile(r"\b_(list|dict|set|frozenset)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """One thing that the checker says."""

    rule: str
    message: str
    place: Place


def judged(
    found: list[Any], document: Document, *, functions: Mapping[str, HostFunction], output: ValueType, source: str
) -> list[Diagnostic]:
    """Return what is to be told of it, in the order of the text; what has another form than it should have is not."""
    read = [one for one in map(_finding, found[: 10 * MOST]) if one is not None]
    told = [_judge(one, document, functions, output, source) for one in read]
    kept = sorted({one for one in told if one is not None}, key=lambda one: (one.line, one.column, one.code))
    return kept[:MOST]


def _finding(entry: Any) -> _Finding | None:
    match entry:
        case {
            "check_name": str(rule),
            "description": str(text),
            "location": {
                "path": "program.py",
                "positions": {
                    "begin": {"line": int(line), "column": int(column)},
                    "end": {"line": int(end_line), "column": int(end_column)},
                },
            },
        }:
            place = Place(line=line, column=column, end_line=end_line, end_column=end_column)
            return _Finding(rule=rule, message=_EXACT.sub(r"\1", text.removeprefix(f"{rule}: ")), place=place)
    return None


def _judge(
    one: _Finding, document: Document, functions: Mapping[str, HostFunction], output: ValueType, source: str
) -> Diagnostic | None:
    place = document.placed(one.place)
    if one.rule == "invalid-assignment":
        found = _ASSIGNED.match(one.message)
        if found is None or document.value is None or place != document.value:
            return None
        return _of_value(found[1], place, output, source)
    if one.rule in _COUNTS or one.rule == "invalid-argument-type":
        return _of_call(one, place, functions)
    if one.rule == "unresolved-reference":
        # Names that nobody binds were found before; this one may be bound by the time that it is read.
        return _told(one.rule, one.message, place, "warning")
    return _of_use(one, place)


def _of_value(found: str, place: Place, output: ValueType, source: str) -> Diagnostic:
    """The value of the program does not fit the declared type."""
    expected = output.text
    # A name may have been given its value by a function, which the checker does not follow.
    sure = _is_plain(found) or (found == "None" and not _text_at(place, source).isidentifier())
    message = f"the value of the program is `{found}`, and its output is declared as `{expected}`"
    hint = f"return {expected}" if expected != "None" else "end with a statement, or with None"
    return _told("invalid-output", message, place, "error" if sure else "warning", f"{hint}, or declare another output")


def _of_call(one: _Finding, place: Place, functions: Mapping[str, HostFunction]) -> Diagnostic | None:
    named = _FUNCTION.search(one.message)
    function = functions.get(named[1] or named[2]) if named else None
    if function is None:
        return _told(one.rule, one.message, place, "warning") if one.rule in _COUNTS else None
    expected = _EXPECTED.search(one.message)
    sure = one.rule in _COUNTS or (expected is not None and _misfits(expected[1], expected[2]))
    return _told(one.rule, one.message, place, "error" if sure else "warning", f"signature: {function.header()}")


def _of_use(one: _Finding, place: Place) -> Diagnostic | None:
    types = _QUOTED.findall(one.message)
    waits = any(text.startswith("CoroutineType[") for text in types)
    # Every function has `aio`, and no stub can say so.
    if one.rule in _USES and not one.message.endswith("has no attribute `aio`"):
        # The operator comes first, the attribute last.
        types = types[1:] if one.rule == "unsupported-operator" else types[:1]
        sure = bool(types) and all(map(_is_plain, types))
    else:
        sure = one.rule in _USES_OF_PARTS and waits
    hint = "write `await` in front of the call, and parentheses around both" if waits else None
    return _told(one.rule, one.message, place, "error", hint) if sure else None


def _misfits(expected: str, found: str) -> bool:
    """Say whether an argument certainly does not fit."""
    # A text that was read from somewhere may well be one of those that are taken.
    if "Literal[" in expected and "Literal[" not in found:
        return False
    return _is_plain(found) or found == "None"


def _is_plain(text: str) -> bool:
    """Say whether a type leaves no doubt: one of Python's own, without a union in it."""
    return _PLAIN.fullmatch(text) is not None and "Unknown" not in text


def _text_at(place: Place, source: str) -> str:
    lines = source.split("\n")
    return lines[place.line - 1][place.column - 1 : place.end_column - 1] if place.line == place.end_line else ""


def _told(rule: str, message: str, place: Place, severity: Severity, hint: str | None = None) -> Diagnostic:
    text = _OURS.sub(r"\1", message).replace(VALUE, "the value")
    return Diagnostic(
        line=place.line,
        column=place.column,
        end_line=place.end_line,
        end_column=place.end_column,
        severity=severity,
        code=rule,
        message=text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 3] + "...",
        hint=hint,
    )
