"""Who is calling: keys and tenants as the database has them, looked at again after half a second.

A key that was revoked, and rights that were changed, also by another process, are so for every request within a second.
"""

import time
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from service.errors import KeyNotValid
from service.keys import digest_of, id_of, is_same
from service.rights import DEFAULT_TENANT, OPERATOR, SCOPES, Caller, Rights
from service.store.database import Connection, Store
from service.store.keys import are_there_keys, find_key
from service.store.tenants import find_tenant, list_tenants

FRESH_SECONDS = 0.5
SETTINGS_KEY_ID = "ISTHMUS_API_KEY"
_MAX_KNOWN = 10_000


@dataclass(slots=True)
class _Known:
    """What the database said of a key, and when it was asked."""

    caller: Caller | None
    """None: it is no key, or was revoked."""
    digest: str | None
    """Of the key, where its public part alone led to the caller."""
    answered_at: float
    """When the question was asked that this answers."""
    asked_at: float
    """When it was last asked."""

    def is_good(self, now: float) -> bool:
        """Say whether it may be gone by: it is fresh, or somebody asks again just now, and not for long."""
        return now - self.asked_at <= FRESH_SECONDS and now - self.answered_at <= 2 * FRESH_SECONDS


class Tenants:
    """Tells callers by their keys; belongs to one event loop."""

    def __init__(
        self, store: Store | None, *, api_key: str | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._api_key = api_key
        self._clock = clock
        self._known: dict[str | None, _Known] = {}
        self._keyed = api_key is not None

    def ask_for_keys(self) -> bool:
        """Say whether requests need a key, on a thread that may wait."""
        return self._keyed if self._store is None else self._store.read_now(self._is_keyed)

    async def caller(self, key: str | None) -> Caller:
        """Return whose key it is; where there are no keys at all, whoever sits at the machine.

        Raises:
            KeyNotValid: a key is asked for, and this is none, or was revoked.
            StoreUnavailable: the database cannot say.
        """
        name = self._name_of(key)
        known = self._known.get(name)
        if known is None or not known.is_good(self._clock()):
            known = await self._ask(name, known)
        if known.caller is None or (known.digest is not None and not is_same(digest_of(key or ""), known.digest)):
            raise KeyNotValid
        return known.caller

    async def rights_of(self, tenant: str) -> Rights:
        """Return the rights of a tenant, for a run of it that nobody's request drives."""
        return Rights() if self._store is None else await self._store.read(lambda one: _rights(one, tenant))

    async def unknown_functions(self, registered: Container[str]) -> list[tuple[str, str]]:
        """Return the functions in the rights of tenants that are not registered: tenant and name, in order."""
        if self._store is None:
            return []
        rows = await self._store.read(list_tenants)
        rights = [(row.name, Rights.of_text(row.rights)) for row in rows]
        return [
            (tenant, name) for tenant, one in rights for name in sorted(one.functions or ()) if name not in registered
        ]

    def _name_of(self, key: str | None) -> str | None:
        """Return what a key is known by: its public part, or the name of the setting; None for what is no key."""
        if key is None:
            return None
        return SETTINGS_KEY_ID if self._api_key is not None and is_same(key, self._api_key) else id_of(key)

    async def _ask(self, name: str | None, known: _Known | None) -> _Known:
        asked_at = self._clock()
        if known is not None:
            # Those that come while this one asks go on with what was known.
            known.asked_at = asked_at
        try:
            fresh = await self._looked_up(name, asked_at)
        except BaseException:
            self._known.pop(name, None)
            raise
        if known is not None and fresh.caller == known.caller:
            # The same object, by which those who made something of the rights know that they are the same.
            fresh.caller = known.caller
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[name] = fresh
        return fresh

    async def _looked_up(self, name: str | None, asked_at: float) -> _Known:
        if self._store is not None:
            return await self._store.read(lambda connection: self._look_up(connection, name, asked_at))
        is_known = name == SETTINGS_KEY_ID or not self._keyed
        return _Known(OPERATOR if is_known else None, None, asked_at, asked_at)

    def _look_up(self, connection: Connection, name: str | None, asked_at: float) -> _Known:
        row = None if name is None or name == SETTINGS_KEY_ID else find_key(connection, name)
        if row is not None:
            found = _caller(connection, row.tenant, name, row.scopes) if row.revoked_at is None else None
            return _Known(found, row.digest, asked_at, asked_at)
        if name == SETTINGS_KEY_ID or not self._is_keyed(connection):
            key_id = name if name == SETTINGS_KEY_ID else None
            return _Known(_caller(connection, DEFAULT_TENANT, key_id, SCOPES), None, asked_at, asked_at)
        return _Known(None, None, asked_at, asked_at)

    def _is_keyed(self, connection: Connection) -> bool:
        # Once there was a key, there is no way back to a service that asks for none.
        self._keyed = self._keyed or are_there_keys(connection)
        return self._keyed


def _caller(connection: Connection, tenant: str, key_id: str | None, scopes: Iterable[str]) -> Caller:
    return Caller(tenant=tenant, rights=_rights(connection, tenant), key_id=key_id, scopes=frozenset(scopes))


def _rights(connection: Connection, tenant: str) -> Rights:
    row = find_tenant(connection, tenant)
    return Rights() if row is None else Rights.of_text(row.rights)
