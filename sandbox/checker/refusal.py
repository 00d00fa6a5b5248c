"""The refusal of a program that certainly fails its type check: the same for templates and for submissions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sandbox.checker.diagnostic import Diagnostic
from sandbox.source import Source
from sandbox.turns import ErrorReport, Frame, Violation

_SHOWN, _LONGEST = 30, 200


def refusal_of(errors: Sequence[Diagnostic], text: str) -> ErrorReport:
    """Return the report of what a checker is certain of in a program's text."""
    lines = text.split("\n")
    shown = errors[:_SHOWN]
    return ErrorReport(
        kind="type",
        type="TypesRejected",
        message="; ".join(f"line {one.line}: {one.message}" for one in shown),
        traceback=tuple(
            Frame(line=one.line, column=one.column, function="<module>", source=lines[one.line - 1].strip()[:_LONGEST])
            for one in shown
        ),
        hint=" | ".join(dict.fromkeys(one.hint for one in shown if one.hint)) or None,
        violations=tuple(
            Violation(line=one.line, column=one.column, code=one.code, message=one.message, hint=one.hint or "")
            for one in shown
        ),
    )


def as_sent(diagnostics: Iterable[Diagnostic], source: Source) -> list[Diagnostic]:
    """Return findings in the columns of the text as it was sent; those without extent are about no place in it."""
    return [
        replace(
            one,
            column=source.column_as_sent(one.line, one.column),
            end_column=source.column_as_sent(one.end_line, one.end_column),
        )
        if (one.line, one.column) != (one.end_line, one.end_column)
        else one
        for one in diagnostics
    ]
