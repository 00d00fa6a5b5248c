"""The `cpython` engine, parent's side: worker processes, placement of turns, replacement of the dead.

Everything here runs on one event loop, without locks. See `process.WorkerProcess` for how turns are placed.
"""

import asyncio
import os
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sandbox.engines.cpython import artifact, messages, wire
from sandbox.engines.cpython.process import WorkerProcess
from sandbox.engines.cpython.wire import BadFrame, FrameKind
from sandbox.errors import EngineCrashed, EngineUnavailable, MisuseError, ValueTooLarge
from sandbox.limits import Limits
from sandbox.turns import (
    Blocked,
    ErrorReport,
    LimitExceeded,
    Outcome,
    Program,
    Progress,
    Raised,
    Returned,
    Spent,
)

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
        self._loop = asyncio.get_running_loop()
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

    def execution(self, program: Program, *, limits: Limits, seed: int) -> "CPythonExecution":
        """Return a new execution; nothing runs before its `start`."""
        self._count += 1
        return CPythonExecution(self, self._count, program, limits, seed)

    def time(self) -> float:
        """Return the time of the engine's loop."""
        return self._loop.time()

    def processes(self) -> list[int]:
        """Return the ids of the worker processes."""
        return [worker.process_id() for worker in self._workers]

    # -- what executions ask for ------------------------------------------------------------------------------

    def place(self, execution: "CPythonExecution") -> None:
        """Run the execution's first turn as soon as a worker is free for it."""
        if self._closed:
            raise EngineCrashed("the engine was closed")
        self._executions[execution.number] = execution
        self._unplaced.append(execution)
        self._pump()

    def resume(self, worker: WorkerProcess, execution: "CPythonExecution") -> None:
        """Run a further turn of an execution on the worker where it lives."""
        worker.backlog.append(execution.send_turn)
        self._pump()

    def forget(self, execution: "CPythonExecution") -> None:
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
        now = self._loop.time()
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
            self._wake_up = self._loop.call_at(max(later, now + 0.001), self._pump_later)

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
            task = self._loop.create_task(self._replace())
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
        worker = WorkerProcess(self, self._loop)
        try:
            await worker.start(self._compiled)
            await worker.ready
        except BaseException:
            worker.close()
            raise
        self._workers.append(worker)


