"""The rows of tenants."""

from sqlalchemy import Connection, bindparam, insert, select, update

from service.store.rows import TenantRow
from service.store.tables import tenants

_FIND = select(tenants).where(tenants.c.name == bindparam("wanted"))


def insert_tenant(connection: Connection, row: TenantRow) -> bool:
    """Add a tenant; False when there is one of this name."""
    if find_tenant(connection, row.name) is not None:
        return False
    connection.execute(insert(tenants).values(name=row.name, rights=row.rights, created_at=row.created_at))
    return True


def find_tenant(connection: Connection, name: str) -> TenantRow | None:
    """Return a tenant."""
    found = connection.execute(_FIND, {"wanted": name}).one_or_none()
    return None if found is None else TenantRow(**found._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def change_tenant(connection: Connection, name: str, *, rights: str) -> bool:
    """Give a tenant other rights; False when there is none of this name."""
    return connection.execute(update(tenants).where(tenants.c.name == name).values(rights=rights)).rowcount == 1


def list_tenants(connection: Connection) -> list[TenantRow]:
    """Return all tenants, by name."""
    return [TenantRow(**found._mapping) for found in connection.execute(select(tenants).order_by(tenants.c.name))]  # noqa: SLF001
