"""Idempotency keys: which run a submission has begun."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from service.store.tables import idempotency


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a key stands for."""

    body_digest: str
    run_id: str


def claim(connection: Connection, *, tenant: str, key: str, wanted: Claim, now: int) -> Claim:
    """Take a key, or return what it stands for already; equal to `wanted` when it was free."""
    columns = idempotency.c
    statement = select(columns.body_digest, columns.run_id).where(columns.tenant == tenant, columns.key == key)
    found = connection.execute(statement).one_or_none()
    if found is not None:
        return Claim(body_digest=found.body_digest, run_id=found.run_id)
    connection.execute(
        insert(idempotency).values(
            tenant=tenant, key=key, body_digest=wanted.body_digest, run_id=wanted.run_id, created_at=now
        )
    )
    return wanted


def release(connection: Connection, *, tenant: str, key: str, run_id: str) -> None:
    """Give up a key that stands for this run: the submission was refused after all."""
    columns = idempotency.c
    connection.execute(
        delete(idempotency).where(columns.tenant == tenant, columns.key == key, columns.run_id == run_id)
    )