class CPythonExecution:
    """One program in one isolate of one worker."""

    def __init__(self, engine: CPythonEngine, number: int, program: Program, limits: Limits, seed: int) -> None:
        self.number = number
        self.worker: WorkerProcess | None = None
        self._engine = engine
        self._program = program
        self._limits = limits
        self._seed = seed
        self._turn: asyncio.Future[Progress] | None = None
        self._payload = b""
        self._output: list[str] = []
        self._calls = 0
        self._memory_bytes = 0
        """As the guest last said; it cannot say more once it was stopped from outside."""
        self._ended = False
        self._lost: str | None = None

    async def start(self, inputs: Mapping[str, Any], *, now: int) -> Progress:
        """Begin the first turn; see `sandbox.engine.Execution`."""
        size = len(self._program.source.encode())
        if size > self._limits.source_bytes:
            return LimitExceeded(limit="source_bytes", allowed=self._limits.source_bytes)
        request = messages.request(self._program, inputs, seed=self._seed, now=now, limits=self._limits)
        assignment = wire.Assignment(
            fuel=self._limits.fuel,
            cpu_seconds=self._limits.cpu_seconds,
            memory_bytes=self._limits.memory_bytes,
            output_bytes=self._limits.output_bytes,
            seed=self._seed,
            now=now,
        )
        self._payload = wire.start_payload(assignment, request)
        return await self._take_turn(lambda: self._engine.place(self))

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        """Begin a further turn; see `sandbox.engine.Execution`."""
        worker = self.worker
        if self._lost is not None:
            raise EngineCrashed(self._lost)
        if self._ended or worker is None or self._turn is not None:
            raise MisuseError("the execution is not blocked")
        self._payload = wire.advance_payload(now, messages.reply(outcomes, now=now, limits=self._limits))
        return await self._take_turn(lambda: self._engine.resume(worker, self))

    def close(self) -> None:
        """End the execution wherever it is."""
        if self._ended:
            return
        if self.worker is not None:
            self.worker.cancel(self.number)
        self._end()
        if self._turn is not None and not self._turn.done():
            self._turn.cancel()

    def lose(self, reason: str) -> None:
        """The worker is gone, and the execution with it."""
        self._lost = reason
        self._end()
        if self._turn is not None and not self._turn.done():
            self._turn.set_exception(EngineCrashed(reason))

    # -- turns ------------------------------------------------------------------------------------------------

    async def _take_turn(self, begin: Any) -> Progress:
        self._turn = self._engine._loop.create_future()  # noqa: SLF001 - one unit in two classes
        try:
            begin()
            return await self._turn
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._turn = None

    def send_start(self, worker: WorkerProcess) -> None:
        """Send the first turn to the worker that was chosen."""
        self.worker = worker
        worker.live.add(self.number)
        worker.last_start = self._engine.time()
        self._send(worker, FrameKind.START)

    def send_turn(self) -> None:
        """Send a further turn."""
        if not self._ended and self.worker is not None:
            self._send(self.worker, FrameKind.ADVANCE)

    def _send(self, worker: WorkerProcess, kind: FrameKind) -> None:
        worker.begin_turn(self.number)
        worker.send(kind, self.number, self._payload)
        self._payload = b""

    def frame_received(self, kind: FrameKind, payload: bytes) -> None:
        """Take a frame of this execution."""
        if kind is FrameKind.OUTPUT:
            self._output.append(wire.read_text(payload))
            return
        if self._turn is None or self._turn.done():
            raise BadFrame("no turn under way")
        fuel, cpu_seconds, text = wire.read_end(payload)
        spent = Spent(fuel=fuel, cpu_seconds=cpu_seconds, memory_bytes=self._memory_bytes)
        output = "".join(self._output)
        self._output.clear()
        progress = self._progress(kind, text, output, spent)
        if not isinstance(progress, Blocked):
            if kind is FrameKind.BLOCKED and self.worker is not None:
                self.worker.cancel(self.number)
            self._end()
        self._turn.set_result(progress)

    def _progress(self, kind: FrameKind, text: str, output: str, spent: Spent) -> Progress:
        try:
            if kind is FrameKind.BLOCKED:
                return self._blocked(text, output, spent)
            if kind is FrameKind.FINISHED:
                return self._final(text, output, spent)
        except messages.BadMessage:
            return Raised(error=_aborted(), output=output, spent=spent)
        except ValueTooLarge as error:
            report = ErrorReport(kind="limit", type="LimitExceeded", message=str(error), hint="pass less of it")
            return Raised(error=report, output=output, spent=spent)
        return self._stopped(text, output, spent)

    def _blocked(self, text: str, output: str, spent: Spent) -> Progress:
        waiting = messages.read_blocked(text, self._limits)
        self._memory_bytes = waiting.memory_bytes
        spent = replace(spent, memory_bytes=waiting.memory_bytes)
        expected = range(self._calls + 1, self._calls + 1 + len(waiting.new_calls))
        if [call.number for call in waiting.new_calls] != [*expected]:
            raise messages.BadMessage("numbers of calls")
        self._calls += len(waiting.new_calls)
        known = all(0 < number <= self._calls for number in waiting.waiting_for)
        if not known or not (waiting.waiting_for or waiting.wake_at is not None):
            raise messages.BadMessage("waits for nothing that can happen")
        if self._calls > self._limits.calls:
            return LimitExceeded(limit="calls", allowed=self._limits.calls, output=output, spent=spent)
        return Blocked(
            new_calls=waiting.new_calls,
            waiting_for=waiting.waiting_for,
            wake_at=waiting.wake_at,
            cancelled_calls=waiting.cancelled_calls,
            output=output,
            spent=spent,
        )

    def _final(self, text: str, output: str, spent: Spent) -> Progress:
        final = messages.read_final(text, self._limits)
        spent = replace(spent, memory_bytes=final.memory_bytes)
        if final.error is None:
            return Returned(value=final.value, output=output, spent=spent)
        if final.error.kind == "limit" and final.error.type == "MemoryError":
            return LimitExceeded(
                limit="memory_bytes",
                allowed=self._limits.memory_bytes,
                output=output,
                spent=spent,
                traceback=final.error.traceback,
            )
        return Raised(error=final.error, output=output, spent=spent)

    def _stopped(self, reason: str, output: str, spent: Spent) -> Progress:
        if reason == "stack":
            return LimitExceeded(limit="stack", output=output, spent=spent)
        if reason in ("fuel", "cpu_seconds", "output_bytes"):
            allowed = getattr(self._limits, reason)
            truncated = reason == "output_bytes"
            return LimitExceeded(limit=reason, allowed=allowed, output=output, spent=spent, output_truncated=truncated)
        return Raised(error=_aborted(), output=output, spent=spent)

    def _end(self) -> None:
        self._ended = True
        self._engine.forget(self)


def _aborted() -> ErrorReport:
    return ErrorReport(
        kind="runtime",
        type="InterpreterAborted",
        message="the interpreter ended in the middle of the program",
        hint="the program drove the interpreter into a state that it cannot leave; write it another way",
    )
