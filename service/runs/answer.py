"""Turns what an execution left behind into values that JSON can carry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.calls import CallRecord
from sandbox.errors import ValueRejected
from sandbox.execute import Finished
from sandbox.external import Pending
from sandbox.json_values import to_json
from sandbox.turns import ErrorReport, Note
from sandbox.types import ValueType
from sandbox.weight import weight_of
from service.runs.order import Order
from service.runs.record import PendingCall, RunCall

MAX_CALLS = 100
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a finished execution says, ready to be written down."""

    output: Any
    error: ErrorReport | None
    calls: tuple[RunCall, ...]
    notes: tuple[Note, ...]
    weight: int


def answer_of(finished: Finished, order: Order, *, has_value: bool = True) -> Answer:
    """Return value, error and calls as JSON; a value that does not fit is the program's failure, kind `type`.

    `has_value` is False for a run that has not come to its end. The first `MAX_CALLS` calls are shown, fewer when
    their arguments and outcomes take more than one value may.
    """
    value, error = None, finished.error and order.source.restore(finished.error)
    if error is None and has_value:
        try:
            value = fitting(finished.value, order.output)
        except ValueRejected as rejected:
            error = _rejected(rejected)
    calls, weight = first_calls(finished.calls, order.limits.value_bytes)
    weight += weight_of([value, finished.output, _told(error)])
    notes = sorted([*order.source.notes, *finished.notes], key=lambda note: note.line)
    return Answer(output=value, error=error, calls=calls, notes=tuple(notes), weight=weight)


def fitting(value: Any, output: ValueType) -> Any:
    """Return a value as JSON.

    Raises:
        ValueRejected: it does not fit the type, or JSON cannot carry it.
    """
    try:
        checked = output.check(value)
    except ValueRejected as error:
        raise ValueRejected(error.path, f"{error.reason}; return {output.text}, or ask for another output") from None
    return to_json(checked)


def run_calls(records: Iterable[CallRecord]) -> tuple[RunCall, ...]:
    """Return all calls as JSON shows them."""
    return tuple(map(_call, records))


def first_calls(records: tuple[CallRecord, ...], max_bytes: int) -> tuple[tuple[RunCall, ...], int]:
    """Return the calls that a run's own answer shows, and what they weigh: no more of them than a value may."""
    entries: list[RunCall] = []
    weight = 0
    for record in records[:MAX_CALLS]:
        weight += 100 + weight_of(parts_of(record), enough=max_bytes - weight)
        if weight > max_bytes:
            break
        entries.append(_call(record))
    return tuple(entries), weight


def naming(numbers: Iterable[int]) -> str:
    """Return the ids of some calls as a message shows them: not more than fit on a line."""
    ids = [call_id(number) for number in numbers]
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return ", ".join(ids[:_MOST_NAMED]) + more


def pending_calls(pending: Iterable[Pending]) -> tuple[PendingCall, ...]:
    """Return calls that wait for somebody outside as JSON shows them."""
    return tuple(
        PendingCall(
            call_id=call_id(one.number),
            kind=one.ask,
            function=one.function,
            arguments={name: _shown(value) for name, value in one.arguments.items()},
            digest=one.digest,
            line=one.line or None,
            expires_at=moment(one.expires_at),
            on_timeout={"output": _shown(one.on_timeout.value)}
            if one.on_timeout.action == "default"
            else one.on_timeout.action,
        )
        for one in pending
    )


def moment(nanoseconds: int) -> datetime:
    """Return a time."""
    return datetime.fromtimestamp(nanoseconds // 1000 / 1e6, UTC)


def call_id(number: int) -> str:
    """Return how callers name a call."""
    return f"call_{number}"


def weight_of_finished(finished: Finished, *, enough: int) -> int:
    """Return about how many bytes there are to be turned into an answer, or something beyond `enough`."""
    shown = finished.calls[:MAX_CALLS]
    return weight_of([finished.value, [parts_of(call) for call in shown]], enough=enough)


def ended_by_platform(type_name: str) -> ErrorReport:
    """Return why an execution failed that we ended, or lost."""
    return ErrorReport(
        kind="platform",
        type=type_name,
        message="the service could not bring this run to its end; the program is not to blame",
        hint="send it again",
    )


def _rejected(error: ValueRejected) -> ErrorReport:
    return ErrorReport(
        kind="type",
        type="ValueRejected",
        message=f"the value cannot be returned: {error}",
        hint=error.reason,
    )


def parts_of(record: CallRecord) -> list[Any]:
    """Return what of a call may be heavy."""
    failure = record.failure
    told = None if failure is None else (failure.type, failure.message, failure.arguments, failure.hint)
    return [record.function, record.arguments, record.value, told]


def _told(error: ErrorReport | None) -> Any:
    """Return what of an error may be heavy."""
    if error is None:
        return None
    frames = [(frame.line, frame.column, frame.function, frame.source) for frame in error.traceback]
    violations = [(one.line, one.column, one.code, one.message, one.hint) for one in error.violations]
    return [error.type, error.message, error.hint, frames, violations]


def _call(record: CallRecord) -> RunCall:
    return RunCall(
        call_id=call_id(record.number),
        function=record.function,
        arguments={name: _shown(value) for name, value in record.arguments.items()},
        status=record.status,
        output=_shown(record.value),
        error=record.failure,
        line=record.line or None,
        attempts=record.attempts,
        duration_seconds=record.duration_seconds,
    )


def _shown(value: Any) -> Any:
    """Return a value of a call as JSON; one that JSON cannot carry crossed all the same, so it is only described."""
    try:
        return to_json(value)
    except ValueRejected as error:
        return {"$not_json": str(error)}
