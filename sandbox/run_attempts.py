"""The attempts at one run of a template: a failure that may pass is tried again, within the template's `timeout`.

All attempts have one seed and one beginning, so that each asks for the same; a call that was answered with a value in
an earlier one is answered from its journal.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from secrets import randbelow
from typing import Any

from sandbox.compiled_once import CompiledOnce
from sandbox.deadline import late, within
from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.errors import HostError
from sandbox.execute import Finished, Usage, execute, refused
from sandbox.journal import Journal
from sandbox.limits import SEED_BOUND, Limits
from sandbox.options import RetryStrategy, Secret, Timeout
from sandbox.patched import PatchedReplay
from sandbox.retry import RetryDecision, decide
from sandbox.start import Start
from sandbox.turns import ErrorReport, Program


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAttempts:
    """One run of a program, and how often it may be tried."""

    engine: Engine
    """Opened by the first attempt that finds it closed."""
    program: Program | CompiledOnce
    inputs: Mapping[str, Any]
    functions: Mapping[str, HostFunction]
    limits: Limits
    retries: RetryStrategy
    bounds: Timeout
    """`max_runtime` and `max_queued_time` of each attempt, `deadline` of all together."""
    secrets: tuple[Secret, ...] = ()
    seed: int = field(default_factory=lambda: randbelow(SEED_BOUND))
    now: int = field(default_factory=time.time_ns)
    """The guest's time at the beginning, in nanoseconds since the epoch."""

    async def run(self) -> Finished:
        """Return how the last attempt ended, and what all together used.

        Raises:
            ValueRejected: an input cannot cross.
            LimitExceeded: it took longer than `bounds`.
            HostError: the engine cannot be started, or failed, and no attempt is left.
            SecretMissing: one that its functions need is not there.
        """
        async with within(self.bounds.seconds("deadline"), late("deadline")):
            journals: list[Journal | None] = []
            used: Usage | None = None
            attempt = 1
            while True:
                try:
                    finished = await self._try(journals)
                except HostError as error:
                    decision = self._decide("platform", type(error).__name__, calls=0, attempt=attempt)
                    if decision is None:
                        raise
                else:
                    used = finished.usage.after(used)
                    decision = self._after(finished, attempt)
                    if decision is None:
                        return replace(finished, usage=used)
                    journals.append(finished.journal)
                attempt = decision.attempt
                await asyncio.sleep(self.retries.pause_before(attempt))

    async def _try(self, journals: list[Journal | None]) -> Finished:
        """Return how one attempt ended, after those of these journals."""
        queued_seconds = self.bounds.seconds("max_queued_time")
        try:
            async with within(self.bounds.seconds("max_runtime"), late("max_runtime")):
                await self.engine.open()
                program = self.program
                ready = program if isinstance(program, Program) else await program.ready(self.engine, self.limits)
                if isinstance(ready, ErrorReport):
                    return refused(ready)
                return await execute(
                    self.engine,
                    self._start(ready),
                    now=self.now,
                    queued_seconds=queued_seconds,
                    replay=PatchedReplay.retry(journals),
                )
        except TimeoutError:
            raise late("max_queued_time")(queued_seconds or 0.0) from None

    def _start(self, program: Program) -> Start:
        return Start(
            program=program,
            inputs=self.inputs,
            functions=self.functions,
            limits=self.limits,
            seed=self.seed,
            secrets=self.secrets,
        )

    def _after(self, finished: Finished, attempt: int) -> RetryDecision | None:
        error = finished.error
        if error is None:
            return None
        return self._decide(error.kind, error.type, calls=len(finished.calls), attempt=attempt)

    def _decide(self, kind: str, error_type: str, *, calls: int, attempt: int) -> RetryDecision | None:
        return decide(kind, error_type, calls=calls, attempt=attempt, retries=self.retries.count)
