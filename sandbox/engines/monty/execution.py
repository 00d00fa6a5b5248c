"""One execution, parent's side: what the interpreter lacks is refused before a worker hears of the program."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.engines.monty.conversion import OTHER_ENGINE
from sandbox.engines.monty.screening import unsupported
from sandbox.engines.workers.crossing import size_of
from sandbox.engines.workers.execution import Placement, WorkerExecution
from sandbox.limits import Limits
from sandbox.turns import ErrorReport, Program, Progress, Raised


class MontyExecution(WorkerExecution):
    """One program in one session of the interpreter."""

    def __init__(
        self,
        engine: Placement,
        number: int,
        program: Program,
        limits: Limits,
        seed: int,
        *,
        compile_only: bool = False,
    ) -> None:
        super().__init__(engine, number, program, limits, seed, compile_only=compile_only)
        self._source = program.source
        self._reuses = program.reuse is not None

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        """Begin the first turn, unless the program is refused; see `sandbox.engine.Execution`."""
        if self._reuses:
            return Raised(error=_NOTHING_KEPT)
        if size_of(self._source) <= self._limits.source_bytes:
            refusal = await unsupported.refusal_of(self._source)
            if refusal is not None:
                return Raised(error=refusal, spent=self._ends.spent)
        return await super().start(inputs, now=now, placed=placed)


_NOTHING_KEPT = ErrorReport(
    kind="policy",
    type="NotSupported",
    message="the engine monty keeps nothing between two runs, so that a program cannot be reusable there",
    hint=f"leave reusable out, or {OTHER_ENGINE}",
)
