"""The journals of runs, an entry a row: append-only."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select

from service.store.tables import entries

_INSERT = insert(entries)
_READ = select(entries.c.text).where(entries.c.run_id == bindparam("run")).order_by(entries.c.seq)


def append_entries(connection: Connection, run_id: str, *, first: int, texts: Sequence[str]) -> None:
    """Add entries to a journal; who may do that, and what they take, is the business of `moves`.

    Args:
        first: the number of the first of them; the header of the journal is entry 0.

    Raises:
        IntegrityError: there is an entry of such a number, or no such run.
    """
    if texts:
        rows = [{"run_id": run_id, "seq": seq, "text": text} for seq, text in enumerate(texts, first)]
        connection.execute(_INSERT, rows)


def read_entries(connection: Connection, run_id: str) -> list[str]:
    """Return the texts of a journal, in order; together they are what `sandbox.journal_text.read` reads."""
    return [*connection.execute(_READ, {"run": run_id}).scalars()]


def delete_entries(connection: Connection, run_id: str) -> None:
    """Forget a journal, for another one that takes its place."""
    connection.execute(delete(entries).where(entries.c.run_id == run_id))
