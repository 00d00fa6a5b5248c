"""Brings a database to the schema of this release: the number of its last version, and the steps beyond it.

Not alembic: it finds its steps by path and executes the files that it finds, through an environment script that works
while it is imported and through names of the whole process; a service that opens its own database needs a list of
statements, a number and a lock.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, inspect, text

from service.operator_errors import DatabaseTooNew
from service.store.versions import v1, v2, v3, v4, v5

VERSIONS: tuple[Mapping[str, Sequence[str]], ...] = (
    dict.fromkeys(("sqlite", "postgresql"), v1.STATEMENTS),
    v2.STATEMENTS,
    dict.fromkeys(("sqlite", "postgresql"), v3.STATEMENTS),
    v4.STATEMENTS,
    dict.fromkeys(("sqlite", "postgresql"), v5.STATEMENTS),
)
"""The statements of each version, by kind of database, in order; what was released is never changed, only added to."""
_LOCK = 7_316_548_201_913


def migrate(connection: Connection) -> None:
    """Bring the database up to date, in the transaction of `connection`: all of it or nothing.

    Where two processes open a database at once, one waits for the other and finds nothing left to do: SQLite's
    transactions that write are one at a time, and for PostgreSQL's there is a lock.

    Raises:
        DatabaseTooNew: a later release was here.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    version = _version(connection)
    if version > len(VERSIONS):
        raise DatabaseTooNew(version, len(VERSIONS))
    dialect = connection.dialect.name
    for statement in (statement for step in VERSIONS[version:] for statement in step[dialect]):
        connection.execute(text(statement))
    if version < len(VERSIONS):
        connection.execute(text("DELETE FROM isthmus_schema"))
        connection.execute(text("INSERT INTO isthmus_schema (version) VALUES (:version)"), {"version": len(VERSIONS)})


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table("isthmus_schema"):
        connection.execute(text("CREATE TABLE isthmus_schema (version INTEGER NOT NULL)"))
        return 0
    found: int | None = connection.execute(text("SELECT version FROM isthmus_schema")).scalar()
    return found or 0
