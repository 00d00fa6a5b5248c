"""Which runs have to be told about: when the next attempt is due, and how many there were."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from service.store.tables import runs

_DUE = (
    select(runs.c.id, runs.c.tenant, runs.c.wake, runs.c.webhook_due, runs.c.webhook_attempts)
    .where(runs.c.webhook_due <= bindparam("now"))
    .order_by(runs.c.webhook_due)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """A run whose receiver has still to be told."""

    id: str
    tenant: str
    wake: int
    webhook_due: int
    webhook_attempts: int


def due_webhooks(connection: Connection, *, now: int, limit: int) -> list[WebhookRow]:
    """Return the runs whose receivers are to be told now, the longest due first."""
    found = connection.execute(_DUE, {"now": now, "most": limit})
    return [WebhookRow(**row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name


def putting_off(row: WebhookRow, *, due: int | None, attempts: int) -> Callable[[Connection], bool]:
    """Return what says when a receiver is told next, None for never; False when the run is not as it was read."""
    statement = update(runs).where(
        runs.c.id == row.id,
        runs.c.wake == row.wake,
        runs.c.webhook_due == row.webhook_due,
        runs.c.webhook_attempts == row.webhook_attempts,
    )
    changed = statement.values(webhook_due=due, webhook_attempts=attempts)
    return lambda connection: connection.execute(changed).rowcount == 1
