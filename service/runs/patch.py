"""Taking over a run's journal: with corrected source (patch), or with one answer changed (fork)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandbox.engine import Engine
from sandbox.engines.table import AUTO
from sandbox.errors import ValueRejected
from sandbox.journal import Journal
from sandbox.patched import PatchedReplay
from sandbox.preview import preview
from sandbox.turns import ErrorReport, LimitExceeded, Outcome, Progress, Raised
from sandbox.types import ANY, ValueType
from sandbox.values import encode
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of
from service.errors import Fault, JournalNotKept, RunConflict, SourceRejected, SubmissionRejected
from service.rights import Caller
from service.runs.active import ActiveRun, patch_report
from service.runs.answer import call_id, naming
from service.runs.awaiting import awaited
from service.runs.check import refusals_of
from service.runs.ending import cancel
from service.runs.lineage import ancestors_of
from service.runs.lookup import stored_run
from service.runs.order import Order, Rules, fault_of_inputs, order_of
from service.runs.record import Run
from service.runs.running import Running
from service.runs.stored import Stored, engine_of, stored_rules
from service.runs.submission import Submission
from service.runs.submit import new_run

_WAITING = ("suspended",)
_GOING_ON = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is other than in the run that is taken over; None: nothing."""

    source: str | None = None
    inputs: Mapping[str, Any] | None = None
    wait_seconds: float | None = None


async def patch(running: Running, rules: Rules, run_id: str, correction: Correction, *, caller: Caller) -> Run:
    """Begin a run of corrected source that takes over a run's journal; one that waits ends as cancelled.

    The old run is as it was when this raises.

    Raises:
        RunNotKept: there is no such run.
        JournalNotKept: there is nothing to take over.
        RunConflict: it is going on, or its engine is not here any more.
        SubmissionRejected: the corrected program cannot be run.
        SourceRejected: it waits, and the corrected source would fail before it ran.
        Overloaded, TenantBusy, RateReached, StorageFull, Stopping: it cannot be run now.
    """
    running.admission.check(caller)
    stored = await _taken_over(running, run_id, caller.tenant)
    waits = stored.row.status in _WAITING
    await running.room.check(caller, ending=waits)
    submission, journals = _corrected(stored, correction), await _journals(running, stored)
    replay = PatchedReplay.patch(journals[-1], earlier=journals[:-1])
    # Judged before the old run is ended, and begun after it: it cannot be answered any more then.
    active = await _new_run(
        running, rules, stored, submission, journals, replay, caller=caller, lineage={"kind": "patch"}
    )
    if waits:
        await _check_source(running, rules, active)
        # That was admitted, and counted as the run: now that the old one ends, the new one is not refused any more.
        active.caller = replace(caller, rights=caller.rights.once_accepted())
        await cancel(running, rules, run_id, tenant=caller.tenant)
    running.begin(active)
    return await awaited(running, rules, active, submission.wait_seconds)


async def _check_source(running: Running, rules: Rules, active: ActiveRun) -> None:
    """Refuse a source that would fail before it ran: for that, no run that waits is given up.

    Raises:
        SourceRejected: with all that is wrong with it.
    """
    caller = active.caller
    found = await running.admission.hold(
        caller,
        lambda: refusals_of(
            running.type_checks,
            active.engine,
            active.order,
            rules=rules,
            caller=caller,
            with_types=active.submission.type_check,
        ),
    )
    if found:
        raise SourceRejected(found)


async def preview_patch(
    running: Running, rules: Rules, run_id: str, correction: Correction, *, caller: Caller
) -> dict[str, Any]:
    """Return what a patch would do, without calling a function; the old run stays as it is.

    As JSON, but for `error`: the report of how it would fail on the record alone, None where it would not.

    Raises:
        RunNotKept, JournalNotKept, RunConflict, SubmissionRejected: as `patch`.
        Overloaded, TenantBusy, RateReached, Stopping: it computes as a run does, and there is no place for it now.
    """
    running.admission.check(caller)
    stored = await _taken_over(running, run_id, caller.tenant)
    submission, journals = _corrected(stored, correction), await _journals(running, stored)
    order = await in_its_place(len(submission.source), lambda: order_of(submission, stored_rules(rules)))
    replay = PatchedReplay.patch(journals[-1], earlier=journals[:-1])
    try:
        start, engine = order.start(stored.row.seed), await _engine(running, stored, order)
        seen = await running.admission.hold(caller, lambda: preview(engine, start, replay))
    except ValueRejected as error:
        raise SubmissionRejected([fault_of_inputs(error)]) from None
    failure = _failure(seen.end)
    return {
        "run_id": run_id,
        "ends": seen.end is not None,
        "error": failure and order.source.restore(failure),
        **patch_report(seen.report),
    }


