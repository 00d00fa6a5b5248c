"""The reports of runs: a page each, made when the run ended."""

from sqlalchemy import Connection, bindparam, insert, select

from service.store.tables import reports, runs

_INSERT = insert(reports)
_READ = (
    select(reports.c.text)
    .join(runs, runs.c.id == reports.c.run_id)
    .where(reports.c.run_id == bindparam("run"), runs.c.tenant == bindparam("of"))
)


def insert_report(connection: Connection, run_id: str, text: str | None) -> None:
    """Keep the report of a run, if there is one.

    Raises:
        IntegrityError: there is one already, or no such run.
    """
    if text is not None:
        connection.execute(_INSERT, {"run_id": run_id, "text": text})


def find_report(connection: Connection, run_id: str, *, tenant: str) -> str | None:
    """Return the report of a tenant's run."""
    return connection.execute(_READ, {"run": run_id, "of": tenant}).scalar_one_or_none()
