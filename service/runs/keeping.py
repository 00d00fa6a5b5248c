"""Writes into the store how a run stands: its row and what its journal has gained, in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from service.errors import StorageFull
from service.runs.active import ActiveRun
from service.runs.record import Run
from service.runs.recorder import (
    RunTaken,
    StoreRecorder,
    Unwritten,
    refusal_of,
    rows_of,
    text_of_header,
    texts_of,
    texts_of_entries,
)
from service.runs.rows import columns_of, report_text, row_of
from service.runs.states import Status, may_follow
from service.store.database import Store
from service.store.moves import beginning, moving
from service.store.rows import At

Record = Callable[[], Awaitable[Run]]


async def move(
    store: Store | None,
    active: ActiveRun,
    status: Status,
    record: Record,
    *,
    keep: bool = False,
    at_any_size: bool = False,
) -> None:
    """Move a run on to another state, or the same; in the store too, if that keeps it, or shall from now on.

    Args:
        record: returns the run as it then is.
        keep: have the store keep it, if it does not yet.
        at_any_size: write it however much its tenant has: it ends.

    Raises:
        RunTaken: the run is not as it is here any more.
        StorageFull: its tenant has as much kept as it may have; the run is in the state in which it was.
        StoreUnavailable: it cannot be written now.
    """
    async with active.writing:
        before = active.status
        if before != status and not may_follow(before, status):
            raise RunTaken(active.id)
        active.status = status
        was_told = active.watched.move(before, status, is_taken_up=active.is_taken_up)
        if store is None:
            return
        try:
            if active.is_kept:
                await _update(store, active, before, record, at_any_size=at_any_size)
            elif keep:
                await _insert(store, active, await record())
        except StorageFull:
            active.status = before
            if active.is_kept and was_told:
                active.log.take_back()
            raise


async def keep_attempt(store: Store, active: ActiveRun, run: Run) -> None:
    """Have the store know how an attempt ended that another one follows, and what all of them used up to now.

    Args:
        run: as it is with that end.

    Raises:
        RunTaken, StorageFull, StoreUnavailable: as `move`.
    """
    recorder = active.live.recorder
    assert isinstance(recorder, StoreRecorder)  # noqa: S101 - a run that is kept has one
    columns = {"report": report_text(active, run)}
    async with recorder.lock:
        rest = await recorder.unwritten(active.live.journal)
        refused = await store.write(
            moving(
                active.id,
                tenant=active.tenant,
                expected=At(status=active.status, wake=active.wake),
                columns=columns,
                wake=active.wake,
                first=rest.first,
                texts=rest.texts,
                events=rows_of(rest.events),
                most=active.allowance.for_more(),
            )
        )
        if refused is not None:
            raise refusal_of(refused, active.id, active.allowance)
        recorder.wrote(rest)


async def end_without_room(store: Store | None, active: ActiveRun, run: Run, record: Record) -> Run:
    """Return how a run ends whose end, `run`, takes more room than there is.

    Of one that is kept, `record` gives the end, which is written without what it did since; any other is not kept.
    """
    if not active.is_kept:
        active.status = run.status
        return run
    await move(store, active, "failed", record, at_any_size=True)
    return await record()


async def _insert(store: Store, active: ActiveRun, run: Run) -> None:
    journal = active.live.journal
    entries = journal.entries_from(0)[: active.entries_kept]
    # Those that belong to these entries: more may come of both meanwhile.
    events, functions = active.log.unwritten(), [*active.order.functions]
    before = await texts_of(active.earlier)
    texts = [*before, await text_of_header(journal.header), *await texts_of_entries(entries)]
    row, most = row_of(active, run), active.allowance.for_new()
    refused = await store.write(
        beginning(
            row,
            functions=functions,
            texts=texts,
            events=rows_of(events),
            report=run.shown.report,
            most=most,
        )
    )
    if refused is not None:
        raise active.allowance.refusal_of_new(refused.usage)
    active.is_kept = True
    active.log.note_written(events)
    if active.entries_kept is None:
        recorder = StoreRecorder(
            store,
            active.id,
            allowance=active.allowance,
            wake=active.wake,
            written=len(entries),
            log=active.log,
            before=before,
        )
        await active.live.keep(recorder)


async def _update(store: Store, active: ActiveRun, before: Status, record: Record, *, at_any_size: bool) -> None:
    recorder = active.live.recorder
    assert isinstance(recorder, StoreRecorder)  # noqa: S101 - a run that is kept has one
    wake = active.wake + (before == "suspended" or active.status == "suspended" or active.is_taken_up)
    active.is_taken_up = False
    report: str | None = None
    columns: dict[str, Any] = {"status": active.status, "due_at": None, "expires_at": None, "webhook_due": None}
    if active.status not in ("queued", "running"):
        # What it used and printed is known when it has run, not when it is about to.
        run = await record()
        if at_any_size:
            run = replace(run, shown=replace(run.shown, report=None))
        columns |= columns_of(active, run)
        report = run.shown.report
    async with recorder.lock:
        goes_on = active.status in ("queued", "running")
        rest = await recorder.unwritten(active.live.journal, until=active.entries_kept, goes_on=goes_on)
        if at_any_size:
            rest = Unwritten(first=1, texts=(), count=None, events=rest.events[-1:])
        # A state alone is always written: somebody waits for it.
        is_bounded = not at_any_size and (rest.texts or "report" in columns)
        refused = await store.write(
            moving(
                active.id,
                tenant=active.tenant,
                expected=At(status=before, wake=active.wake),
                columns=columns,
                wake=wake,
                first=rest.first,
                texts=rest.texts,
                events=rows_of(rest.events),
                report=report,
                most=active.allowance.for_more() if is_bounded else None,
            )
        )
        if refused is not None:
            raise refusal_of(refused, active.id, active.allowance)
        active.wake = recorder.wake = wake
        recorder.wrote(rest)
