"""The `cpython` engine, parent's side: worker processes, placement of turns, replacement of the dead.

Everything here runs on one event loop, without locks. See `process.WorkerProcess` for how turns are placed.
"""

import asyncio
import os
from collections import deque

from sandbox.engines.cpython import artifact
from sandbox.engines.cpython.execution import CPythonExecution
from sandbox.engines.cpython.process import WorkerProcess
from sandbox.engines.cpython.wire import BadFrame, FrameKind
from sandbox.errors import EngineCrashed, EngineUnavailable
from sandbox.limits import Limits
from sandbox.turns import Program

# More workers than cores: the system shares the cores between a guest that computes for long and the short ones.
WORKERS_BEYOND_CORES = 2
MAX_LIVE_PER_WORKER = 900
_STARTS_BEFORE_GIVING_UP = 3
_TURN_ENDS = frozenset({FrameKind.BLOCKED, FrameKind.FINISHED, FrameKind.STOPPED})


class CPythonEngine:
    """CPython 3.14 in WebAssembly, a fresh isolate for every execution.

    Args:
        workers: how many worker processes; default: the cores that this process may use, and two.
    """

    name = "cpython"

    def __init__(self, *, workers: int | None = None) -> None:
        self.version = artifact.engine_version()
        self._wanted = workers or len(os.sched_getaffinity(0)) + WORKERS_BEYOND_CORES
        self._workers: list[WorkerProcess] = []
        self._executions: dict[int, CPythonExecution] = {}
        self._unplaced: deque[CPythonExecution] = deque()
        self._count = 0
        self._closed = False
        self._failed_starts = 0
        self._wake_up: asyncio.TimerHandle | None = None
        self._replacing: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Start the workers; compiles the guest first when this machine has not done so yet.

        Raises:
            EngineUnavailable: there is no guest, or no worker could start.
        """
        self.loop = asyncio.get_running_loop()
        self._compiled = await asyncio.to_thread(artifact.compiled_guest)
        try:
            await asyncio.gather(*(self._start_worker() for _ in range(self._wanted)))
        except (ConnectionError, OSError) as error:
            await self.close()
            raise EngineUnavailable(f"no worker process could be started: {error}") from error

    async def close(self) -> None:
        """End all executions and processes."""
        self._closed = True
        if self._wake_up is not None:
            self._wake_up.cancel()
        for task in [*self._replacing]:
            task.cancel()
        for execution in [*self._executions.values()]:
            execution.lose("the engine was closed")
        for worker in self._workers:
            worker.close()
        self._workers.clear()
        await asyncio.gather(*self._replacing, return_exceptions=True)
        # Transports report their end in the next round of the loop.
        await asyncio.sleep(0)

    def execution(self, program: Program, *, limits: Limits, seed: int) -> CPythonExecution:
        """Return a new execution; nothing runs before its `start`."""
        self._count += 1
        return CPythonExecution(self, self._count, program, limits, seed)

    def processes(self) -> list[int]:
        """Return the ids of the worker processes."""
        return [worker.process_id() for worker in self._workers]

    # -- what executions ask for ------------------------------------------------------------------------------

    def place(self, execution: CPythonExecution) -> None:
        """Run the execution's first turn as soon as a worker is free for it."""
        if self._closed:
            raise EngineCrashed("the engine was closed")
        self._executions[execution.number] = execution
        self._unplaced.append(execution)
        self._pump()

    def resume(self, worker: WorkerProcess, execution: CPythonExecution) -> None:
        """Run a further turn of an execution on the worker where it lives."""
        worker.backlog.append(execution.send_turn)
        self._pump()

    def forget(self, execution: CPythonExecution) -> None:
        """Drop an execution that has ended, wherever it is."""
        self._executions.pop(execution.number, None)
        worker = execution.worker
        if worker is None:
            if execution in self._unplaced:
                self._unplaced.remove(execution)
            return
        worker.live.discard(execution.number)
        self._pump()

    def _pump(self) -> None:
        """Hand turns to every worker that has no young one; come back when the next one stops being young."""
        now = self.loop.time()
        for worker in self._workers:
            if worker.backlog and worker.busy_until() <= now:
                worker.backlog.popleft()()
        while self._unplaced:
            free = [one for one in self._workers if one.busy_until() <= now and len(one.live) < MAX_LIVE_PER_WORKER]
            free = [one for one in free if one.ready.done() and not one.backlog]
            if not free:
                break
            # The one whose last program is longest ago has had the most time to make isolates ahead.
            self._unplaced.popleft().send_start(min(free, key=lambda one: (one.computing(), one.last_start)))
        if self._wake_up is None and (self._unplaced or any(worker.backlog for worker in self._workers)):
            later = min((worker.busy_until() for worker in self._workers), default=now)
            self._wake_up = self.loop.call_at(max(later, now + 0.001), self._pump_later)

    def _pump_later(self) -> None:
        self._wake_up = None
        self._pump()

    # -- what workers report ----------------------------------------------------------------------------------

    def frame_received(self, worker: WorkerProcess, kind: FrameKind, number: int, payload: bytes) -> None:
        """Pass a worker's frame on to its execution; one for an execution that lives elsewhere is a bad frame."""
        execution = self._executions.get(number)
        if execution is None:
            if kind in _TURN_ENDS:
                worker.end_turn(number)
            return
        if execution.worker is not worker:
            raise BadFrame("another worker's execution")
        if kind in _TURN_ENDS:
            worker.end_turn(number)
        execution.frame_received(kind, payload)
        if kind in _TURN_ENDS:
            self._pump()

    def worker_lost(self, worker: WorkerProcess) -> None:
        """Fail the executions of a dead worker and start another in its place."""
        worker.reap()
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        for number in [*worker.live]:
            execution = self._executions.get(number)
            if execution is not None:
                execution.lose("its worker process died")
        if not self._closed:
            task = self.loop.create_task(self._replace())
            self._replacing.add(task)
            task.add_done_callback(self._replacing.discard)

    async def _replace(self) -> None:
        while not self._closed:
            try:
                await self._start_worker()
            except (ConnectionError, OSError):
                self._failed_starts += 1
                if self._failed_starts >= _STARTS_BEFORE_GIVING_UP and not self._workers:
                    self._fail_unplaced()
                await asyncio.sleep(min(0.1 * 2**self._failed_starts, 5.0))
            else:
                self._failed_starts = 0
                self._pump()
                return

    def _fail_unplaced(self) -> None:
        for execution in [*self._unplaced]:
            execution.lose("no worker process can be started")
        self._unplaced.clear()

    async def _start_worker(self) -> None:
        worker = WorkerProcess(self, self.loop)
        try:
            await worker.start(self._compiled)
            await worker.ready
        except BaseException:
            worker.close()
            raise
        self._workers.append(worker)
