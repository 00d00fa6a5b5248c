"""The rows of keys."""

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from service.store.rows import KeyRow
from service.store.tables import keys

_FIND = select(keys).where(keys.c.id == bindparam("wanted"))


def insert_key(connection: Connection, row: KeyRow) -> None:
    """Add a key.

    Raises:
        IntegrityError: there is one of this id, or no such tenant.
    """
    connection.execute(
        insert(keys).values(
            id=row.id,
            tenant=row.tenant,
            digest=row.digest,
            scopes=" ".join(row.scopes),
            label=row.label,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
    )


def find_key(connection: Connection, key_id: str) -> KeyRow | None:
    """Return a key, also one that was revoked."""
    found = connection.execute(_FIND, {"wanted": key_id}).one_or_none()
    return None if found is None else _row(found)


def list_keys(connection: Connection, *, tenant: str | None = None) -> list[KeyRow]:
    """Return the keys of a tenant, or all, the oldest first."""
    statement = select(keys).order_by(keys.c.created_at, keys.c.id)
    if tenant is not None:
        statement = statement.where(keys.c.tenant == tenant)
    return [_row(found) for found in connection.execute(statement)]


def are_there_keys(connection: Connection) -> bool:
    """Say whether any key was ever made; one that was revoked counts."""
    return connection.execute(select(keys.c.id).limit(1)).first() is not None


def revoke_key(connection: Connection, key_id: str, *, now: int) -> bool:
    """Take a key back for good; False when there is none that could be."""
    statement = update(keys).where(keys.c.id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(statement).rowcount == 1


def _row(found: Row[tuple[object, ...]]) -> KeyRow:
    columns = dict(found._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return KeyRow(**{**columns, "scopes": tuple(str(columns["scopes"]).split())})
