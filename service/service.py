"""The service: one method per verb of the product; all that `api` may call.

It belongs to the event loop that opened it, as its engines do.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import structlog

from sandbox.advice import nearest
from sandbox.cache import CacheStore
from sandbox.choice import Engines
from sandbox.engine import CountingEngine, counted
from sandbox.weight import in_its_place
from service.durability import Durability, Timers
from service.functions.whitelist import Whitelist
from service.retention import Retention
from service.rights import METRICS, Caller, Rights
from service.runs import ending, following
from service.runs.admission import Admission
from service.runs.check import Check, check_of
from service.runs.events import RunEvent
from service.runs.journal_reads import JournalReads
from service.runs.order import Rules, order_of
from service.runs.recent import RecentRuns
from service.runs.record import Run
from service.runs.room import Room
from service.runs.running import Running
from service.runs.submission import Submission
from service.runs.submit import Once, submit
from service.runs.tenant import TenantRuns
from service.runs.type_checks import TypeChecks
from service.seeing.metrics import Metrics
from service.store.database import Store
from service.templates.kept import Templates
from service.templates.tenant import TenantTemplates
from service.tenants import Tenants
from service.webhook_delivery import deliveries_of
from service.webhooks import Sender

_LOGGED_CHARACTERS = 10_000
# Of rights that name what there is not.
_MAX_WARNINGS = 20


def real_time() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Service:
    """Runs programs with the functions of one operator."""

    def __init__(
        self,
        *,
        engines: Engines[CountingEngine],
        rules: Rules,
        admission: Admission,
        recent: RecentRuns,
        store: Store | None = None,
        tenants: Tenants,
        results: CacheStore | None = None,
        retention: Retention,
        log_values: bool = False,
        sender: Sender | None = None,
        write_run: Callable[[Run], bytes] | None = None,
        on_close: Iterable[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._engines, self._rules, self._images, self._admission = engines, rules, rules.images, admission
        self._store, self._tenants, self._log_values = store, tenants, log_values
        self._log: Any = structlog.get_logger("isthmus")
        self._metrics = Metrics(functions=rules.registry, levels=self._levels)
        self._templates, self._type_checks = Templates(store), TypeChecks(engines.whole)
        self._running = Running(
            engines=engines, admission=admission, recent=recent, store=store, results=results, clock=real_time,
            room=Room(store, most=retention.most), prepared=self._templates.prepared, rights_of=tenants.rights_of,
            type_checks=self._type_checks, hold_seconds=retention.hold_seconds, report=self._report,
            metrics=self._metrics, log=self._log,
        )  # fmt: skip
        self._running.on_suspended = Timers(self.attend, real_time).call_at
        self._durability = None if store is None else self._durable(store, retention)
        self._deliveries = deliveries_of(self._running, rules, sender, write_run)
        self._tenant_rules: dict[str, tuple[Rights | None, Rules]] = {}
        self._journal_reads = JournalReads()
        self._on_close = tuple(on_close)
        self._opened = False

    def _durable(self, store: Store, retention: Retention) -> Durability:
        return Durability(
            store,
            attend=self.attend,
            retention_seconds=retention.seconds,
            retention_runs=retention.runs,
            log=self._log,
        )

    # -- life -------------------------------------------------------------------------------------------------

    @property
    def is_ready(self) -> bool:
        """Whether a submission would be taken, and find a worker."""
        return self._opened and not self._admission.is_stopping and self._engines.are_ready()

    async def open(self) -> None:
        """Make the engines ready, and go on with runs that an earlier process left; does nothing when it is.

        Raises:
            EngineUnavailable: it cannot run here.
        """
        if not self._opened:
            await self._engines.open()
            self._images.open()
            if self._durability is not None:
                await self._durability.open()
            if self._deliveries is not None:
                self._deliveries.open()
            self._opened = True
            await self._warn_of_rights()

    async def _warn_of_rights(self) -> None:
        """Write a line for each function that a tenant may call and that there is not, as far as these are few."""
        registry = self._rules.registry
        found = await self._tenants.unknown_functions(registry)
        for tenant, name in found[:_MAX_WARNINGS]:
            near = nearest(name, registry)
            self._log.warning("tenant_function_unknown", tenant=tenant, function=name, nearest=near)
        if len(found) > _MAX_WARNINGS:
            self._log.warning("tenant_functions_unknown", count=len(found), shown=_MAX_WARNINGS)

    async def images_built(self) -> None:
        """Return once each of the guest images can be named, or could not be built."""
        await self._images.all_built()

    def stop(self) -> None:
        """Take no more runs and drive none: what goes on is kept, and goes on at the next start.

        Without a store each is answered as a failure of the platform.
        """
        self._running.stop()

    async def close(self) -> None:
        """End everything."""
        self.stop()
        await self._running.settle()
        endings = [one.close() for one in (self._durability, self._deliveries) if one is not None]
        if self._opened:
            self._opened = False
            endings += [self._engines.close(), self._images.close()]
        await asyncio.gather(*endings)
        for close in self._on_close:
            await close()
        if self._store is not None:
            await asyncio.to_thread(self._store.close)

    # -- verbs ------------------------------------------------------------------------------------------------

    async def orchestrate(self, submission: Submission, caller: Caller, *, once: Once | None = None) -> Run:
        """Run a program, and return it when it has ended or waits, or when its request has been open long enough.

        Raises:
            SubmissionRejected, LimitBeyondCeiling, PolicyNotAllowed: it cannot be run as it was sent.
            Overloaded, TenantBusy, RateReached, Stopping: it cannot be run now.
            IdempotencyKeyReused: the key came with another submission before.
        """
        return await submit(self._running, self._rules_of(caller), submission, caller=caller, once=once)

    async def check(self, submission: Submission, caller: Caller, *, standard: bool) -> Check:
        """Say what is wrong with a program, without running it; typed inputs need no value.

        Args:
            standard: whether the schema of the inputs is JSON Schema's own, and not Flyte's.

        Raises:
            SubmissionRejected, LimitBeyondCeiling, PolicyNotAllowed, FunctionNotAllowed: as when it is to be run.
            Overloaded, TenantBusy, RateReached, Stopping: it cannot be checked now.
        """
        self._admission.check(caller)
        rules = self._rules_of(caller)
        order = await in_its_place(submission.size_bytes, lambda: order_of(submission, rules, to_run=False))
        return await self._admission.hold(
            caller,
            lambda: check_of(
                self._engines,
                self._type_checks,
                order,
                rules=rules,
                standard=standard,
                caller=caller,
            ),
        )

    def runs(self, caller: Caller) -> TenantRuns:
        """Return the runs of the caller's tenant."""
        return TenantRuns(self._running, self._rules_of(caller), caller, self._journal_reads)

    def templates(self, caller: Caller) -> TenantTemplates:
        """Return the templates of the caller's tenant."""
        rules = self._rules_of(caller)
        return TenantTemplates(
            self._templates,
            allowance=self._running.room.allowance(caller.tenant, caller.rights),
            order=lambda submission: order_of(submission, rules, to_run=False),
            check=lambda submission: self.check(submission, caller, standard=True),
            choose=lambda order: self._engines.chosen(order.engine, order.program, order.needs),
        )

    def whitelist(self, caller: Caller) -> Whitelist:
        """Return what the caller's programs may call, and the texts about it."""
        return self._whitelist(self._rules_of(caller))

    def whitelist_of_all(self) -> Whitelist:
        """Return what is registered, for whoever operates the service."""
        return self._whitelist(self._rules)

    def _whitelist(self, rules: Rules) -> Whitelist:
        versions = {one.name: one.version for one in self._engines.all}
        return Whitelist(
            rules.registry, limits=rules.limits, engine=rules.engine, versions=versions, images=rules.images
        )

    # -- what nobody asks for ---------------------------------------------------------------------------------

    async def attend(self, run_id: str, wake: int) -> None:
        """Do what is due for a run, whoever's it is; see `runs.ending`."""
        await ending.attend(self._running, self._rules, run_id, wake=wake)

    # -- watching ---------------------------------------------------------------------------------------------

    def follow(self, run_id: str, caller: Caller, *, after: int = 0) -> AsyncIterator[RunEvent | None]:
        """Give the events of a run that follow the one of number `after`, as they happen; see `runs.following`."""
        return following.follow(self._running, run_id, tenant=caller.tenant, after=after)

    def now(self) -> datetime:
        """Return the time, by the service's clock."""
        return real_time()

    async def begin(self, submission: Submission, caller: Caller) -> str:
        """Begin a run whose events are to be followed, and return its id; raises as `orchestrate`."""
        return await following.begin(self._running, self._rules_of(caller), submission, caller=caller)

    async def leave(self, run_id: str, caller: Caller) -> None:
        """Take note that nobody follows a run any more that was begun for that: it is kept."""
        await following.leave(self._running, run_id, tenant=caller.tenant)

    def metrics(self, caller: Caller) -> bytes:
        """Return the numbers of the service, as Prometheus reads them.

        Raises:
            ScopeMissing: the key is not for that.
        """
        caller.require(METRICS)
        return self._metrics.text()

    def _levels(self) -> dict[str, float]:
        counts, runs = counted(self._engines.all), self._admission.counts().values()
        return {
            "isthmus_running": sum(running for running, _ in runs),
            "isthmus_queued": sum(queued for _, queued in runs),
            "isthmus_isolates_computing": counts.computing,
            "isthmus_isolates_waiting": counts.waiting,
            "isthmus_isolates_ready": counts.ready,
            "isthmus_workers": counts.workers,
            "isthmus_worker_deaths": counts.worker_deaths,
        }

    # -- callers ----------------------------------------------------------------------------------------------

    def asks_for_keys(self) -> bool:
        """Say whether requests need a key; waits for the database, so it is for the start."""
        return self._tenants.ask_for_keys()

    async def caller(self, key: str | None) -> Caller:
        """Return who sends a request with this key, or with none.

        Raises:
            KeyNotValid: a key is asked for, and this is none.
            StoreUnavailable: the database cannot say.
        """
        return await self._tenants.caller(key)

    def _rules_of(self, caller: Caller) -> Rules:
        rights, rules = self._tenant_rules.get(caller.tenant, (None, self._rules))
        if rights is not caller.rights and rights != caller.rights:
            rules = self._rules.of_tenant(caller.rights)
            self._tenant_rules[caller.tenant] = caller.rights, rules
        return rules

    def _report(self, run: Run, submission: Submission) -> None:
        """Write one line about the run: neither source nor values, unless the operator asked for them."""
        values = {"source": submission.source, "inputs": submission.inputs, "output": run.output, "stdout": run.stdout}
        self._log.info(
            "run",
            id=run.id,
            tenant=run.tenant,
            name=run.template_name,
            status=run.status,
            kind=run.error.kind if run.error else None,
            fuel=run.usage.fuel,
            cpu_ms=round(run.usage.cpu_seconds * 1000, 1),
            wall_ms=round(run.usage.wall_seconds * 1000, 1),
            queued_ms=round(run.queued_seconds * 1000, 1),
            calls=run.usage.calls,
            cached=run.cached,
            **({name: _cut(value) for name, value in values.items()} if self._log_values else {}),
        )


def _cut(value: Any) -> str:
    """Return a value for the log: a line is to be read, and not to fill a disk."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LOGGED_CHARACTERS else f"{text[:_LOGGED_CHARACTERS]}..."
