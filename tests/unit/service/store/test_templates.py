"""The rows of templates."""

from typing import Any

from service.store.database import Store
from service.store.moves import Full
from service.store.rows import CompiledRow, TemplateRow
from service.store.templates import (
    count_versions,
    delete_template,
    find_compiled,
    find_template,
    list_templates,
    list_versions,
    put_compiled,
    put_template,
)
from service.store.usage import ENTRY_BYTES, VERSION_BYTES, Usage, usage_of


def row(version: str = "v1", **changed: Any) -> TemplateRow:
    """Return a version of a template."""
    fields: dict[str, Any] = {"tenant": "default", "name": "t", "body": "{}", "created_at": 1, "is_current": True}
    return TemplateRow(**{**fields, "version": version, **changed})


def compiled(text: str, *, version: str = "v1") -> CompiledRow:
    """Return what an engine made of a version."""
    key = {"tenant": "default", "name": "t", "version": version, "engine_version": "e"}
    return CompiledRow(**key, binding="b", text=text)


def found(store: Store, version: str = "v1") -> CompiledRow | None:
    """Return what is kept of it."""
    return store.read_now(lambda one: find_compiled(one, "t", tenant="default", version=version, engine_version="e"))


def kept_bytes(store: Store) -> int:
    """Return what the tenant has."""
    return store.read_now(lambda one: usage_of(one, "default")).kept_bytes


async def test_every_version_is_kept_and_one_is_current(store: Store) -> None:
    """A run that names a version gets it whatever was put since; what comes back becomes current again."""
    await store.write(lambda one: put_template(one, row("v1", created_at=1)))
    await store.write(lambda one: put_template(one, row("v2", created_at=2)))
    await store.write(lambda one: put_template(one, row("v1", created_at=3)))

    first, second = row("v1"), row("v2", created_at=2, is_current=False)
    assert await store.read(lambda one: find_template(one, "t", tenant="default")) == first
    assert await store.read(lambda one: find_template(one, "t", tenant="default", version="v2")) == second
    assert await store.read(lambda one: find_template(one, "t", tenant="default", version="v3")) is None
    assert await store.read(lambda one: list_versions(one, "t", tenant="default")) == [second, first]
    assert await store.read(lambda one: count_versions(one, tenant="default")) == 2


async def test_templates_are_part_of_what_a_tenant_has(store: Store) -> None:
    """With all versions, and what was compiled of them; nothing stays counted of one that is gone."""
    first, second = row("v1", body='"ü"'), row("v2", body='"much more"')
    await store.write(lambda one: put_template(one, first))
    one_version = VERSION_BYTES + len('"ü"'.encode())
    assert kept_bytes(store) == one_version

    await store.write(lambda one: put_template(one, first))
    await store.write(lambda one: put_compiled(one, compiled("made of it")))
    await store.write(lambda one: put_compiled(one, compiled("code")))
    assert kept_bytes(store) == one_version + ENTRY_BYTES + len("code")

    await store.write(lambda one: put_template(one, second))
    assert kept_bytes(store) == one_version + ENTRY_BYTES + len("code") + VERSION_BYTES + len(second.body)
    await store.write(lambda one: delete_template(one, "t", tenant="default"))
    assert kept_bytes(store) == 0


async def test_a_template_beyond_what_its_tenant_may_have_is_not_written(store: Store) -> None:
    """What is there already can be made the current version all the same: it takes nothing."""
    first, second = row("v1", body="x"), row("v2", body="xy")
    most = Usage(kept_bytes=VERSION_BYTES + 1)

    assert await store.write(lambda one: put_template(one, second, most=most)) == Full(usage=Usage())
    assert await store.write(lambda one: put_template(one, first, most=most)) is None
    has = Usage(kept_bytes=VERSION_BYTES + 1)
    assert await store.write(lambda one: put_template(one, second, most=most)) == Full(usage=has)
    assert await store.write(lambda one: put_template(one, first, most=most)) is None
    assert await store.read(lambda one: list_versions(one, "t", tenant="default")) == [first]


async def test_a_template_of_another_tenant_is_not_there(store: Store) -> None:
    """Two tenants may use one name, and know nothing of each other."""
    mine, theirs = row(), row(tenant="other", body='{"other": 1}')
    await store.write(lambda one: put_template(one, mine))
    await store.write(lambda one: put_template(one, theirs))

    assert await store.read(lambda one: find_template(one, "t", tenant="default")) == mine
    assert await store.read(lambda one: list_templates(one, tenant="default")) == [mine]
    assert await store.write(lambda one: delete_template(one, "t", tenant="default")) is True
    assert await store.read(lambda one: find_template(one, "t", tenant="default")) is None
    assert await store.read(lambda one: find_template(one, "t", tenant="other")) == theirs


async def test_compiled_code_goes_with_its_version(store: Store) -> None:
    """What is left of a deleted template must not wait for the next one of its name."""
    await store.write(lambda one: put_template(one, row()))
    await store.write(lambda one: put_compiled(one, compiled("first")))
    await store.write(lambda one: put_compiled(one, compiled("second")))
    assert found(store) == compiled("second")

    await store.write(lambda one: delete_template(one, "t", tenant="default"))
    await store.write(lambda one: put_compiled(one, compiled("late")))

    assert found(store) is None
    assert await store.write(lambda one: delete_template(one, "t", tenant="default")) is False
