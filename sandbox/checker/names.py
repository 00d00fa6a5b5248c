"""Names that a program reads and nobody gives it; inputs that it does not read."""

import difflib
from collections.abc import Collection

from sandbox import policy
from sandbox.checker.diagnostic import Diagnostic
from sandbox.turns import Survey

_BUILTINS = (*policy.BUILTINS, *policy.GUARDED_BUILTINS, *policy.GIVEN)


def findings_of_names(
    survey: Survey, *, inputs: Collection[str], functions: Collection[str], registered: Collection[str] = ()
) -> list[Diagnostic]:
    """Return an error for each name that is not there, and a warning for each input that is not used.

    Args:
        registered: functions that the program might have named, and has not.
    """
    given = [*functions, *inputs]
    found = [
        Diagnostic(
            line=place.line,
            column=place.column,
            end_line=place.end_line,
            end_column=place.end_column,
            severity="error",
            code="unknown-name",
            message=f"name '{name}' is not defined",
            hint=_hint(name, given, registered),
        )
        for name, place in survey.free
        if name not in given
    ]
    return found + [_unused(name) for name in inputs if name not in survey.names]


def _unused(name: str) -> Diagnostic:
    return Diagnostic(
        line=1,
        column=1,
        end_line=1,
        end_column=1,
        severity="warning",
        code="unused-input",
        message=f"the program does not read its input '{name}'",
        hint="leave the input out, or use it",
    )


def _hint(name: str, given: Collection[str], registered: Collection[str]) -> str:
    absent = policy.ABSENT_BUILTINS.get(name)
    if absent is not None:
        return absent
    if name in registered:
        return f'"{name}" is registered, but the submission does not name it: add it to `functions`'
    if name in policy.MODULES:
        return f"begin with `import {name}`"
    near = difflib.get_close_matches(name, given, 1) or difflib.get_close_matches(name, _BUILTINS, 1, 0.75)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"names given to this program: {', '.join(given) if given else 'none'}"
