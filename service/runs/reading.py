"""Runs as callers read them: one, a page of them, the calls of one, and its journal."""

import asyncio
from dataclasses import dataclass

from sandbox.journal_text import write
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of
from service.errors import JournalNotKept, NoReport
from service.runs.active import ActiveRun
from service.runs.answer import parts_of, run_calls
from service.runs.lookup import at_rest, in_memory, run_at_rest, stored_run
from service.runs.order import Rules
from service.runs.record import Run, RunCall
from service.runs.running import Running
from service.runs.states import is_final
from service.runs.stored import calls_of
from service.store.reports import find_report
from service.store.rows import RunFilter, RunHead
from service.store.runs import list_runs

# How often a run is looked at that another process drives, or nobody yet.
LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some runs, the newest first."""

    runs: tuple[RunHead, ...]
    next_cursor: str | None
    """None on the last page."""


async def read_run(running: Running, rules: Rules, run_id: str, *, tenant: str, wait_seconds: float = 0.0) -> Run:
    """Return a run; one that goes on is waited for.

    Raises:
        RunNotKept: there is no such run.
    """
    deadline = asyncio.get_running_loop().time() + wait_seconds
    while True:
        left = deadline - asyncio.get_running_loop().time()
        run = await _read(running, rules, run_id, tenant=tenant, wait_seconds=max(0.0, left))
        if left <= 0 or is_final(run.status) or run.pending:
            return run
        await asyncio.sleep(min(LOOK_SECONDS, left))


async def list_page(running: Running, where: RunFilter, *, tenant: str, limit: int, cursor: str | None) -> Page:
    """Return a page of the runs that are kept; `cursor` is that of the page before."""
    if running.store is None:
        return Page(runs=(), next_cursor=None)
    found = await running.store.read(
        lambda connection: list_runs(connection, tenant=tenant, where=where, before=cursor, limit=limit + 1)
    )
    shown = tuple(found[:limit])
    return Page(runs=shown, next_cursor=shown[-1].id if len(found) > limit else None)


async def read_calls(running: Running, rules: Rules, run_id: str, *, tenant: str) -> tuple[RunCall, ...]:
    """Return all calls of a run, in the program's order.

    Raises:
        RunNotKept: there is no such run.
    """
    active = running.find(run_id, tenant=tenant)
    if active is not None:
        records = active.live.state().calls
        weight = weight_of([parts_of(one) for one in records], enough=HEAVY_BYTES)
        return await in_its_place(weight, lambda: run_calls(records))
    found = await at_rest(running, run_id, tenant=tenant)
    # The record has the first ones alone.
    return found.calls if isinstance(found, Run) else await calls_of(found, rules.registry)


async def read_report(running: Running, rules: Rules, run_id: str, *, tenant: str) -> str:
    """Return the report of a run that has ended: a page.

    Raises:
        RunNotKept: there is no such run.
        NoReport: it has none.
    """
    shown = (await read_run(running, rules, run_id, tenant=tenant)).shown
    report = shown.report
    if report is None and shown.report_is_stored and running.store is not None:
        report = await running.store.read(lambda connection: find_report(connection, run_id, tenant=tenant))
    if report is None:
        raise NoReport
    return report


async def read_journal(running: Running, run_id: str, *, tenant: str) -> str:
    """Return the journal of a run: lines of JSON.

    Raises:
        RunNotKept: there is no such run.
        JournalNotKept: it was not kept.
    """
    active = running.find(run_id, tenant=tenant)
    if active is not None:
        return await asyncio.to_thread(write, active.live.journal)
    stored = await stored_run(running, run_id, tenant=tenant)
    if stored.journal is None:
        raise JournalNotKept
    journal = stored.journal
    return await in_its_place(stored.weight, lambda: write(journal))


async def _read(running: Running, rules: Rules, run_id: str, *, tenant: str, wait_seconds: float) -> Run:
    found = in_memory(running, run_id, tenant=tenant)
    if isinstance(found, ActiveRun):
        run = await running.until_rest(found, wait_seconds)
        if not found.is_let_go:
            return run
        found = None
    return found or await run_at_rest(running, run_id, rules.registry, tenant=tenant)
