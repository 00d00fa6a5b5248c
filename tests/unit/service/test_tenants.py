"""Who is calling."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.administration import change_rights, create_key, create_tenant, keys, revoke, tenants
from service.errors import KeyNotValid, StoreUnavailable
from service.keys import id_of
from service.operator_errors import KeyUnknown, RightsInvalid, TenantExists, TenantUnknown
from service.rights import DEFAULT_TENANT, OPERATOR, SCOPES, Caller, Rights
from service.store.database import READERS, Store, open_store
from service.store.usage import Usage
from service.tenants import FRESH_SECONDS, SETTINGS_KEY_ID, Tenants


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database."""
    opened = open_store(str(tmp_path / "isthmus.db"))
    yield opened
    opened.close()


async def test_a_key_tells_its_tenant(store: Store) -> None:
    """Everything that a caller may see hangs on this."""
    create_tenant(store, "acme", Rights(share=2))
    key = create_key(store, tenant="acme", scopes=["approve"], label="for tests")

    caller = await Tenants(store).caller(key)

    expected = Caller(tenant="acme", rights=Rights(share=2), key_id=id_of(key), scopes=frozenset({"approve"}))
    assert caller == expected


def test_a_key_is_nowhere_in_the_database(store: Store, tmp_path: Path) -> None:
    """Whoever reads the file, or a copy of it, can call nothing."""
    key = create_key(store, tenant=DEFAULT_TENANT)
    store.close()

    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert (id_of(key) or "").encode() in stored
    assert key.encode() not in stored
    assert key[16:].encode() not in stored


async def test_without_any_key_whoever_sits_at_the_machine_calls(store: Store) -> None:
    """A first try needs no key; what is sent all the same means nothing."""
    tenants = Tenants(store)

    assert await tenants.caller(None) == OPERATOR
    assert await tenants.caller("anything") == OPERATOR
    assert tenants.ask_for_keys() is False


@pytest.mark.parametrize("wrong", [None, "", "anything", "ik_aaaaaaaaaaaa_" + "a" * 43, "\udc80"])
async def test_with_one_key_all_others_are_refused(store: Store, wrong: str | None) -> None:
    """Also the public part of the right one with other secrets."""
    key = create_key(store, tenant=DEFAULT_TENANT)
    tenants = Tenants(store)

    assert (await tenants.caller(key)).tenant == DEFAULT_TENANT
    for one in (wrong, key[:16] + "a" * 43):
        with pytest.raises(KeyNotValid):
            await tenants.caller(one)
    assert tenants.ask_for_keys() is True


async def test_the_key_of_the_settings_is_one_of_the_default_tenant(store: Store) -> None:
    """A container can be reached from the start, and its rights can be narrowed as any tenant's."""
    change_rights(store, DEFAULT_TENANT, share=7)
    tenants = Tenants(store, api_key="from the settings")

    caller = await tenants.caller("from the settings")

    expected = Caller(tenant=DEFAULT_TENANT, rights=Rights(share=7), key_id=SETTINGS_KEY_ID, scopes=frozenset(SCOPES))
    assert caller == expected
    with pytest.raises(KeyNotValid):
        await tenants.caller(None)
    with pytest.raises(KeyNotValid):
        await tenants.caller(SETTINGS_KEY_ID)


async def test_without_a_database_the_key_of_the_settings_counts() -> None:
    """The command `isthmus run` has none."""
    assert await Tenants(None).caller(None) == OPERATOR
    keyed = Tenants(None, api_key="one")
    assert (await keyed.caller("one")).tenant == DEFAULT_TENANT
    with pytest.raises(KeyNotValid):
        await keyed.caller("other")
    assert (Tenants(None).ask_for_keys(), keyed.ask_for_keys()) == (False, True)


async def test_a_revoked_key_and_changed_rights_count_after_a_moment(store: Store) -> None:
    """Another process revokes; the service that is attacked meanwhile must not have to be started again."""
    clock = Clock()
    seen = Tenants(store, clock=clock)
    key = create_key(store, tenant=DEFAULT_TENANT)
    first = await seen.caller(key)
    change_rights(store, DEFAULT_TENANT, share=5)
    clock.now += FRESH_SECONDS
    assert await seen.caller(key) is first

    clock.now += 0.01
    assert (await seen.caller(key)).rights == Rights(share=5)
    revoke(store, key)
    clock.now += FRESH_SECONDS + 0.01
    with pytest.raises(KeyNotValid):
        await seen.caller(key)


async def test_rights_that_did_not_change_stay_the_same_object(store: Store) -> None:
    """What was made of them, such as the functions of a tenant, is kept by it."""
    clock = Clock()
    seen = Tenants(store, clock=clock)
    key = create_key(store, tenant=DEFAULT_TENANT)
    first = await seen.caller(key)
    clock.now += 10

    assert await seen.caller(key) is first


