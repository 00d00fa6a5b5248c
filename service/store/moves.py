"""Transactions that move a run on: its row, its journal and what goes with them change together or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete

from service.store.entries import append_entries, read_entries
from service.store.events import append_events, last_event, read_texts
from service.store.idempotency import Claim, claim
from service.store.rows import At, EventRow, RunRow
from service.store.runs import change_run, find_any_run, find_run, insert_run
from service.store.tables import entries

Job = Callable[[Connection], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A run as the store has it."""

    row: RunRow
    texts: list[str]
    """Of its journal; journals of attempts follow each other."""
    events: "FoundEvents | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEvents:
    """Where the events of a run end."""

    last: int
    printed: list[str]
    """The texts of those that tell what it printed."""


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


def finding(run_id: str, *, tenant: str | None, goes_on: bool = False) -> Callable[[Connection], Found | None]:
    """Return what finds a run with the texts of its journal; whoever's it is when there is no tenant.

    Args:
        goes_on: it is to go on: where its events end is found as well.
    """

    def find(connection: Connection) -> Found | None:
        row = find_any_run(connection, run_id) if tenant is None else find_run(connection, run_id, tenant=tenant)
        if row is None:
            return None
        return Found(
            row=row, texts=read_entries(connection, run_id), events=_events(connection, run_id) if goes_on else None
        )

    return find


def _events(connection: Connection, run_id: str) -> FoundEvents:
    printed = read_texts(connection, run_id, name="output.delta")
    return FoundEvents(last=last_event(connection, run_id), printed=printed)


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
