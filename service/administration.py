"""What an operator does to tenants and keys; a service that runs on the same database sees it within a second."""

import dataclasses
import time
from collections.abc import Collection, Iterable
from typing import Any

from service.functions.registry import Registry
from service.keys import digest_of, id_of, new_key
from service.operator_errors import KeyUnknown, RightsInvalid, TenantExists, TenantUnknown
from service.rights import DEFAULT_TENANT, RUN, SCOPES, Rights
from service.store.database import Connection, Store
from service.store.keys import insert_key, list_keys, revoke_key
from service.store.rows import KeyRow, TenantRow
from service.store.tenants import change_tenant, find_tenant, insert_tenant, list_tenants
from service.store.usage import Usage, usage_of

MAX_NAME = 64
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def create_key(store: Store, *, tenant: str, scopes: Collection[str] = (), label: str = "") -> str:
    """Make a key and return it: nobody can show it again.

    Raises:
        TenantUnknown: there is no such tenant; that of the name `default` is made.
        RightsInvalid: there is no such scope.

    Args:
        scopes: all that it is for; that of programs when none is named.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise RightsInvalid(f"there is no scope {unknown[0][:100]!r}; scopes: {', '.join(SCOPES)}")
    key = new_key()
    row = KeyRow(
        id=id_of(key) or "",
        tenant=tenant,
        digest=digest_of(key),
        scopes=tuple(sorted(set(scopes))) or (RUN,),
        label=label,
        created_at=_now(),
    )

    def write(connection: Connection) -> bool:
        if tenant == DEFAULT_TENANT:
            insert_tenant(connection, TenantRow(name=tenant, rights=Rights().text(), created_at=row.created_at))
        elif find_tenant(connection, tenant) is None:
            return False
        insert_key(connection, row)
        return True

    if not store.write_now(write):
        raise TenantUnknown(tenant)
    return key


def keys(store: Store, *, tenant: str | None = None) -> list[KeyRow]:
    """Return all keys, or those of a tenant, without what they are."""
    return store.read_now(lambda connection: list_keys(connection, tenant=tenant))


def revoke(store: Store, key: str) -> None:
    """Take a key back, named by its public part or by itself.

    Raises:
        KeyUnknown: there is none that could be.
    """
    key_id = id_of(key) or key
    if not store.write_now(lambda connection: revoke_key(connection, key_id, now=_now())):
        raise KeyUnknown(key_id)


def create_tenant(store: Store, name: str, rights: Rights) -> None:
    """Make a tenant.

    Raises:
        TenantExists: there is one of this name.
        RightsInvalid: the name cannot be one.
    """
    if not 0 < len(name) <= MAX_NAME or not _LETTERS.issuperset(name):
        reason = f"a tenant's name has 1 to {MAX_NAME} letters a-z, digits, and - _ ."
        raise RightsInvalid(reason)
    row = TenantRow(name=name, rights=rights.text(), created_at=_now())
    if not store.write_now(lambda connection: insert_tenant(connection, row)):
        raise TenantExists(name)


def check_functions(registry: Registry, names: Iterable[str]) -> None:
    """Refuse names that no function of a service has.

    Raises:
        RightsInvalid: one is unknown; the message has the nearest, and all that there are.
    """
    unknown = sorted(set(names) - set(registry))
    if unknown:
        raise RightsInvalid(f'function "{unknown[0][:100]}" is not registered; {registry.advice(unknown[0])}')


def change_rights(store: Store, name: str, **changed: Any) -> Rights:
    """Give a tenant other rights, of which those that are not named stay, and return them all.

    Raises:
        TenantUnknown: there is no such tenant; that of the name `default` is made.
        RightsInvalid: a value is out of bounds.
    """

    def write(connection: Connection) -> Rights | None:
        row = find_tenant(connection, name)
        if row is None and name == DEFAULT_TENANT:
            row = TenantRow(name=name, rights=Rights().text(), created_at=_now())
            insert_tenant(connection, row)
        if row is None:
            return None
        rights = dataclasses.replace(Rights.of_text(row.rights), **changed)
        change_tenant(connection, name, rights=rights.text())
        return rights

    rights = store.write_now(write)
    if rights is None:
        raise TenantUnknown(name)
    return rights


def tenants(store: Store) -> list[tuple[str, Rights, Usage]]:
    """Return all tenants by name, and what each has kept; without a row, that of the name `default` has all rights."""

    def read(connection: Connection) -> list[tuple[str, Rights, Usage]]:
        rows = list_tenants(connection)
        return [(row.name, Rights.of_text(row.rights), usage_of(connection, row.name)) for row in rows]

    return store.read_now(read)


def _now() -> int:
    return time.time_ns() // 1000
