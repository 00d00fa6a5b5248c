"""The service: one method per verb of the product; all that `api` may call.

It belongs to the event loop that opened it, as its engine does.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from sandbox.cache import CacheStore
from sandbox.engine import Engine
from sandbox.errors import HostError, ValueRejected
from sandbox.execute import Finished, LiveRun, refused
from sandbox.limits import Limits
from sandbox.start import Start
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of
from service.errors import NoReport, Stopping, SubmissionRejected
from service.functions.registry import Registry
from service.functions.whitelist import Whitelist
from service.rights import Caller, Rights
from service.runs.admission import Admission
from service.runs.answer import Answer, answer_of, ended_by_platform, weight_of_finished
from service.runs.cached import answered_order
from service.runs.check import Check, check_of, refusal_by_types
from service.runs.checks import Order, Rules, fault_of_inputs, order_of
from service.runs.hints import with_hint
from service.runs.presentation import presentation_of
from service.runs.recent import RecentRuns
from service.runs.record import Run, new_run_id, new_seed
from service.runs.submission import Submission
from service.store.database import Store
from service.templates.kept import Templates
from service.templates.tenant import TenantTemplates
from service.tenants import Tenants


def real_time() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Service:
    """Runs programs with the functions of one operator."""

    def __init__(
        self,
        *,
        engine: Engine,
        registry: Registry,
        limits: Limits,
        ceiling: Limits,
        admission: Admission,
        recent: RecentRuns,
        store: Store | None = None,
        tenants: Tenants | None = None,
        results: CacheStore | None = None,
        allow_open_policy: bool = False,
        clock: Callable[[], datetime] = real_time,
        farewells: Iterable[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._engine = engine
        self._rules = Rules(
            registry=registry,
            limits=limits,
            ceiling=ceiling,
            engine=engine.name,
            keeps_results=results is not None,
            allow_open_policy=allow_open_policy,
        )
        self._admission = admission
        self._recent = recent
        self._store = store
        self._tenants = tenants or Tenants(store)
        self._templates = Templates(store, engine)
        self._tenant_rules: dict[str, tuple[Rights | None, Rules]] = {}
        self._results = results
        self._clock = clock
        self._farewells = tuple(farewells)
        self._opened = False
        self._log: Any = structlog.get_logger("isthmus")

    # -- life -------------------------------------------------------------------------------------------------

    @property
    def is_ready(self) -> bool:
        """Whether a submission would be taken, and find a worker."""
        return self._opened and not self._admission.is_stopping and self._engine.is_ready()

    async def open(self) -> None:
        """Make the engine ready; does nothing when it is.

        Raises:
            EngineUnavailable: it cannot run here.
        """
        if not self._opened:
            await self._engine.open()
            self._opened = True

    def stop(self) -> None:
        """Take no more runs and end those that go on: each is answered as a failure of the platform."""
        self._admission.stop()

    async def close(self) -> None:
        """End everything."""
        self.stop()
        if self._opened:
            self._opened = False
            await self._engine.close()
        for farewell in self._farewells:
            await farewell()
        if self._store is not None:
            await asyncio.to_thread(self._store.close)

    # -- verbs ------------------------------------------------------------------------------------------------

    async def orchestrate(self, submission: Submission, caller: Caller) -> Run:
        """Run a program to its end; one that fails is an answer.

        Raises:
            SubmissionRejected: it cannot be run as it was sent.
            LimitBeyondCeiling, PolicyNotAllowed, FunctionNotAllowed: it is beyond what the caller may.
            Overloaded, TenantBusy, RateReached, Stopping: it cannot be run now.
        """
        self._admission.check(caller)
        created_at, arrived = self._clock(), time.monotonic()
        rules = self._rules_of(caller)
        order = await in_its_place(submission.size_bytes, lambda: order_of(submission, rules))
        order = await self._templates.prepared(order, submission, tenant=caller.tenant)
        seed = new_seed() if submission.seed is None else submission.seed
        async with self._admission.slot(caller):
            started_at, queued_seconds = self._clock(), time.monotonic() - arrived
            checked_by = rules if submission.type_check else None
            finished = await self._execute(
                order, tenant=caller.tenant, seed=seed, now=submission.now, checked_by=checked_by
            )
        answer = await _answer(finished, order)
        error = with_hint(answer.error, registered=rules.registry, allowed=order.functions)
        run_id = new_run_id(created_at)
        engine = f"{self._engine.name} {self._engine.version}, seed {seed}"
        shown = await presentation_of(
            submission, order, finished, run_id=run_id, engine=engine, error=error, notes=answer.notes
        )
        run = Run(
            id=run_id,
            tenant=caller.tenant,
            status="completed" if error is None else "failed",
            output=answer.output,
            error=error,
            stdout=finished.output,
            stdout_truncated=finished.output_truncated,
            calls=answer.calls,
            usage=finished.usage,
            queued_seconds=queued_seconds,
            limits=order.limits,
            engine=self._engine.name,
            engine_version=self._engine.version,
            template_name=submission.name,
            template_version=order.template_version,
            cached=finished.cached,
            notes=answer.notes,
            policy=order.policy,
            seed=seed if finished.seed is None else finished.seed,
            created_at=created_at,
            started_at=started_at,
            finished_at=self._clock(),
            metadata=submission.metadata,
            shown=shown,
            weight=answer.weight + weight_of([submission.name, submission.metadata]) + shown.weight(),
        )
        self._recent.add(run)
        self._report(run)
        return run

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
        async with self._admission.slot(caller):
            try:
                return await check_of(self._engine, order, registered=rules.registry, standard=standard)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not self._admission.is_stopping or task is None:
                    raise
                task.uncancel()
        raise Stopping

    def run(self, run_id: str, caller: Caller) -> Run:
        """Return a finished run of the caller's tenant.

        Raises:
            RunNotKept: it is unknown, or finished too long ago.
        """
        return self._recent.get(run_id, tenant=caller.tenant, now=self._clock())

    def report(self, run_id: str, caller: Caller) -> str:
        """Return the report of a finished run of the caller's tenant, as HTML.

        Raises:
            RunNotKept: it is unknown, or finished too long ago.
            NoReport: its submission did not ask for one.
        """
        report = self.run(run_id, caller).shown.report
        if report is None:
            raise NoReport
        return report

    def templates(self, caller: Caller) -> TenantTemplates:
        """Return the templates of the caller's tenant."""
        rules = self._rules_of(caller)
        return TenantTemplates(
            self._templates,
            tenant=caller.tenant,
            order=lambda submission: order_of(submission, rules, to_run=False),
            check=lambda submission: self.check(submission, caller, standard=True),
        )

    def whitelist(self, caller: Caller) -> Whitelist:
        """Return what the caller's programs may call, and the texts about it."""
        return self._whitelist(self._rules_of(caller))

    def whitelist_of_all(self) -> Whitelist:
        """Return what is registered, for whoever operates the service."""
        return self._whitelist(self._rules)

    def _whitelist(self, rules: Rules) -> Whitelist:
        engine = self._engine
        return Whitelist(rules.registry, limits=rules.limits, engine=engine.name, engine_version=engine.version)

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

    # -- one run ----------------------------------------------------------------------------------------------

    async def _execute(
        self, order: Order, *, tenant: str, seed: int, now: int | None, checked_by: Rules | None
    ) -> Finished:
        """Run an order; with `checked_by` only when a type checker is not certain that it fails."""
        live = LiveRun(self._engine, _start(order, seed), now=now)

        async def drive() -> Finished:
            if checked_by is not None:
                wrong = await refusal_by_types(self._engine, order, registered=checked_by.registry)
                if wrong is not None:
                    return refused(wrong)
            finished = await live.drive()
            # Nobody outside can be asked, so it does not wait for them.
            assert isinstance(finished, Finished)  # noqa: S101
            return finished

        try:
            return await answered_order(order, drive, tenant=tenant, engine=self._engine, store=self._results)
        except ValueRejected as error:
            raise SubmissionRejected([fault_of_inputs(error)]) from None
        except HostError as error:
            self._log.error("engine_failed", error=repr(error))
            ended = ended_by_platform(type(error).__name__)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._admission.is_stopping or task is None:
                raise
            task.uncancel()
            ended = ended_by_platform("ServiceStopping")
        return replace(await live.remains(), error=ended)

    def _report(self, run: Run) -> None:
        """Write one line about the run: neither source nor values."""
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
        )


def _start(order: Order, seed: int) -> Start:
    return Start(program=order.program, inputs=order.inputs, functions=order.functions, limits=order.limits, seed=seed)


async def _answer(finished: Finished, order: Order) -> Answer:
    weight = weight_of_finished(finished, enough=HEAVY_BYTES)
    return await in_its_place(weight, lambda: answer_of(finished, order))
