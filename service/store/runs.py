"""The rows of runs: insert, find, compare-and-set, list, delete. Every look-up of a caller's names the tenant."""

import dataclasses
import functools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Select, bindparam, delete, func, insert, select, update

from service.store.rows import At, RunFilter, RunHead, RunRow
from service.store.tables import idempotency, run_functions, runs
from service.store.usage import RUN_BYTES, TEXTS, Usage, add_usage, bytes_of_columns, bytes_of_runs

# Statuses that most runs have in the end.
_COMMON = ("completed", "failed")
_HEAD = [runs.c[field.name] for field in dataclasses.fields(RunHead)]
_ROW = [runs.c[field.name] for field in dataclasses.fields(RunRow)]
_FIND = select(*_ROW).where(runs.c.id == bindparam("run_id"), runs.c.tenant == bindparam("of"))
_FIND_ANY = select(*_ROW).where(runs.c.id == bindparam("run_id"))
_DUE = select(*_HEAD).where(runs.c.due_at <= bindparam("now")).order_by(runs.c.due_at).limit(bindparam("most"))
# Statements are made once: to make one takes longer than SQLite takes to run it.
_INSERT, _INSERT_FUNCTIONS = insert(runs), insert(run_functions)
_CHANGE = update(runs).where(
    runs.c.id == bindparam("run"), runs.c.status == bindparam("from_status"), runs.c.wake == bindparam("from_wake")
)
_HELD = select(runs.c.id).where(runs.c.id == bindparam("run"), runs.c.wake == bindparam("known")).with_for_update()
_UNFINISHED = select(*_HEAD).where(runs.c.finished_at.is_(None), runs.c.status.in_(bindparam("among", expanding=True)))


def insert_run(
    connection: Connection,
    row: RunRow,
    *,
    functions: Iterable[str] = (),
    beside_bytes: int = 0,
    most: Usage | None = None,
) -> bool:
    """Add a run, and the functions that it may call; False when its tenant would have more than it may.

    Args:
        beside_bytes: what is about to be written of its journal and events.
        most: what the tenant may have.

    Raises:
        IntegrityError: there is a run of this id.
    """
    taken = RUN_BYTES + bytes_of_columns({name: getattr(row, name) for name in TEXTS}) + beside_bytes
    waiting = 1 if row.finished_at is None else 0
    if not add_usage(connection, row.tenant, kept_bytes=taken, waiting_runs=waiting, most=most):
        return False
    connection.execute(_INSERT, _columns(row))
    named = [{"tenant": row.tenant, "function": name, "run_id": row.id} for name in dict.fromkeys(functions)]
    if named:
        connection.execute(_INSERT_FUNCTIONS, named)
    return True


