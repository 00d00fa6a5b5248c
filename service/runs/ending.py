"""Runs that are ended from outside: cancelled, expired because nobody answered, woken, forgotten."""

import dataclasses
import json

from sandbox.entries import Settled
from sandbox.errors import MisuseError
from sandbox.external import overdue, pending_calls, timed_out
from sandbox.turns import ErrorReport
from service.errors import (
    FunctionNotAllowed,
    ImageChanged,
    NothingKept,
    RunConflict,
    StorageFull,
    SubmissionRejected,
)
from service.runs.active import ActiveRun
from service.runs.bounds import past_deadline
from service.runs.lookup import at_rest, run_at_rest
from service.runs.order import Rules
from service.runs.record import Run
from service.runs.recorder import RunTaken
from service.runs.revival import revive
from service.runs.rows import webhook_columns
from service.runs.running import Running
from service.runs.states import Status, is_final, read_status
from service.runs.stored import Stored, known_functions, load
from service.runs.taking_up import go_on
from service.store.moves import moving
from service.store.rows import At, from_microseconds, microseconds
from service.store.runs import delete_run

_TRIES = 20
_EXPIRED = ErrorReport(
    kind="function",
    type="TimeoutError",
    message="nobody answered a call of the run before it expired",
    hint="answer pending calls before their expires_at, or declare on_timeout for the function",
)


async def cancel(running: Running, rules: Rules, run_id: str, *, tenant: str) -> Run:
    """End a run, wherever it is.

    Raises:
        RunNotKept: there is no such run.
        RunConflict: it has ended.
    """
    for _ in range(_TRIES):
        active = running.find(run_id, tenant=tenant)
        run = None if active is None else await _interrupt(running, active)
        if run is not None:
            return run
        stored = await at_rest(running, run_id, tenant=tenant)
        if isinstance(stored, Run):
            raise _ended(stored.status)
        if is_final(read_status(stored.row.status)):
            raise _ended(stored.row.status)
        if stored.row.status != "suspended" and running.find(run_id, tenant=tenant) is not None:
            # It has begun to go on here meanwhile.
            continue
        if await _end_stored(running, stored, "cancelled", None):
            return await run_at_rest(running, run_id, rules.registry, tenant=tenant)
    message = "the run changes too quickly; send the request again"
    raise RunConflict(message)


async def _interrupt(running: Running, active: ActiveRun) -> Run | None:
    """End a run that is driven here, and return it; None when it waits: its row is to be changed."""
    # Whoever answers it is done with that first.
    async with active.lock:
        if active.status == "suspended":
            await active.rest.wait()
            return None
        running.interrupt(active, "cancelled")
    run = await running.wait(active, None)
    if run.status == "suspended" or active.is_let_go:
        return None
    if run.status != "cancelled":
        raise _ended(run.status)
    return run


async def attend(running: Running, rules: Rules, run_id: str, *, wake: int) -> None:
    """Do what is due for a run that nobody asks about; nothing when it is not at `wake` any more.

    A run that was going on when its process ended is driven on. Of one that waits, calls whose time is over get what
    was declared for that, or end it; a sleeper is woken.
    """
    active = running.find(run_id, tenant=None)
    if active is not None and active.status != "suspended":
        return
    stored = await load(running, run_id, tenant=None, goes_on=True)
    if stored is None or stored.row.wake != wake or is_final(read_status(stored.row.status)):
        return
    try:
        await _attend(running, rules, stored)
    except (RunTaken, StorageFull):
        # What is due for it stays due.
        return
    except ImageChanged as error:
        await _end_stored(running, stored, "failed", _on_another(error))
    except (SubmissionRejected, FunctionNotAllowed, MisuseError) as error:
        await _end_stored(running, stored, "failed", _unlike(error))


async def forget(running: Running, run_id: str, *, tenant: str) -> None:
    """Delete a run that has ended.

    Raises:
        RunNotKept: there is no such run.
        RunConflict: it has not ended.
    """
    if running.find(run_id, tenant=tenant) is not None:
        message = "the run has not ended; cancel it first"
        raise RunConflict(message)
    recent = running.recent.find(run_id, tenant=tenant, now=running.clock())
    if recent is not None:
        running.recent.remove(run_id)
    gone = running.store is not None and await running.store.write(
        lambda connection: delete_run(connection, run_id, tenant=tenant)
    )
    if gone or recent is not None:
        return
    await at_rest(running, run_id, tenant=tenant)
    message = "the run has not ended; cancel it first"
    raise RunConflict(message)


async def _attend(running: Running, rules: Rules, stored: Stored) -> None:
    created_at = from_microseconds(stored.row.created_at)
    over = created_at and past_deadline(stored.submission, created_at, now=running.clock())
    if over:
        await _end_stored(running, stored, "failed", over)
        return
    if stored.row.status == "suspended" and await _expire(running, rules, stored):
        return
    rights = await running.rights_of(stored.row.tenant)
    active = await revive(running, stored, rules, rights)
    held = running.find(active.id, tenant=None)
    if held is not None:
        async with held.lock:
            if held.status != "suspended":
                # It was answered meanwhile, and goes on.
                return
            # The row is the truth; whoever holds an interpreter goes on from it.
            running.let_go(held)
    running.adopt(active)
    async with active.lock:
        await go_on(running, active)
    await active.rest.wait()


async def _expire(running: Running, rules: Rules, stored: Stored) -> bool:
    """Give calls whose time is over what was declared for that, in the journal that was read; True when it ended."""
    if stored.journal is None:
        return False
    now = round(running.clock().timestamp() * 1e9)
    functions = await known_functions(stored, rules.registry)
    late = overdue(pending_calls(stored.journal, functions), now=now)
    outcomes = [timed_out(one) for one in late]
    if None in outcomes:
        await _end_stored(running, stored, "expired", _EXPIRED)
        return True
    for outcome in outcomes:
        if outcome is not None:
            stored.journal.append(Settled(outcome=outcome))
    return False


async def _end_stored(running: Running, stored: Stored, status: Status, error: ErrorReport | None) -> bool:
    """End a run that nobody drives; False when it is not as it was read any more."""
    if running.store is None:
        raise NothingKept
    row = stored.row
    report = json.loads(row.report) | ({} if error is None else {"error": dataclasses.asdict(error)})
    columns = {
        "status": status,
        "finished_at": microseconds(running.clock()),
        "due_at": None,
        "expires_at": None,
        "report": json.dumps(report, separators=(",", ":")),
        **webhook_columns(stored.submission, rests=True),
    }
    expected = At(status=row.status, wake=row.wake)
    refused = await running.store.write(
        moving(row.id, tenant=row.tenant, expected=expected, columns=columns, wake=row.wake + 1, first=1, texts=())
    )
    ended = refused is None
    held = running.find(row.id, tenant=None)
    if ended and held is not None:
        held.status = status
        running.let_go(held)
        held.rest.set()
    return ended


def _ended(status: str) -> RunConflict:
    return RunConflict(f"the run is {status} already")


def _on_another(error: ImageChanged) -> ErrorReport:
    hint = "patch the run, or have the operator bring the packages back"
    return ErrorReport(kind="divergence", type="JournalDiverged", message=str(error), hint=hint)


def _unlike(error: Exception) -> ErrorReport:
    return ErrorReport(
        kind="divergence",
        type="JournalDiverged",
        message=f"the functions of the run are not what they were when it began: {error}",
        hint="patch the run, or submit the program again",
    )
