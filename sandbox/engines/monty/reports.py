"""Why a program failed, from what the interpreter raised: kind, type, message, the program's own frames, a hint."""

import builtins
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from pydantic_monty import MontyError, MontyRuntimeError, MontySyntaxError

from sandbox import policy
from sandbox.engines.monty.carrying import OTHER_ENGINE
from sandbox.errors import ValueRejected
from sandbox.turns import ErrorReport, Failure, Frame

_MAX_MESSAGE, _MAX_SOURCE_LINE, _MAX_NAME = 4_000, 400, 200
_FIRST_FRAMES, _LAST_FRAMES = 10, 20
_NOT_YET = ("The monty syntax parser does not yet support ", " does not yet support ")


def of_error(error: MontyError, told: Collection[Failure]) -> ErrorReport:
    """Report what ended a program.

    Args:
        told: how calls of the program failed.
    """
    raised = error.exception()
    frames = _frames(error)
    message = _clean(str(error) if isinstance(error, MontySyntaxError) else _message(raised), _MAX_MESSAGE)
    if isinstance(error, MontySyntaxError):
        return ErrorReport(kind="syntax", type="SyntaxError", message=message, traceback=frames)
    if type(raised) is NotImplementedError and any(part in message for part in _NOT_YET):
        return unsupported(message, frames)
    for failure in told:
        if failure.message == message:
            return ErrorReport(kind="function", type=failure.type, message=message, traceback=frames, hint=failure.hint)
    return ErrorReport(
        kind="runtime", type=type(raised).__name__, message=message, traceback=frames, hint=_hint(raised, message)
    )


def unsupported(message: str, frames: tuple[Frame, ...] = ()) -> ErrorReport:
    """Report that the interpreter has not what a program needs."""
    return ErrorReport(kind="policy", type="NotSupported", message=message, traceback=frames, hint=OTHER_ENGINE)


def moved(report: ErrorReport, *, lines: int, columns: int) -> ErrorReport:
    """Return a report about a text that stands elsewhere in the program than in what was read."""
    frames = tuple(
        replace(one, line=max(1, (one.line or 1) + lines), column=max(1, (one.column or 1) + columns))
        for one in report.traceback
    )
    return replace(report, traceback=frames)


def of_value(error: ValueRejected, what: str, frames: tuple[Frame, ...] = ()) -> ErrorReport:
    """Report a value that cannot leave the interpreter."""
    return ErrorReport(
        kind="type", type="ValueRejected", message=f"{what}: {error}", traceback=frames, hint=error.reason
    )


def is_builtin(name: str) -> bool:
    """Say whether an exception type is one that the interpreter has under its own name."""
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, Exception)


def _message(raised: BaseException) -> str:
    if isinstance(raised, KeyError) and len(raised.args) == 1:
        return repr(raised.args[0])
    return str(raised)


def _hint(raised: BaseException, message: str) -> str | None:
    if isinstance(raised, NameError):
        name = message.split("'")[1] if message.count("'") > 1 else ""
        return policy.ABSENT_BUILTINS.get(name)
    if isinstance(raised, ImportError):
        name = message.split("'")[1] if message.count("'") > 1 else ""
        if name in policy.MODULES:
            return f"the engine monty has no module {name}; {OTHER_ENGINE}"
        return policy.ABSENT_MODULES.get(name)
    if isinstance(raised, RecursionError):
        return "use a loop"
    return None


def _frames(error: Any) -> tuple[Frame, ...]:
    if not isinstance(error, MontyRuntimeError | MontySyntaxError):
        return ()
    frames = error.traceback()
    if len(frames) > _FIRST_FRAMES + _LAST_FRAMES:
        frames = frames[:_FIRST_FRAMES] + frames[-_LAST_FRAMES:]
    return tuple(
        Frame(
            line=one.line,
            column=one.column,
            function=_clean(one.function_name or "<module>", _MAX_NAME),
            source=_clean((one.source_line or "").split("\n", 1)[0].strip(), _MAX_SOURCE_LINE),
        )
        for one in frames
    )


def _clean(text: str, limit: int) -> str:
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= limit else text[: limit - 3] + "..."