async def fork(
    running: Running,
    rules: Rules,
    run_id: str,
    at_call: str,
    output: Any,
    *,
    caller: Caller,
    wait_seconds: float | None,
) -> Run:
    """Begin a run of the same program in which one call has another value; the old run stays as it is.

    Raises:
        RunNotKept, JournalNotKept, RunConflict: as `patch`.
        StorageFull: its tenant has as much kept as it may have.
        SubmissionRejected: there is no such call, or the function cannot have that value.
    """
    await running.room.check(caller)
    stored = await _taken_over(running, run_id, caller.tenant)
    journals = await _journals(running, stored)
    submission = _corrected(stored, Correction(wait_seconds=wait_seconds))
    order = await in_its_place(len(submission.source), lambda: order_of(submission, stored_rules(rules)))
    numbers = {call_id(made.call.number): made.call for made in journals[-1].made()}
    if at_call not in numbers:
        raise SubmissionRejected([Fault(pointer="/at_call", message=_no_call(journals[-1]))])
    function = order.functions.get(numbers[at_call].function)
    returns = ANY if function is None else function.returns
    weight = weight_of(output, enough=HEAVY_BYTES)
    try:
        value, text = await in_its_place(weight, lambda: _forked(returns, output))
    except ValueRejected as error:
        raise SubmissionRejected([Fault(pointer="/output", message=str(error))]) from None
    changed = Outcome(number=numbers[at_call].number, value=value)
    lineage = {"kind": "fork", "call": changed.number, "value": text}
    replay = PatchedReplay(journals[-1], earlier=journals[:-1], errors=True, changed=changed)
    running.admission.check(caller)
    active = await _new_run(running, rules, stored, submission, journals, replay, caller=caller, lineage=lineage)
    running.begin(active)
    return await awaited(running, rules, active, wait_seconds)


def _forked(returns: ValueType, output: Any) -> tuple[Any, str]:
    value = returns.lower(returns.from_json(output))
    return value, encode(value)


def _no_call(journal: Journal) -> str:
    made = naming(one.call.number for one in journal.made())
    return f"is no call of this run; {f'its calls: {made}' if made else 'it made none'}"


def _failure(end: Progress | None) -> ErrorReport | None:
    if isinstance(end, Raised):
        return end.error
    if isinstance(end, LimitExceeded):
        message = f"the program would reach the limit {end.limit}"
        return ErrorReport(kind="limit", type="LimitExceeded", message=message, traceback=end.traceback)
    return None


async def _new_run(
    running: Running,
    rules: Rules,
    stored: Stored,
    submission: Submission,
    journals: Sequence[Journal],
    replay: PatchedReplay,
    *,
    caller: Caller,
    lineage: Mapping[str, Any],
) -> ActiveRun:
    """Return the run that takes over, which has not begun."""
    order = await in_its_place(len(submission.source), lambda: order_of(submission, stored_rules(rules)))
    engine = await _engine(running, stored, order)
    active = new_run(
        running, rules, order, submission, caller=caller, engine=engine, replay=replay, root_id=stored.row.root_id
    )
    active.parent_id, active.lineage, active.ancestors = stored.row.id, lineage, journals
    return active


async def _engine(running: Running, stored: Stored, order: Order) -> Engine:
    """Return the engine that goes on with a journal: its own, or, for `auto`, the one that runs what that cannot.

    Raises:
        RunConflict: it is not here any more.
    """
    own = engine_of(running, stored)
    if order.engine != AUTO or own is running.engines.whole:
        return own
    return await running.engines.chosen(AUTO, order.program, order.needs)


async def _taken_over(running: Running, run_id: str, tenant: str) -> Stored:
    active = running.find(run_id, tenant=tenant)
    if active is not None and active.status in _GOING_ON:
        raise _going_on(active.status)
    stored = await stored_run(running, run_id, tenant=tenant)
    if stored.row.status in _GOING_ON:
        raise _going_on(stored.row.status)
    return stored


async def _journals(running: Running, stored: Stored) -> list[Journal]:
    if stored.journal is None:
        raise JournalNotKept
    return [*await ancestors_of(running, stored), *stored.earlier, stored.journal]


def _corrected(stored: Stored, correction: Correction) -> Submission:
    changes: dict[str, Any] = {
        "source": correction.source or stored.submission.source,
        "wait_seconds": correction.wait_seconds,
        "seed": stored.row.seed,
        "size_bytes": 0,
        # Corrected, it is the template's program no more.
        "template_version": None,
    }
    if correction.inputs is not None:
        changes["inputs"] = correction.inputs
    return replace(stored.submission, **changes)


def _going_on(status: str) -> RunConflict:
    return RunConflict(f"the run is {status}; wait until it has ended or waits itself, or cancel it first")
