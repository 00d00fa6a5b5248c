"""Transactions that move a run on: its row, its journal and what goes with them change together or not at all."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete

from service.store.entries import append_entries, read_entries
from service.store.events import append_events
from service.store.idempotency import Claim, claim
from service.store.rows import At, EventRow, RunRow
from service.store.runs import change_run, find_any_run, find_run, insert_run
from service.store.tables import entries

Job = Callable[[Connection], bool]
Found = tuple[RunRow, list[str]]


def beginning(row: RunRow, *, functions: Sequence[str], texts: Sequence[str], events: Sequence[EventRow] = ()) -> Job:
    """Return what adds a run with the journal that it has so far, from its header on, and its events."""

    def begin(connection: Connection) -> bool:
        insert_run(connection, row, functions=functions)
        append_events(connection, row.id, events)
        return append_entries(connection, row.id, wake=row.wake, first=0, texts=texts)

    return begin


def claiming(row: RunRow, *, functions: Sequence[str], key: str, wanted: Claim) -> Callable[[Connection], Claim]:
    """Return what adds a run under an idempotency key, unless the key stands for another one already."""

    def begin(connection: Connection) -> Claim:
        found = claim(connection, tenant=row.tenant, key=key, wanted=wanted, now=row.created_at)
        if found == wanted:
            insert_run(connection, row, functions=functions)
        return found

    return begin


def moving(
    run_id: str,
    *,
    expected: At,
    columns: Mapping[str, Any],
    wake: int,
    first: int | None,
    texts: Sequence[str],
    events: Sequence[EventRow] = (),
) -> Job:
    """Return what changes a run that is as expected, and adds to journal and events; False when it is not as expected.

    Args:
        wake: what the run has afterwards.
        first: the number of the first text; None: they are a whole journal, which takes the place of the one there is.
    """

    def move(connection: Connection) -> bool:
        if not change_run(connection, run_id, expected=expected, wake=wake, **columns):
            return False
        return _add(connection, run_id, wake=wake, first=first, texts=texts, told=events)

    return move


def adding(run_id: str, *, wake: int, first: int | None, texts: Sequence[str], events: Sequence[EventRow] = ()) -> Job:
    """Return what adds to journal and events of a run that is still at `wake`; `first` as for `moving`."""
    return lambda connection: _add(connection, run_id, wake=wake, first=first, texts=texts, told=events)


def finding(run_id: str, *, tenant: str | None) -> Callable[[Connection], Found | None]:
    """Return what finds a run with the texts of its journal; whoever's it is when there is no tenant."""

    def find(connection: Connection) -> Found | None:
        row = find_any_run(connection, run_id) if tenant is None else find_run(connection, run_id, tenant=tenant)
        return None if row is None else (row, read_entries(connection, run_id))

    return find


def _add(
    connection: Connection,
    run_id: str,
    *,
    wake: int,
    first: int | None,
    texts: Sequence[str],
    told: Sequence[EventRow],
) -> bool:
    if first is None:
        connection.execute(delete(entries).where(entries.c.run_id == run_id))
    if not append_entries(connection, run_id, wake=wake, first=first or 0, texts=texts):
        return False
    append_events(connection, run_id, told)
    return True
