"""The `monty` engine, parent's side: workers that hold one interpreter each, and one program at a time."""

import signal
from collections.abc import Callable
from pathlib import Path

import pydantic_monty
from pydantic_monty._binary import find_monty_binary

from sandbox.compiled import bound, refusal_of
from sandbox.engines.monty import prelude
from sandbox.engines.monty.confinement import WALLS
from sandbox.engines.monty.execution import MontyExecution
from sandbox.engines.monty.launch import launch_worker
from sandbox.engines.monty.screening.doubts import has_doubts
from sandbox.engines.saying import say_nothing
from sandbox.engines.workers.pool import WorkerPool
from sandbox.engines.workers.process import Launch
from sandbox.errors import EngineUnavailable
from sandbox.limits import Limits
from sandbox.turns import Compilation, Program, Returned
from sandbox.weight import in_its_place


class MontyEngine(WorkerPool):
    """pydantic-monty: an interpreter of a subset of Python, with a fresh session for every execution.

    Args:
        workers: how many worker processes, and programs that have not ended, at a time; those that wait for their host
            give way to others. Default: twice as many as the `cpython` engine has.
        require_walls: do not open where the kernel lacks a wall of the worker processes.
        launch: starts a worker process.
        say: is told in a line which walls are missing, how a worker ended that was not told to; default: nobody.
    """

    name = "monty"
    executions = MontyExecution
    counts_fuel = False
    walls = WALLS
    # A replay costs less than so long a wait.
    parks_after_seconds = 0.005
    out_of_time = signal.SIGPROF

    def __init__(
        self,
        *,
        workers: int | None = None,
        require_walls: bool = False,
        launch: Launch = launch_worker,
        say: Callable[[str], None] = say_nothing,
    ) -> None:
        super().__init__(
            version=f"{pydantic_monty.__version__}+{prelude.VERSION}",
            launch=launch,
            workers=workers,
            live_per_worker=1,
            require_walls=require_walls,
            say=say,
        )

    def material(self) -> Path:
        """Return the interpreter's program."""
        try:
            return Path(find_monty_binary())
        except FileNotFoundError:
            raise EngineUnavailable("the engine monty lacks its interpreter: pip install 'isthmus[monty]'") from None

    async def compile(self, program: Program, *, limits: Limits) -> Compilation:
        """Have a worker read a program without running any of it; there is no code to keep."""
        progress = await self.compiled(program, limits)
        if isinstance(progress, Returned):
            return Compilation(code=bound("", program, engine_version=self.version))
        return Compilation(error=refusal_of(progress))

    async def suits(self, program: Program) -> bool:
        """Say whether nothing is lacking that a program needs, as far as its words and a worker's parser tell."""
        doubts = await in_its_place(len(program.source), lambda: has_doubts(program))
        return not doubts and isinstance(await self.compiled(program, Limits()), Returned)
