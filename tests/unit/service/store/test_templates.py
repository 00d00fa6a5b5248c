"""The rows of templates."""

from typing import Any

from service.store.database import Store
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
