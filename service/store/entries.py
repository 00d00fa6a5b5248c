"""The journals of runs, an entry a row: append-only, and only by the driver that has the run."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select

from service.store.tables import entries, runs

_HELD = select(runs.c.id).where(runs.c.id == bindparam("run"), runs.c.wake == bindparam("known")).with_for_update()
_READ = select(entries.c.text).where(entries.c.run_id == bindparam("run")).order_by(entries.c.seq)


def append_entries(connection: Connection, run_id: str, *, wake: int, first: int, texts: Sequence[str]) -> bool:
    """Add entries to the journal of a run that is still at `wake`; False when it is not: somebody else has it.

    Args:
        first: the number of the first of them; the header of the journal is entry 0.

    Raises:
        IntegrityError: there is an entry of such a number.
    """
    if connection.execute(_HELD, {"run": run_id, "known": wake}).one_or_none() is None:
        return False
    if texts:
        rows = [{"run_id": run_id, "seq": seq, "text": text} for seq, text in enumerate(texts, first)]
        connection.execute(insert(entries), rows)
    return True


def read_entries(connection: Connection, run_id: str) -> list[str]:
    """Return the texts of a journal, in order; together they are what `sandbox.journal_text.read` reads."""
    return [*connection.execute(_READ, {"run": run_id}).scalars()]
