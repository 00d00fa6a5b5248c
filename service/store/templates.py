"""The rows of templates, their versions, and what engines made of these."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from service.store.moves import Full
from service.store.rows import CompiledRow, TemplateRow
from service.store.tables import compiled, template_versions, templates
from service.store.usage import (
    ENTRY_BYTES,
    Usage,
    add_usage,
    bytes_of_template,
    bytes_of_version,
    octets,
    usage_of,
)

_COLUMNS = template_versions.c
_SELECT = (
    select(template_versions, templates.c.version.label("current"))
    .join(templates, (templates.c.tenant == _COLUMNS.tenant) & (templates.c.name == _COLUMNS.name))
    .where(_COLUMNS.tenant == bindparam("of"))
)
_CURRENT = _SELECT.where(_COLUMNS.version == templates.c.version)
_FIND_CURRENT = _CURRENT.where(_COLUMNS.name == bindparam("called"))
_FIND = _SELECT.where(_COLUMNS.name == bindparam("called"), _COLUMNS.version == bindparam("wanted"))
_FIND_COMPILED = select(compiled).where(
    compiled.c.tenant == bindparam("of"),
    compiled.c.name == bindparam("called"),
    compiled.c.version == bindparam("wanted"),
    compiled.c.engine_version == bindparam("engine"),
)


def put_template(connection: Connection, row: TemplateRow, *, most: Usage | None = None) -> Full | None:
    """Make a version of a template the current one, and keep it where it is new.

    Args:
        most: what the tenant may have after it; a version that is there already takes nothing.

    Returns:
        None; the reason when nothing was changed.
    """
    is_new = find_template(connection, row.name, tenant=row.tenant, version=row.version) is None
    if is_new and not add_usage(connection, row.tenant, kept_bytes=bytes_of_version(row.body), most=most):
        return Full(usage=usage_of(connection, row.tenant))
    of = templates.c.tenant == row.tenant, templates.c.name == row.name
    changed = update(templates).where(*of).values(version=row.version, updated_at=row.created_at)
    if connection.execute(changed).rowcount == 0:
        columns = {"created_at": row.created_at, "updated_at": row.created_at}
        connection.execute(insert(templates).values(tenant=row.tenant, name=row.name, version=row.version, **columns))
    if is_new:
        kept = {"version": row.version, "body": row.body, "created_at": row.created_at}
        connection.execute(insert(template_versions).values(tenant=row.tenant, name=row.name, **kept))
    return None


def find_template(connection: Connection, name: str, *, tenant: str, version: str | None = None) -> TemplateRow | None:
    """Return a version of a template of a tenant, the current one unless one is named."""
    given = {"of": tenant, "called": name}
    if version is None:
        found = connection.execute(_FIND_CURRENT, given).one_or_none()
    else:
        found = connection.execute(_FIND, {**given, "wanted": version}).one_or_none()
    return None if found is None else _row(found)


def list_templates(connection: Connection, *, tenant: str) -> list[TemplateRow]:
    """Return the current versions of a tenant's templates, by name."""
    return [_row(found) for found in connection.execute(_CURRENT.order_by(_COLUMNS.name), {"of": tenant})]


def list_versions(connection: Connection, name: str, *, tenant: str) -> list[TemplateRow]:
    """Return all versions of a template, the newest first; none when there is no such template."""
    statement = _SELECT.where(_COLUMNS.name == name).order_by(_COLUMNS.created_at.desc(), _COLUMNS.version)
    return [_row(found) for found in connection.execute(statement, {"of": tenant})]


def count_versions(connection: Connection, *, tenant: str) -> int:
    """Return how many versions of templates a tenant has."""
    return connection.execute(select(func.count()).where(_COLUMNS.tenant == tenant)).scalar_one()


def delete_template(connection: Connection, name: str, *, tenant: str) -> bool:
    """Forget a template with all its versions; False when there is none."""
    taken = bytes_of_template(connection, tenant, name)
    statement = delete(templates).where(templates.c.tenant == tenant, templates.c.name == name)
    if connection.execute(statement).rowcount == 0:
        return False
    return add_usage(connection, tenant, kept_bytes=-taken)


def put_compiled(connection: Connection, row: CompiledRow) -> None:
    """Keep what an engine made of a version, unless that is gone; in the place of what it made before.

    It is counted, and never refused: nobody asked for it, and the version that it is made of was bounded.
    """
    if find_template(connection, row.name, tenant=row.tenant, version=row.version) is None:
        return
    key = {"tenant": row.tenant, "name": row.name, "version": row.version, "engine_version": row.engine_version}
    made = {"binding": row.binding, "text": row.text}
    before = find_compiled(
        connection, row.name, tenant=row.tenant, version=row.version, engine_version=row.engine_version
    )
    if before is None:
        connection.execute(insert(compiled).values(**key, **made))
        grown = ENTRY_BYTES + octets(row.text)
    else:
        of = [compiled.c[name] == value for name, value in key.items()]
        connection.execute(update(compiled).where(*of).values(**made))
        grown = octets(row.text) - octets(before.text)
    add_usage(connection, row.tenant, kept_bytes=grown)


def find_compiled(
    connection: Connection, name: str, *, tenant: str, version: str, engine_version: str
) -> CompiledRow | None:
    """Return what an engine of this version made of a version of a template."""
    given = {"of": tenant, "called": name, "wanted": version, "engine": engine_version}
    found = connection.execute(_FIND_COMPILED, given).one_or_none()
    return None if found is None else CompiledRow(**found._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def _row(found: Row[Any]) -> TemplateRow:
    return TemplateRow(
        tenant=found.tenant,
        name=found.name,
        version=found.version,
        body=found.body,
        created_at=found.created_at,
        is_current=found.version == found.current,
    )
