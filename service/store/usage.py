"""What each tenant has in the store: the bytes that its runs and templates take, and how many runs have not ended.

Counted in the transactions that write, so that nobody has to look through the rows to know it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from service.store.tables import compiled, entries, events, reports, runs, template_versions, tenant_usage

TEXTS = ("submission", "report", "output", "stdout")
"""The columns of a run that hold as much as callers and programs put there."""
# What a row takes beside its texts, with its keys and its part of the indexes.
RUN_BYTES = 1_000
ENTRY_BYTES = 100
# What a version of a template takes beside its text, with the row of the template.
VERSION_BYTES = 500
_COLUMNS = tenant_usage.c
_MORE_BYTES: BindParameter[int] = bindparam("more_bytes")
_MORE_RUNS: BindParameter[int] = bindparam("more_runs")
_ADD = (
    update(tenant_usage)
    .where(_COLUMNS.tenant == bindparam("of"))
    .values(kept_bytes=_COLUMNS.kept_bytes + _MORE_BYTES, waiting_runs=_COLUMNS.waiting_runs + _MORE_RUNS)
)
_ADD_WITHIN = _ADD.where(
    or_(_MORE_BYTES <= 0, _COLUMNS.kept_bytes + _MORE_BYTES <= bindparam("most_bytes")),
    or_(_MORE_RUNS <= 0, _COLUMNS.waiting_runs + _MORE_RUNS <= bindparam("most_runs")),
)
_FIND = select(_COLUMNS.kept_bytes, _COLUMNS.waiting_runs).where(_COLUMNS.tenant == bindparam("of"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a tenant has, or may have at most."""

    kept_bytes: int = 0
    waiting_runs: int = 0
    """Runs that have not ended."""


def usage_of(connection: Connection, tenant: str) -> Usage:
    """Return what a tenant has."""
    found = connection.execute(_FIND, {"of": tenant}).one_or_none()
    return Usage() if found is None else Usage(kept_bytes=found.kept_bytes, waiting_runs=found.waiting_runs)


def add_usage(
    connection: Connection, tenant: str, *, kept_bytes: int, waiting_runs: int = 0, most: Usage | None = None
) -> bool:
    """Count what is about to be written, or was deleted; False, and nothing is counted, when it is more than `most`.

    What makes less of it is always counted.
    """
    more = {"of": tenant, "more_bytes": kept_bytes, "more_runs": waiting_runs}
    if most is None:
        statement, given = _ADD, more
    else:
        bounds = {"most_bytes": most.kept_bytes, "most_runs": most.waiting_runs}
        statement, given = _ADD_WITHIN, more | bounds
    if connection.execute(statement, given).rowcount == 1:
        return True
    if connection.execute(_FIND, {"of": tenant}).one_or_none() is not None:
        return False
    # The first that it has. Where another replica does the same, one of the two is run again.
    connection.execute(insert(tenant_usage).values(tenant=tenant, kept_bytes=0, waiting_runs=0))
    return connection.execute(statement, given).rowcount == 1


def bytes_of_runs(connection: Connection, run_ids: Collection[str]) -> dict[str, tuple[str, int]]:
    """Return whose some runs are, and what they take with all that belongs to them, as it was counted; by their ids."""
    found = connection.execute(_TAKEN.where(runs.c.id.in_(run_ids)))
    return {row.id: (row.tenant, row.taken) for row in found}


def bytes_of_template(connection: Connection, tenant: str, name: str) -> int:
    """Return what a template takes with all its versions and what was made of them, as it was counted."""
    of = {"of": tenant, "called": name}
    return sum(connection.execute(one, of).scalar_one() for one in _TAKEN_BY_TEMPLATE)


def bytes_of_version(body: str) -> int:
    """Return how many bytes a version of a template takes."""
    return VERSION_BYTES + octets(body)


def bytes_of_columns(columns: Mapping[str, Any]) -> int:
    """Return how many bytes the texts among the columns of a run take."""
    return sum(
        bytes_of_any(text) if name == "stdout" else octets(text)
        for name, text in columns.items()
        if name in TEXTS and text is not None
    )


def bytes_of_any(text: str | None) -> int:
    """Return how many bytes a text takes that is kept as JSON; see `tables.AnyText`."""
    return 0 if text is None else octets(json.dumps(text, ensure_ascii=False))


def bytes_of_rows(texts: Iterable[str]) -> int:
    """Return how many bytes rows of one text each take: entries of a journal, events."""
    return sum(ENTRY_BYTES + octets(text) for text in texts)


def octets(text: str) -> int:
    """Return the length of a text in bytes, as the databases have it."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class _Octets(GenericFunction[int]):
    """The length of a text in bytes, which SQLite of some years has no name for."""

    type = Integer()
    inherit_cache = True
    name = "octets"


@compiles(_Octets, "sqlite")
def _of_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"LENGTH(CAST({compiler.process(element.clauses, **more)} AS BLOB))"


@compiles(_Octets, "postgresql")
def _of_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"OCTET_LENGTH({compiler.process(element.clauses, **more)})"


def _sum_of(table: Table, beside_bytes: int) -> ColumnElement[int]:
    taken = select(func.sum(_Octets(table.c.text) + beside_bytes)).where(table.c.run_id == runs.c.id)
    return func.coalesce(taken.scalar_subquery(), 0)


def _sum_of_template(texts: Column[str], beside_bytes: int) -> Select[int]:
    of = texts.table.c
    return select(func.coalesce(func.sum(_Octets(texts) + beside_bytes), 0)).where(
        of.tenant == bindparam("of"), of.name == bindparam("called")
    )


_TAKEN_BY_TEMPLATE = (
    _sum_of_template(template_versions.c.body, VERSION_BYTES),
    _sum_of_template(compiled.c.text, ENTRY_BYTES),
)
_TAKEN = select(
    runs.c.id,
    runs.c.tenant,
    (
        sum((func.coalesce(_Octets(runs.c[name]), 0) for name in TEXTS), start=_sum_of(entries, ENTRY_BYTES))
        + _sum_of(events, ENTRY_BYTES)
        + _sum_of(reports, 0)
        + RUN_BYTES
    ).label("taken"),
)
