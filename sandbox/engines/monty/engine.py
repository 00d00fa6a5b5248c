"""The `monty` engine: pydantic-monty's pool of worker processes, and who has one of them now.

Everything here runs on one event loop, without locks. An execution holds a worker while it computes, and while it waits
as long as nobody stands in line; then it gives the worker up, and its program goes on by replay.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from typing import Any

import pydantic_monty

from sandbox.compiled import bound
from sandbox.engine import EngineCounts
from sandbox.engines.monty.doubts import has_doubts
from sandbox.engines.monty.execution import MontyExecution
from sandbox.engines.monty.lease import Lease
from sandbox.engines.saying import say_nothing
from sandbox.errors import EngineCrashed, EngineUnavailable
from sandbox.limits import Limits
from sandbox.turns import Compilation, Program
from sandbox.weight import in_its_place

WORKERS_BEYOND_CORES = 2
# A program that waits for less than this keeps its worker: a replay would cost more than the wait.
PARK_AFTER_SECONDS = 0.02


class MontyEngine:
    """pydantic-monty: a Rust interpreter of a Python subset, a fresh session for every execution.

    Args:
        workers: how many worker processes; default: the cores that this process may use, and two.
        say: is told in a line how a worker ended that was not told to; default: nobody.
    """

    name = "monty"

    def __init__(self, *, workers: int | None = None, say: Callable[[str], None] = say_nothing) -> None:
        self.version = pydantic_monty.__version__
        self.pool: pydantic_monty.AsyncMonty
        self._say = say
        self._wanted = workers or len(os.sched_getaffinity(0)) + WORKERS_BEYOND_CORES
        self._free = self._wanted
        self._line: deque[tuple[MontyExecution, asyncio.Future[None]]] = deque()
        self._holding: dict[MontyExecution, None] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._later: asyncio.TimerHandle | None = None
        self._is_open = False
        self._deaths = 0

    async def open(self) -> None:
        """Start the workers.

        Raises:
            EngineUnavailable: no worker could be started.
        """
        self.loop = asyncio.get_running_loop()
        try:
            self.pool = pydantic_monty.AsyncMonty(min_processes=self._wanted, max_processes=self._wanted)
            await self.pool.__aenter__()
        except (OSError, RuntimeError) as error:
            raise EngineUnavailable(f"no worker process could be started: {error}") from error
        self._is_open = True

    async def close(self) -> None:
        """End all executions and processes."""
        if not self._is_open:
            return
        self._is_open = False
        if self._later is not None:
            self._later.cancel()
        for execution in [*self._holding, *(one for one, _ in self._line)]:
            execution.lose("the engine was closed")
        await asyncio.gather(*self._endings)
        await self.pool.__aexit__(None, None, None)

    def is_ready(self) -> bool:
        """Say whether a program would find somebody to run it now: the pool replaces workers that die."""
        return self._is_open

    def execution(self, program: Program, *, limits: Limits, seed: int) -> MontyExecution:
        """Return a new execution; nothing runs before its `start`."""
        return MontyExecution(self, program, limits, seed)

    async def compile(self, program: Program, *, limits: Limits) -> Compilation:
        """Have a worker read a program, without running any of it; there is no code to keep."""
        execution = MontyExecution(self, program, limits, 0)
        error = await execution.check()
        if error is not None:
            return Compilation(error=error)
        return Compilation(code=bound("", program, engine_version=self.version))

    async def suits(self, program: Program) -> bool:
        """Say whether nothing is lacking that a program needs, as far as its words and a worker's parser tell."""
        doubts = await in_its_place(len(program.source), lambda: has_doubts(program))
        return not doubts and await MontyExecution(self, program, Limits(), 0).check() is None

    def counts(self) -> EngineCounts:
        """Return what the workers have in hand."""
        computing = sum(one.is_computing for one in self._holding)
        return EngineCounts(
            workers=self._wanted if self._is_open else 0,
            worker_deaths=self._deaths,
            computing=computing,
            waiting=len(self._holding) - computing,
            ready=self._free,
        )

    # -- what executions ask for ------------------------------------------------------------------------------

    async def lend(self, execution: MontyExecution, terms: dict[str, Any]) -> Lease:
        """Return a worker for an execution, as soon as there is one."""
        if not self._is_open:
            raise EngineCrashed("the engine was closed")
        if self._free and not self._line:
            self._free -= 1
        else:
            turn = self.loop.create_future()
            self._line.append((execution, turn))
            self._make_room()
            try:
                await turn
            except asyncio.CancelledError:
                self._leave_line(execution, turn)
                raise
        self._holding[execution] = None
        return Lease(self, terms)

    def waits(self) -> None:
        """Hear that an execution waits for its host."""
        if self._line:
            self._make_room()

    def ended(self, execution: MontyExecution, lease: Lease | None) -> None:
        """Hear that an execution needs its worker no more."""
        self._holding.pop(execution, None)
        if lease is not None:
            ending = self.loop.create_task(lease.end())
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)

    def give_back(self) -> None:
        """Note that a worker is free again, and lend it to whoever stands in line first."""
        while self._line:
            _, turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def died(self, reason: str) -> None:
        """Note that a worker ended that was not told to."""
        self._deaths += 1
        self._say(f"a worker process of monty ended: {reason}; its runs go on in another one")

    def _leave_line(self, execution: MontyExecution, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self.give_back()
        self._line = deque(entry for entry in self._line if entry[0] is not execution)

    def _make_room(self) -> None:
        """Have the executions that have waited long enough give up their workers to those in line."""
        self._later = None
        now = self.loop.time()
        waiting = [one for one in self._holding if not one.is_computing]
        due = [one for one in waiting if one.waits_since + PARK_AFTER_SECONDS <= now]
        for one in due[: len(self._line)]:
            one.park()
        if len(due) < len(self._line) and len(waiting) > len(due):
            soonest = min(one.waits_since for one in waiting if one not in due)
            self._later = self.loop.call_at(soonest + PARK_AFTER_SECONDS, self._make_room)