def find_run(connection: Connection, run_id: str, *, tenant: str) -> RunRow | None:
    """Return a run of a tenant; None also when it is another tenant's."""
    found = connection.execute(_FIND, {"run_id": run_id, "of": tenant}).one_or_none()
    return None if found is None else RunRow(**found._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def find_any_run(connection: Connection, run_id: str) -> RunRow | None:
    """Return a run whoever's it is: for those who drive runs, never for a caller."""
    found = connection.execute(_FIND_ANY, {"run_id": run_id}).one_or_none()
    return None if found is None else RunRow(**found._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def functions_of(connection: Connection, run_id: str) -> list[str]:
    """Return the functions that a run may call, sorted."""
    return [*connection.execute(select(run_functions.c.function).where(run_functions.c.run_id == run_id)
                                .order_by(run_functions.c.function)).scalars()]  # fmt: skip


def texts_of_run(connection: Connection, run_id: str, names: Sequence[str]) -> list[str | None]:
    """Return what some of the columns of a run hold that are texts; nothing when there is no such run."""
    found = connection.execute(_texts(tuple(names)), {"run": run_id}).one_or_none()
    return [] if found is None else [*found]


def is_at(connection: Connection, run_id: str, *, wake: int) -> bool:
    """Say whether a run is still at `wake`, and hold it so; if it is not, somebody else has it."""
    return connection.execute(_HELD, {"run": run_id, "known": wake}).one_or_none() is not None


def change_run(connection: Connection, run_id: str, *, expected: At, **columns: Any) -> bool:
    """Set columns of a run that is as expected; False when it is not, and then nothing is changed."""
    found = {"run": run_id, "from_status": expected.status, "from_wake": expected.wake}
    return connection.execute(_CHANGE, columns | found).rowcount == 1


def list_runs(
    connection: Connection, *, tenant: str, where: RunFilter | None = None, before: str | None = None, limit: int
) -> list[RunHead]:
    """Return runs of a tenant, the newest first.

    Args:
        before: the id of the last run of the page before this one.
    """
    where = where or RunFilter()
    # Along which table the answer is walked: the runs of the tenant, or those with the function, which name the tenant
    # as well. A database left to choose walks along all runs of the tenant to find none with a rare function. Only
    # with a status that few runs have the first way is the shorter one.
    by_function = where.function is not None and where.status in (None, *_COMMON)
    place, tenants = (run_functions.c.run_id, run_functions.c.tenant) if by_function else (runs.c.id, runs.c.tenant)
    statement = select(*_HEAD).where(tenants == tenant)
    if where.status is not None:
        statement = statement.where(runs.c.status == where.status)
    if where.template is not None:
        statement = statement.where(runs.c.template_name == where.template)
    if where.function is not None:
        named = run_functions.c
        statement = statement.join(run_functions, named.run_id == runs.c.id)
        statement = statement.where(named.tenant == tenant, named.function == where.function)
    if before is not None:
        statement = statement.where(place < before)
    found = connection.execute(statement.order_by(place.desc()).limit(limit))
    return [RunHead(**row._mapping) for row in found]  # noqa: SLF001


def due_runs(connection: Connection, *, now: int, limit: int) -> list[RunHead]:
    """Return the runs for which something has to be done, the longest due first."""
    return [RunHead(**row._mapping) for row in connection.execute(_DUE, {"now": now, "most": limit})]  # noqa: SLF001


def unfinished_runs(connection: Connection, statuses: Iterable[str]) -> list[RunHead]:
    """Return the runs that have one of these statuses and have not finished: what is looked through at a start."""
    found = connection.execute(_UNFINISHED, {"among": list(statuses)})
    return [RunHead(**row._mapping) for row in found]  # noqa: SLF001


def delete_run(connection: Connection, run_id: str, *, tenant: str) -> bool:
    """Forget a finished run with all that belongs to it; False when there is none, or it has not finished."""
    statement = delete(runs).where(runs.c.id == run_id, runs.c.tenant == tenant, runs.c.finished_at.is_not(None))
    return _delete(connection, statement, [run_id]) == [run_id]


def old_runs(connection: Connection, *, finished_before: int, keep: int, limit: int = 1000) -> list[str]:
    """Return the ids of finished runs that are too old, or beyond the newest `keep` of their tenant.

    A query of its own, which may take long, beside `delete_runs`, for which other writes wait.
    """
    too_old = select(runs.c.id).where(runs.c.finished_at < finished_before)
    place = func.row_number().over(partition_by=runs.c.tenant, order_by=runs.c.id.desc()).label("place")
    ranked = select(runs.c.id, place).where(runs.c.finished_at.is_not(None)).subquery()
    too_many = select(ranked.c.id).where(ranked.c.place > keep)
    return [*connection.execute(too_old.union(too_many).limit(limit)).scalars()]


def delete_runs(connection: Connection, run_ids: Collection[str]) -> int:
    """Forget finished runs with all that belongs to them; return how many there were."""
    statement = delete(runs).where(runs.c.id.in_(run_ids), runs.c.finished_at.is_not(None))
    return len(_delete(connection, statement, run_ids))


def _delete(connection: Connection, statement: Delete, run_ids: Collection[str]) -> list[str]:
    """Delete those of the runs that the statement says, give back what they took, and return their ids."""
    # Before, for what belongs to them goes with them.
    taken = bytes_of_runs(connection, run_ids)
    ids = [*connection.execute(statement.returning(runs.c.id)).scalars()]
    freed: Counter[str] = Counter()
    for tenant, kept_bytes in (taken[one] for one in ids):
        freed[tenant] += kept_bytes
    for tenant, kept_bytes in sorted(freed.items()):
        add_usage(connection, tenant, kept_bytes=-kept_bytes)
    connection.execute(delete(idempotency).where(idempotency.c.run_id.in_(ids)))
    return ids


@functools.cache
def _texts(names: tuple[str, ...]) -> Select[tuple[Any, ...]]:
    return select(*(runs.c[name] for name in names)).where(runs.c.id == bindparam("run"))


def _columns(row: RunRow) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in _ROW}
