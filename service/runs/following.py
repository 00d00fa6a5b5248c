"""Following a run: its events as they happen, from memory while it is in hand, from the store otherwise."""

import asyncio
from collections.abc import AsyncIterator

from service.rights import Caller
from service.runs.events import EventLog, RunEvent
from service.runs.lookup import at_rest, in_memory
from service.runs.order import Rules
from service.runs.reading import LOOK_SECONDS
from service.runs.record import Run
from service.runs.running import Running
from service.runs.submission import Submission
from service.runs.submit import begin_run
from service.store.events import read_events

# How long nothing may be said on a connection: proxies close those that seem dead.
SILENCE_SECONDS = 15.0
_PAGE = 200
_GOING_ON = ("queued", "running")


async def begin(running: Running, rules: Rules, submission: Submission, *, caller: Caller) -> str:
    """Begin a run, and return its id once it goes on or waits in line.

    Raises:
        ServiceError: it was refused.
    """
    active = await begin_run(running, rules, submission, caller=caller)
    # One that is refused at once has not become an event; what is refused later ends the stream.
    await active.log.changed(1, seconds=LOOK_SECONDS)
    if active.refusal is not None:
        raise active.refusal
    return active.id


async def leave(running: Running, run_id: str, *, tenant: str) -> None:
    """Keep a run that goes on though whoever began it has left."""
    active = running.find(run_id, tenant=tenant)
    if active is not None:
        await running.keep(active)


async def follow(running: Running, run_id: str, *, tenant: str, after: int) -> AsyncIterator[RunEvent | None]:
    """Give the events after the one of that number until the run is at rest; None when nothing was to be said.

    A reader that is slow holds a number and nothing else; what is given up in memory meanwhile is read from the store,
    and missing where there is none.

    Raises:
        RunNotKept: there is no such run.
    """
    silent = 0.0
    while True:
        log = _log(running, run_id, tenant)
        found = await _stored(running, run_id, tenant, after) if log is None or after + 1 < log.first else []
        found = found or ([] if log is None else log.after(after))
        for event in found:
            yield event
            after, silent = event.id, 0.0
        if found:
            continue
        if await _is_over(running, run_id, tenant, log):
            return
        silent += await _wait(log, after)
        if silent >= SILENCE_SECONDS:
            yield None
            silent = 0.0


def _log(running: Running, run_id: str, tenant: str) -> EventLog | None:
    found = in_memory(running, run_id, tenant=tenant)
    return None if found is None else found.log


async def _stored(running: Running, run_id: str, tenant: str, after: int) -> list[RunEvent]:
    if running.store is None:
        return []
    rows = await running.store.read(
        lambda connection: read_events(connection, run_id, tenant=tenant, after=after, limit=_PAGE)
    )
    return [RunEvent.of_text(row.seq, row.name, row.text) for row in rows]


async def _is_over(running: Running, run_id: str, tenant: str, log: EventLog | None) -> bool:
    """Say whether nothing more will happen by itself.

    Raises:
        RunNotKept: there is no such run.
    """
    active = running.find(run_id, tenant=tenant)
    if active is not None:
        return active.rest.is_set() and (active.log.is_at_rest or active.refusal is not None)
    if log is not None:
        return True
    found = await at_rest(running, run_id, tenant=tenant)
    return isinstance(found, Run) or found.row.status not in _GOING_ON


async def _wait(log: EventLog | None, after: int) -> float:
    """Wait for something to happen, and return how long nothing did."""
    if log is None:
        await asyncio.sleep(LOOK_SECONDS)
        return LOOK_SECONDS
    return 0.0 if await log.changed(after, seconds=SILENCE_SECONDS) else SILENCE_SECONDS
