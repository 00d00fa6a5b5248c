"""Transactions that move a run on: its row, its journal, what goes with them and what all that takes change together.

They answer with None when they took place, and with the reason when nothing was changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from service.store.entries import append_entries, delete_entries, read_entries
from service.store.events import append_events, events_since, last_event, last_named, read_texts
from service.store.idempotency import Claim, claim, release
from service.store.reports import insert_report
from service.store.rows import At, EventRow, RunRow
from service.store.runs import change_run, find_any_run, find_run, insert_run, is_at, texts_of_run
from service.store.usage import TEXTS, Usage, add_usage, bytes_of_any, bytes_of_columns, bytes_of_rows, usage_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The run is not as it was expected: somebody else has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """The tenant would have more than it may."""

    usage: Usage
    """What it has."""


Job = Callable[[Connection], Taken | Full | None]


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
    unreported: Sequence[EventRow] = ()
    """Of a run whose process died: those since it last waited, or all; its row does not say what it used in them."""
    has_waited: bool = False
    """Whether it did, so that its row says what it used up to then."""


def beginning(
    row: RunRow,
    *,
    functions: Sequence[str],
    texts: Sequence[str],
    events: Sequence[EventRow] = (),
    report: str | None = None,
    most: Usage | None = None,
) -> Callable[[Connection], Full | None]:
    """Return what adds a run with the journal that it has so far, from its header on, its events and its report."""

    def begin(connection: Connection) -> Full | None:
        beside = _bytes(texts, events, report)
        if not insert_run(connection, row, functions=functions, beside_bytes=beside, most=most):
            return Full(usage=usage_of(connection, row.tenant))
        insert_report(connection, row.id, report)
        append_events(connection, row.id, events)
        append_entries(connection, row.id, first=0, texts=texts)
        return None

    return begin


def claiming(
    row: RunRow, *, functions: Sequence[str], key: str, wanted: Claim, most: Usage | None = None
) -> Callable[[Connection], Claim | Full]:
    """Return what adds a run under an idempotency key, unless the key stands for another one already."""

    def begin(connection: Connection) -> Claim | Full:
        found = claim(connection, tenant=row.tenant, key=key, wanted=wanted, now=row.created_at)
        if found == wanted and not insert_run(connection, row, functions=functions, most=most):
            release(connection, tenant=row.tenant, key=key, run_id=row.id)
            return Full(usage=usage_of(connection, row.tenant))
        return found

    return begin


def moving(
    run_id: str,
    *,
    tenant: str,
    expected: At,
    columns: Mapping[str, Any],
    wake: int,
    first: int | None,
    texts: Sequence[str],
    events: Sequence[EventRow] = (),
    report: str | None = None,
    most: Usage | None = None,
) -> Job:
    """Return what changes a run that is as expected, and adds to journal and events.

    Args:
        wake: what the run has afterwards.
        first: the number of the first text; None: they are a whole journal, which takes the place of the one there is.
        most: what the tenant may have after it; None: this has to be written, however much there is.
    """

    def move(connection: Connection) -> Taken | Full | None:
        grown = _bytes(texts, events, report) - _replaced(connection, run_id, columns, whole=first is None)
        ended = -1 if columns.get("finished_at") is not None else 0
        if not add_usage(connection, tenant, kept_bytes=grown, waiting_runs=ended, most=most):
            return Full(usage=usage_of(connection, tenant))
        if not change_run(connection, run_id, expected=expected, wake=wake, **columns):
            add_usage(connection, tenant, kept_bytes=-grown, waiting_runs=-ended)
            return Taken()
        _append(connection, run_id, first, texts, events)
        insert_report(connection, run_id, report)
        return None

    return move


def adding(
    run_id: str,
    *,
    tenant: str,
    wake: int,
    first: int | None,
    texts: Sequence[str],
    events: Sequence[EventRow] = (),
    most: Usage | None = None,
) -> Job:
    """Return what adds to journal and events of a run that is still at `wake`; `first` and `most` as for `moving`."""

    def add(connection: Connection) -> Taken | Full | None:
        grown = _bytes(texts, events) - _replaced(connection, run_id, {}, whole=first is None)
        if not add_usage(connection, tenant, kept_bytes=grown, most=most):
            return Full(usage=usage_of(connection, tenant))
        if not is_at(connection, run_id, wake=wake):
            add_usage(connection, tenant, kept_bytes=-grown)
            return Taken()
        _append(connection, run_id, first, texts, events)
        return None

    return add


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
            row=row, texts=read_entries(connection, run_id), events=_events(connection, row) if goes_on else None
        )

    return find


def _events(connection: Connection, row: RunRow) -> FoundEvents:
    last, printed = last_event(connection, row.id), read_texts(connection, row.id, name="output.delta")
    if row.status == "suspended":
        return FoundEvents(last=last, printed=printed)
    waited = last_named(connection, row.id, name="run.suspended")
    since = events_since(connection, row.id, after=waited)
    return FoundEvents(last=last, printed=printed, unreported=since, has_waited=waited > 0)


def _bytes(texts: Sequence[str], events: Sequence[EventRow], report: str | None = None) -> int:
    return bytes_of_rows(texts) + bytes_of_rows(one.text for one in events) + bytes_of_any(report)


def _replaced(connection: Connection, run_id: str, columns: Mapping[str, Any], *, whole: bool) -> int:
    """Return by how much less is added than is written: texts take the place of others."""
    journal = bytes_of_rows(read_entries(connection, run_id)) if whole else 0
    names = [name for name in TEXTS if name in columns]
    if not names:
        return journal
    before = texts_of_run(connection, run_id, names)
    return journal + bytes_of_columns(dict(zip(names, before, strict=False))) - bytes_of_columns(columns)


def _append(
    connection: Connection, run_id: str, first: int | None, texts: Sequence[str], events: Sequence[EventRow]
) -> None:
    if first is None:
        delete_entries(connection, run_id)
    append_entries(connection, run_id, first=first or 0, texts=texts)
    append_events(connection, run_id, events)
