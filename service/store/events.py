"""The events of runs: what somebody who watches is told, in order."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select

from service.store.rows import EventRow
from service.store.tables import events

_READ = (
    select(events.c.seq, events.c.name, events.c.text)
    .where(events.c.run_id == bindparam("run"), events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
    .limit(bindparam("most"))
)


def append_events(connection: Connection, run_id: str, rows: Sequence[EventRow]) -> None:
    """Add events.

    Raises:
        IntegrityError: there is an event of such a number, or no such run.
    """
    if rows:
        told = [{"run_id": run_id, "seq": row.seq, "name": row.name, "text": row.text} for row in rows]
        connection.execute(insert(events), told)


def read_events(connection: Connection, run_id: str, *, after: int = -1, limit: int) -> list[EventRow]:
    """Return the events that follow the one of number `after`."""
    found = connection.execute(_READ, {"run": run_id, "after": after, "most": limit})
    return [EventRow(seq=row.seq, name=row.name, text=row.text) for row in found]
