"""The templates of one tenant: put, found, listed and deleted."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.engine import Engine
from service.errors import SourceRejected
from service.runs.check import Check
from service.runs.order import Order
from service.runs.room import Allowance
from service.runs.submission import Submission
from service.templates.kept import Template, Templates


class TenantTemplates:
    """What a caller may do with templates."""

    def __init__(
        self,
        templates: Templates,
        *,
        allowance: Allowance,
        order: Callable[[Submission], Order],
        check: Callable[[Submission], Awaitable[Check]],
        choose: Callable[[Order], Awaitable[Engine]],
    ) -> None:
        self._templates = templates
        self._allowance = allowance
        self._tenant = allowance.tenant
        self._order = order
        self._check = check
        self._choose = choose

    async def put(self, document: Mapping[str, Any], submission: Submission) -> Template:
        """Keep a version, compiled, when nothing is certainly wrong with it.

        Args:
            document: as `template_document` gives it.
            submission: what it says.

        Raises:
            SourceRejected: the source is wrong, by the guest, the whitelist or the type checker.
            SubmissionRejected, LimitBeyondCeiling, PolicyNotAllowed, FunctionNotAllowed: something else is.
            TemplatesFull: there are as many versions as there may be.
            StorageFull: what is kept of the tenant takes as many bytes as it may.
        """
        known = await self._check(submission)
        if not known.ok:
            raise SourceRejected(known.diagnostics)
        kept = await self._templates.put(document, allowance=self._allowance)
        of_version = replace(submission, template_version=kept.version)
        order = self._order(of_version)
        engine = await self._choose(order)
        await self._templates.prepared(order, of_version, tenant=self._tenant, engine=engine)
        return kept

    async def find(self, name: str, version: str | None = None) -> Template:
        """Return a version, the current one unless one is named; raises TemplateNotFound."""
        return await self._templates.find(name, tenant=self._tenant, version=version)

    async def all(self) -> list[Template]:
        """Return the current versions, by name."""
        return await self._templates.all(tenant=self._tenant)

    async def versions(self, name: str) -> list[Template]:
        """Return all versions of a template, the newest first; raises TemplateNotFound."""
        return await self._templates.versions(name, tenant=self._tenant)

    async def delete(self, name: str) -> None:
        """Forget a template with all its versions; raises TemplateNotFound."""
        await self._templates.delete(name, tenant=self._tenant)
