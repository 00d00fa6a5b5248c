"""The events of runs: what somebody who watches is told, in order."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, insert, select

from service.store.rows import EventRow
from service.store.tables import events, runs

_INSERT = insert(events)
_READ = (
    select(events.c.seq, events.c.name, events.c.text)
    .join(runs, runs.c.id == events.c.run_id)
    .where(events.c.run_id == bindparam("run"), runs.c.tenant == bindparam("tenant"), events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
    .limit(bindparam("most"))
)


_LAST_NAMED = select(func.max(events.c.seq)).where(
    events.c.run_id == bindparam("run"), events.c.name == bindparam("name")
)
_SINCE = (
    select(events.c.seq, events.c.name, events.c.text)
    .where(events.c.run_id == bindparam("run"), events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
)
_LAST = select(func.max(events.c.seq)).where(events.c.run_id == bindparam("run"))
_NAMED = (
    select(events.c.text)
    .where(events.c.run_id == bindparam("run"), events.c.name == bindparam("name"))
    .order_by(events.c.seq)
)


def append_events(connection: Connection, run_id: str, rows: Sequence[EventRow]) -> None:
    """Add events.

    Raises:
        IntegrityError: there is an event of such a number, or no such run.
    """
    if rows:
        told = [{"run_id": run_id, "seq": row.seq, "name": row.name, "text": row.text} for row in rows]
        connection.execute(_INSERT, told)


def last_event(connection: Connection, run_id: str) -> int:
    """Return the number of the newest event of a run; 0 when there is none."""
    return connection.execute(_LAST, {"run": run_id}).scalar_one() or 0


def read_texts(connection: Connection, run_id: str, *, name: str) -> list[str]:
    """Return the texts of all events of a name."""
    return [*connection.execute(_NAMED, {"run": run_id, "name": name}).scalars()]


def last_named(connection: Connection, run_id: str, *, name: str) -> int:
    """Return the number of the newest event of a name; 0 when there is none."""
    return connection.execute(_LAST_NAMED, {"run": run_id, "name": name}).scalar_one() or 0


def events_since(connection: Connection, run_id: str, *, after: int) -> list[EventRow]:
    """Return all events of a run that follow the one of number `after`."""
    found = connection.execute(_SINCE, {"run": run_id, "after": after})
    return [EventRow(seq=row.seq, name=row.name, text=row.text) for row in found]


def read_events(connection: Connection, run_id: str, *, tenant: str, after: int = -1, limit: int) -> list[EventRow]:
    """Return the events of a tenant's run that follow the one of number `after`."""
    found = connection.execute(_READ, {"run": run_id, "tenant": tenant, "after": after, "most": limit})
    return [EventRow(seq=row.seq, name=row.name, text=row.text) for row in found]
