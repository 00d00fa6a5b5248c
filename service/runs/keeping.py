"""Writes into the store how a run stands: its row and what its journal has gained, in one transaction."""

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.journal_text import write_entry, write_header
from service.runs.active import ActiveRun
from service.runs.record import Run
from service.runs.recorder import RunTaken, StoreRecorder, rows_of, texts_of
from service.runs.rows import columns_of, row_of
from service.runs.states import Status, may_follow
from service.store.database import Store
from service.store.moves import beginning, moving
from service.store.rows import At

Record = Callable[[], Awaitable[Run]]


async def move(store: Store | None, active: ActiveRun, status: Status, record: Record, *, keep: bool = False) -> None:
    """Move a run on to another state, or the same; in the store too, if that keeps it, or shall from now on.

    Args:
        record: returns the run as it then is.
        keep: have the store keep it, if it does not yet.

    Raises:
        RunTaken: the run is not as it is here any more.
        StoreUnavailable: it cannot be written now.
    """
    async with active.writing:
        before = active.status
        if before != status and not may_follow(before, status):
            raise RunTaken(active.id)
        active.status = status
        active.watched.move(before, status)
        if store is None:
            return
        if active.is_kept:
            await _update(store, active, before, record)
        elif keep:
            await _insert(store, active, await record())


async def _insert(store: Store, active: ActiveRun, run: Run) -> None:
    journal = active.live.journal
    entries = journal.entries_from(0)[: active.entries_kept]
    before = texts_of(active.earlier)
    texts = [*before, write_header(journal.header), *map(write_entry, entries)]
    events, functions = active.log.unwritten(), [*active.order.functions]
    await store.write(beginning(row_of(active, run), functions=functions, texts=texts, events=rows_of(events)))
    active.is_kept = True
    active.log.note_written(events)
    if active.entries_kept is None:
        recorder = StoreRecorder(
            store, active.id, wake=active.wake, written=len(entries), log=active.log, before=before
        )
        await active.live.keep(recorder)


async def _update(store: Store, active: ActiveRun, before: Status, record: Record) -> None:
    recorder = active.live.recorder
    assert isinstance(recorder, StoreRecorder)  # noqa: S101 - a run that is kept has one
    wake = active.wake + (before == "suspended" or active.status == "suspended" or active.is_taken_up)
    active.is_taken_up = False
    columns: dict[str, Any] = {"status": active.status, "due_at": None, "expires_at": None, "webhook_due": None}
    if active.status not in ("queued", "running"):
        # What it used and printed is known when it has run, not when it is about to.
        columns |= columns_of(active, await record())
    async with recorder.lock:
        goes_on = active.status in ("queued", "running")
        rest = recorder.unwritten(active.live.journal, until=active.entries_kept, goes_on=goes_on)
        expected = At(status=before, wake=active.wake)
        if not await store.write(
            moving(
                active.id,
                expected=expected,
                columns=columns,
                wake=wake,
                first=rest.first,
                texts=rest.texts,
                events=rows_of(rest.events),
            )
        ):
            raise RunTaken(active.id)
        active.wake = recorder.wake = wake
        recorder.wrote(rest)
