"""The templates of all tenants, in the database, and what the engine made of them, in memory too.

What was compiled is bound to tenant, program, policy and guest (`sandbox.compiled`); what does not fit any more,
because another guest or another function is there, is compiled anew.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.compiled import fits
from sandbox.engine import Engine, version_for
from sandbox.errors import HostError
from sandbox.limits import Limits
from sandbox.turns import CompiledCode, Program
from service.errors import StoreUnavailable, TemplateNotFound, TemplatesFull
from service.runs.order import Order
from service.runs.room import Allowance
from service.runs.submission import Submission
from service.store.database import Connection, Store
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
from service.templates.documents import version_of

MAX_VERSIONS = 10_000
MEMORY_BYTES = 32 * 2**20
_Key = tuple[str, str, str, str]
"""Tenant, name and version of the template, and version of the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A version of a template."""

    tenant: str
    name: str
    version: str
    document: Mapping[str, Any]
    """The body of a submission, without values."""
    created_at: int
    """Microseconds since the epoch."""
    is_current: bool


class Templates:
    """The templates of a service; belongs to one event loop."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        # Key -> the program that it was compiled of, and the same with its code.
        self._made: OrderedDict[_Key, tuple[Program, Program]] = OrderedDict()
        self._made_bytes = 0

    async def put(self, document: Mapping[str, Any], *, allowance: Allowance) -> Template:
        """Keep a template, by the name in its document; what is there already becomes the current version.

        Args:
            allowance: whose it is, and what they may have kept.

        Raises:
            TemplatesFull: the tenant has as many versions as it may have.
            StorageFull: the tenant has as many bytes as it may have.
        """
        tenant = allowance.tenant
        row = TemplateRow(
            tenant=tenant,
            name=document["name"],
            version=version_of(document),
            body=json.dumps(document, ensure_ascii=False),
            created_at=time.time_ns() // 1000,
            is_current=True,
        )

        def write(connection: Connection) -> TemplateRow | Full | None:
            known = find_template(connection, row.name, tenant=tenant, version=row.version)
            if known is None and count_versions(connection, tenant=tenant) >= MAX_VERSIONS:
                return None
            refused = put_template(connection, row, most=allowance.for_new())
            if refused is not None:
                return refused
            return row if known is None else replace(known, is_current=True)

        kept = await self._open().write(write)
        if kept is None:
            raise TemplatesFull(MAX_VERSIONS)
        if isinstance(kept, Full):
            raise allowance.refusal_of_more(kept.usage)
        return _template(kept)

    async def find(self, name: str, *, tenant: str, version: str | None = None) -> Template:
        """Return a version, the current one unless one is named.

        Raises:
            TemplateNotFound: the tenant has none.
        """
        row = await self._open().read(lambda one: find_template(one, name, tenant=tenant, version=version))
        if row is None:
            raise TemplateNotFound
        return _template(row)

    async def all(self, *, tenant: str) -> list[Template]:
        """Return the current versions, by name."""
        return [*map(_template, await self._open().read(lambda one: list_templates(one, tenant=tenant)))]

    async def versions(self, name: str, *, tenant: str) -> list[Template]:
        """Return all versions of a template, the newest first.

        Raises:
            TemplateNotFound: the tenant has none.
        """
        rows = await self._open().read(lambda one: list_versions(one, name, tenant=tenant))
        if not rows:
            raise TemplateNotFound
        return [*map(_template, rows)]

    async def delete(self, name: str, *, tenant: str) -> None:
        """Forget a template with all its versions; runs that go on are not touched.

        Raises:
            TemplateNotFound: the tenant has none.
        """
        if not await self._open().write(lambda one: delete_template(one, name, tenant=tenant)):
            raise TemplateNotFound

    async def prepared(self, order: Order, submission: Submission, *, tenant: str, engine: Engine) -> Order:
        """Return the order of a run: that of a template runs from its compiled code, where the engine makes any.

        A program that does not compile any more is left as it is: its run fails, and says why.
        """
        if submission.template_version is None:
            return order
        program = replace(order.program, tenant=tenant)
        engine_version = version_for(engine, program)
        key = tenant, submission.name, submission.template_version, engine_version
        known = self._made.get(key)
        if known is not None and known[0] == program:
            self._made.move_to_end(key)
            return replace(order, program=known[1])
        code = await self._stored(key)
        if code is None or not fits(code, program, engine_version=engine_version):
            code = await self._compile(engine, key, program, order.limits)
        if code is None:
            return order
        compiled = replace(program, compiled=code)
        self._keep(key, program, compiled)
        return replace(order, program=compiled)

    async def _compile(self, engine: Engine, key: _Key, program: Program, limits: Limits) -> CompiledCode | None:
        try:
            made = await engine.compile(program, limits=replace(Limits(), source_bytes=limits.source_bytes))
        except HostError:
            return None
        if made.code is not None:
            await self._store_code(key, made.code)
        return made.code

    def _open(self) -> Store:
        if self._store is None:
            reason = "there is none"
            raise StoreUnavailable(reason)
        return self._store

    async def _stored(self, key: _Key) -> CompiledCode | None:
        tenant, name, version, engine_version = key
        row = await self._open().read(
            lambda one: find_compiled(one, name, tenant=tenant, version=version, engine_version=engine_version)
        )
        return None if row is None else CompiledCode(text=row.text, binding=row.binding)

    async def _store_code(self, key: _Key, code: CompiledCode) -> None:
        tenant, name, version, engine_version = key
        row = CompiledRow(
            tenant=tenant, name=name, version=version, engine_version=engine_version,
            binding=code.binding, text=code.text,
        )  # fmt: skip
        await self._open().write(lambda one: put_compiled(one, row))

    def _keep(self, key: _Key, program: Program, compiled: Program) -> None:
        known = self._made.pop(key, None)
        self._made_bytes += _bytes_of(compiled) - (0 if known is None else _bytes_of(known[1]))
        self._made[key] = program, compiled
        while self._made_bytes > MEMORY_BYTES:
            _, (_, oldest) = self._made.popitem(last=False)
            self._made_bytes -= _bytes_of(oldest)


def _bytes_of(compiled: Program) -> int:
    return len(compiled.source) + (0 if compiled.compiled is None else len(compiled.compiled.text))


def _template(row: TemplateRow) -> Template:
    return Template(
        tenant=row.tenant,
        name=row.name,
        version=row.version,
        document=json.loads(row.body),
        created_at=row.created_at,
        is_current=row.is_current,
    )
