"""Worker processes and who lives in them: placement of turns, replacement of the dead, walls that are missing.

Everything here runs on one event loop, without locks. See `process.WorkerProcess` for how turns are placed.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_
from pathlib import Path

from sandbox.engine import EngineCounts
from sandbox.engines.workers import walls
from sandbox.engines.workers.execution import WorkerExecution
from sandbox.engines.workers.loop_spinning import LoopSpinner
from sandbox.engines.workers.process import TURN_ENDS, Launch, WorkerProcess, ending
from sandbox.engines.workers.reuse import Pools
from sandbox.engines.workers.walls import EVERY, Wall
from sandbox.engines.workers.wire import FrameKind
from sandbox.errors import EngineCrashed, EngineUnavailable
from sandbox.limits import Limits
from sandbox.turns import Program, Progress

# More workers than cores: the system shares the cores between a guest that computes for long and the short ones.
WORKERS_BEYOND_CORES = 2
_STARTS_BEFORE_GIVING_UP = 3


class WorkerPool:
    """What an engine is whose executions live in worker processes; it adds what its workers are.

    Args:
        version: of the engine.
        launch: starts a worker process.
        workers: how many; default: the cores that this process may use, and two.
        live_per_worker: how many executions live in one at a time; further programs wait, interruptible ones give way.
        require_walls: do not open where the kernel lacks a wall of the worker processes.
        say: is told in a line what takes long, which walls are missing, how a worker ended that was not told to.
    """

    name: str
    executions: type[WorkerExecution] = WorkerExecution
    counts_fuel = True
    """Whether its workers count instructions and memory."""
    parks_after_seconds: float | None = None
    """After how long any execution that waits gives way to a program that has no room; None: if interruptible."""
    walls = EVERY
    """Those that its workers can stand behind."""
    out_of_time: int | None = None
    """The signal by which the kernel ends a worker that used up its processor time for a program."""

    def __init__(
        self,
        *,
        version: str,
        launch: Launch,
        workers: int | None,
        live_per_worker: int,
        require_walls: bool,
        say: Callable[[str], None],
    ) -> None:
        self.version = version
        self._say = say
        self._require_walls = require_walls
        self._launch = launch
        self._complaint = ""
        self._live_per_worker = live_per_worker
        self._wanted = workers or len(os.sched_getaffinity(0)) + WORKERS_BEYOND_CORES
        self._workers: list[WorkerProcess] = []
        self._executions: dict[int, WorkerExecution] = {}
        self._unplaced: deque[tuple[int, WorkerExecution]] = deque()
        self._arrivals = 0
        self._count = 0
        self._closed = False
        self._deaths = 0
        self._failed_starts = 0
        self._wake_up: asyncio.TimerHandle | None = None
        self._park_again: asyncio.TimerHandle | None = None
        self._replacing: set[asyncio.Task[None]] = set()

    def material(self) -> Path:
        """Return what each worker is started with; may block.

        Raises:
            EngineUnavailable: it is not there.
        """
        raise NotImplementedError

    async def open(self) -> None:
        """Start the workers.

        Raises:
            EngineUnavailable: what they need is not there, none could start, or a wall is missing that is required.
        """
        self.loop = asyncio.get_running_loop()
        self._pools = Pools(self.loop, self._line_up)
        self._spinner = LoopSpinner(self.loop, lambda: self.computing() == 1)
        starts: list[asyncio.Task[None]] = []
        try:
            await asyncio.to_thread(self.material)
            starts += [self.loop.create_task(self._start_worker()) for _ in range(self._wanted)]
            await asyncio.gather(*starts)
        except BaseException as error:
            for start in starts:
                start.cancel()
            await asyncio.gather(*starts, return_exceptions=True)
            await self.close()
            if isinstance(error, OSError):
                raise EngineUnavailable(f"no worker process could be started: {error}") from error
            raise

    async def close(self) -> None:
        """End all executions and processes."""
        self._closed = True
        for timer in (self._wake_up, self._park_again):
            if timer is not None:
                timer.cancel()
        for task in [*self._replacing]:
            task.cancel()
        for execution in [*self._executions.values()]:
            execution.lose("the engine was closed")
        self._pools.close()
        for worker in self._workers:
            worker.close()
        self._workers.clear()
        await asyncio.gather(*self._replacing, return_exceptions=True)
        # Transports report their end in the next round of the loop.
        await asyncio.sleep(0)

    def execution(self, program: Program, *, limits: Limits, seed: int) -> WorkerExecution:
        """Return a new execution; nothing runs before its `start`."""
        self._count += 1
        return self.executions(self, self._count, program, limits, seed)

    async def compiled(self, program: Program, limits: Limits) -> Progress:
        """Have a program compiled where nothing has run, and return what is said of that."""
        self._count += 1
        source = replace(program, compiled=None, reuse=None, interruptible=False)
        execution = self.executions(self, self._count, source, limits, 0, compile_only=True)
        try:
            return await execution.start({}, now=0)
        finally:
            execution.close()

    def is_ready(self) -> bool:
        """Say whether a worker lives; one that is dead counts as such before the engine was told."""
        return not self._closed and any(worker.is_alive() for worker in self._workers)

    def hosted(self) -> int:
        """Return how many programs have anything to do with it."""
        return len(self._executions)

    def processes(self) -> list[int]:
        """Return the ids of the worker processes."""
        return [worker.process_id() for worker in self._workers]

    def computing(self) -> int:
        """Return how many executions compute, in all workers."""
        return sum(worker.computing() for worker in self._workers)

    def counts(self) -> EngineCounts:
        """Return what the workers have in hand."""
        computing = self.computing()
        return EngineCounts(
            workers=len(self._workers),
            worker_deaths=self._deaths,
            computing=computing,
            waiting=sum(len(worker.live) for worker in self._workers) - computing,
            ready=sum(worker.spare_isolates for worker in self._workers),
        )

    def in_force(self) -> Wall:
        """Return the walls that stand around every worker, as the workers say."""
        return reduce(and_, (worker.in_force for worker in self._workers), EVERY)

    def descriptors(self) -> list[int]:
        """Return the descriptors of the channels to the workers; a forked child has to close them."""
        return [worker.descriptor() for worker in self._workers]

    # -- what executions ask for ------------------------------------------------------------------------------

    def place(self, execution: WorkerExecution) -> None:
        """Run the execution's first turn as soon as a worker is free for it."""
        if self._closed:
            raise EngineCrashed("the engine was closed")
        self._executions[execution.number] = execution
        if execution.key is None:
            self._line_up(execution)
        else:
            self._pools.admit(execution, execution.key)

    def _line_up(self, execution: WorkerExecution) -> None:
        self._arrivals += 1
        kept = execution.takes_over
        if kept is None:
            self._unplaced.append((self._arrivals, execution))
        else:
            kept.worker.backlog.append((self._arrivals, lambda: execution.send_start(kept.worker)))
        self._pump()

    def resume(self, worker: WorkerProcess, execution: WorkerExecution) -> None:
        """Run a further turn of an execution on the worker where it lives."""
        if worker not in self._workers:
            raise EngineCrashed("its worker process died")
        if not (worker.computing() or worker.backlog or self._unplaced):
            # Nobody stands in line: most turns go this way.
            execution.send_turn()
            self._spinner.spin()
            return
        self._arrivals += 1
        worker.backlog.append((self._arrivals, execution.send_turn))
        self._pump()

    def forget(self, execution: WorkerExecution) -> None:
        """Drop an execution that has ended, wherever it is; one that was cut off is heard until it says so."""
        if not execution.is_cut_off:
            self._executions.pop(execution.number, None)
        worker = execution.worker
        if worker is None:
            self._unplaced = deque(entry for entry in self._unplaced if entry[1] is not execution)
        else:
            worker.live.discard(execution.number)
        if execution.key is not None:
            self._pools.release(execution, execution.key)
        if worker is not None:
            self._pump()

    def make_room(self, worker: WorkerProcess) -> None:
        """Free memory in a worker: what it keeps for later, and what an interruptible run holds there."""
        self._pools.drop_of(worker)
        giving_way = self._giving_way([worker])
        if giving_way is not None:
            giving_way.park()

    def _pump(self) -> None:
        """Hand turns to every worker that has no young one; come back when the next one stops being young."""
        if self._unplaced:
            self._have_room_made()
        elif not any(worker.backlog for worker in self._workers):
            return
        now = self.loop.time()
        # The one whose last program is longest ago has had the most time to make isolates ahead.
        for worker in sorted(self._workers, key=lambda one: (one.computing(), one.last_start)):
            if worker.busy_until() <= now:
                self._hand_turn(worker)
        if self._wake_up is None:
            later = [worker.busy_until() for worker in self._workers if self._could_take(worker)]
            if later:
                self._wake_up = self.loop.call_at(max(min(later), now + 0.001), self._pump_later)

    def _hand_turn(self, worker: WorkerProcess) -> None:
        """Give a worker the oldest turn that it can run: of an execution that lives there, or of a new one."""
        while self._could_take(worker):
            backlog, unplaced = worker.backlog, self._unplaced
            start = not backlog or (self._has_room(worker) and unplaced and unplaced[0][0] < backlog[0][0])
            if start:
                unplaced.popleft()[1].send_start(worker)
                return
            if backlog.popleft()[1]():
                return

    def _could_take(self, worker: WorkerProcess) -> bool:
        return bool(worker.backlog) or (bool(self._unplaced) and self._has_room(worker))

    def _has_room(self, worker: WorkerProcess) -> bool:
        """Say whether a worker can take another program; one that is dead cannot, though nobody was told yet."""
        return len(worker.live) < self._live_per_worker and worker.is_alive()

    def _have_room_made(self) -> None:
        """Let an interruptible run give way to the oldest program that is not, and has no room in any worker."""
        if any(self._has_room(worker) for worker in self._workers):
            return
        if self.parks_after_seconds is not None:
            self._park_waiting(self.parks_after_seconds)
        waiting = next((entry for entry in self._unplaced if not entry[1].is_interruptible), None)
        giving_way = self._giving_way(self._workers)
        if waiting is not None and giving_way is not None:
            # Before the place is free: this is who it is for.
            self._unplaced.remove(waiting)
            self._unplaced.appendleft((0, waiting[1]))
            giving_way.park()

    def _park_waiting(self, after_seconds: float) -> None:
        """Let those that have waited for so long give way to as many programs; come back when others have."""
        now = self.loop.time()
        waiting = [one for one in self._executions.values() if one.is_waiting]
        waiting.sort(key=lambda one: one.waits_since)
        for one in waiting[: len(self._unplaced)]:
            left = one.waits_since + after_seconds - now
            if left <= 0:
                one.park()
            elif self._park_again is None:
                self._park_again = self.loop.call_later(left, self._park_later)

    def _park_later(self) -> None:
        self._park_again = None
        self._pump()

    def _giving_way(self, workers: Sequence[WorkerProcess]) -> WorkerExecution | None:
        """Return which interruptible run of these workers is parked: the oldest that waits, else the youngest."""
        live = [one for one in self._executions.values() if one.is_interruptible and one.worker in workers]
        return next((one for one in live if not one.is_computing), live[-1] if live else None)

    def _pump_later(self) -> None:
        self._wake_up = None
        self._pump()

    # -- what workers report ----------------------------------------------------------------------------------

    def frame_received(self, worker: WorkerProcess, kind: FrameKind, number: int, payload: bytes) -> None:
        """Pass a worker's frame on to its execution, unless nobody waits for that any more.

        Raises:
            BadFrame: no worker of ours would send it.
        """
        execution = self._executions.get(number)
        if execution is not None:
            execution.frame_received(kind, payload)
        if kind in TURN_ENDS and (worker.backlog or self._unplaced):
            self._pump()

    def worker_lost(self, worker: WorkerProcess) -> None:
        """Fail the executions of a dead worker and start another in its place."""
        status = worker.reap()
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        used_up = self.out_of_time is not None and status == -self.out_of_time
        if not (self._closed or used_up):
            self._deaths += 1
            self._say(f"a worker process ended: {ending(status)}; its runs go on in another one")
        for execution in [one for one in self._executions.values() if _is_bound_to(one, worker)]:
            if used_up and execution.is_computing:
                execution.run_out_of_time()
            else:
                execution.lose("its worker process died")
        self._pools.drop_of(worker)
        if not self._closed:
            task = self.loop.create_task(self._replace())
            self._replacing.add(task)
            task.add_done_callback(self._replacing.discard)

    async def _replace(self) -> None:
        while not self._closed:
            try:
                await self._start_worker()
            except (OSError, EngineUnavailable):
                self._failed_starts += 1
                if self._failed_starts >= _STARTS_BEFORE_GIVING_UP and not self._workers:
                    self._fail_unplaced()
                await asyncio.sleep(min(0.1 * 2 ** min(self._failed_starts, 6), 5.0))
            else:
                self._failed_starts = 0
                self._pump()
                return

    def _fail_unplaced(self) -> None:
        for _, execution in [*self._unplaced]:
            execution.lose("no worker process can be started")

    async def _start_worker(self) -> None:
        worker = WorkerProcess(self, self.loop, self._launch)
        try:
            await worker.start(await asyncio.to_thread(self.material))
            await worker.ready
            self._check_walls(worker)
        except BaseException:
            worker.close()
            raise
        if self._closed:
            worker.close()
            return
        self._workers.append(worker)

    def _check_walls(self, worker: WorkerProcess) -> None:
        lacking = [wall for wall in walls.gaps(worker.in_force) if wall in self.walls]
        if not lacking:
            return
        complaint = walls.complaint(lacking)
        if self._require_walls:
            raise EngineUnavailable(f"{complaint}; ISTHMUS_REQUIRE_WALLS=false starts without")
        if complaint != self._complaint:
            self._complaint = complaint
            self._say(f"warning: {complaint}; ISTHMUS_REQUIRE_WALLS=true refuses to start so")


def _is_bound_to(execution: WorkerExecution, worker: WorkerProcess) -> bool:
    """Say whether an execution lives in a worker, or is about to in an isolate that was kept there."""
    kept = execution.takes_over
    return execution.worker is worker or (kept is not None and kept.worker is worker)