async def test_a_first_key_closes_a_service_that_is_open(store: Store) -> None:
    """And when it is revoked, the service stays closed."""
    clock = Clock()
    seen = Tenants(store, clock=clock)
    assert await seen.caller(None) == OPERATOR
    revoke(store, create_key(store, tenant=DEFAULT_TENANT))
    clock.now += FRESH_SECONDS + 0.01

    with pytest.raises(KeyNotValid):
        await seen.caller(None)


async def test_a_database_that_cannot_say_lets_nobody_in(store: Store) -> None:
    """A key that may have been revoked is none."""
    clock = Clock()
    seen = Tenants(store, clock=clock)
    key = create_key(store, tenant=DEFAULT_TENANT)
    await seen.caller(key)
    store.close()
    clock.now += FRESH_SECONDS + 0.01

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await seen.caller(key)


async def test_a_database_that_hangs_lets_nobody_in_for_long(store: Store) -> None:
    """While one asks, the others go by what was known, for a second after it was so and no longer."""
    clock = Clock()
    seen = Tenants(store, clock=clock)
    key = create_key(store, tenant=DEFAULT_TENANT)
    first = await seen.caller(key)
    go_on = threading.Event()
    hanging = [asyncio.ensure_future(store.read(lambda _connection: go_on.wait())) for _ in range(READERS)]

    clock.now = FRESH_SECONDS + 0.01
    asking = asyncio.ensure_future(seen.caller(key))
    await asyncio.sleep(0)
    assert await seen.caller(key) is first
    clock.now = 2 * FRESH_SECONDS + 0.01
    late = asyncio.ensure_future(seen.caller(key))
    done, _ = await asyncio.wait([asking, late], timeout=0)
    go_on.set()

    assert done == set()
    assert [await asking, await late] == [first, first]
    await asyncio.gather(*hanging)


def test_a_key_is_made_for_a_tenant_that_there_is(store: Store) -> None:
    """A name that was mistyped would otherwise be a tenant with all rights."""
    with pytest.raises(TenantUnknown) as refused:
        create_key(store, tenant="acme")
    assert str(refused.value) == (
        'there is no tenant "acme"; `isthmus tenants create` makes one, `isthmus tenants list` shows them'
    )
    with pytest.raises(RightsInvalid, match=r"there is no scope 'aprove'; scopes: run, approve, metrics$"):
        create_key(store, tenant=DEFAULT_TENANT, scopes=["aprove"])
    assert keys(store) == []


def test_a_list_of_keys_shows_what_is_needed_to_revoke_one(store: Store) -> None:
    """By tenant or all; those that were revoked stay in it."""
    create_tenant(store, "acme", Rights())
    first, second = create_key(store, tenant=DEFAULT_TENANT, label="a"), create_key(store, tenant="acme")
    revoke(store, id_of(first) or "")

    assert [(row.id, row.tenant, row.label, row.revoked_at is None) for row in keys(store)] == [
        (id_of(first), DEFAULT_TENANT, "a", False),
        (id_of(second), "acme", "", True),
    ]
    assert [row.id for row in keys(store, tenant="acme")] == [id_of(second)]
    with pytest.raises(KeyUnknown):
        revoke(store, first)


def test_a_change_of_rights_leaves_those_that_it_does_not_name(store: Store) -> None:
    """One option on the command line must not reset the others."""
    create_tenant(store, "acme", Rights(functions=frozenset({"add"}), share=2))

    assert change_rights(store, "acme", share=3) == Rights(functions=frozenset({"add"}), share=3)
    assert change_rights(store, "acme", functions=None) == Rights(share=3)
    assert tenants(store) == [("acme", Rights(share=3), Usage())]
    with pytest.raises(TenantUnknown):
        change_rights(store, "other", share=1)


@pytest.mark.parametrize("name", ["", "ACME", "a/b", "a b", "ü", "a" * 65])
def test_a_tenants_name_is_a_plain_one(store: Store, name: str) -> None:
    """It stands in logs, metrics and paths."""
    with pytest.raises(RightsInvalid, match="a tenant's name has 1 to 64 letters a-z, digits, and - _"):
        create_tenant(store, name, Rights())


def test_a_tenant_is_made_once(store: Store) -> None:
    """A second one of the name would have the first one's runs."""
    create_tenant(store, "acme", Rights())

    with pytest.raises(TenantExists):
        create_tenant(store, "acme", Rights(share=2))
    assert tenants(store) == [("acme", Rights(), Usage())]


async def test_a_tenant_has_its_rights_also_when_nobody_calls(store: Store) -> None:
    """A run that wakes by itself waits in its tenant's line."""
    create_tenant(store, "acme", Rights(share=4))

    assert await Tenants(store).rights_of("acme") == Rights(share=4)
    assert await Tenants(None).rights_of("acme") == Rights()
