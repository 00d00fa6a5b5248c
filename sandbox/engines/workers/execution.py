"""One execution, parent's side: sends turns to the worker where it lives, checks what comes back, tells who waits.

The worker is trusted with numbers (fuel, processor time), its guest with nothing: see `messages`.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from sandbox.compiled import fits
from sandbox.engines.workers import messages, wire
from sandbox.engines.workers.ahead import Ahead
from sandbox.engines.workers.beginning import Beginning
from sandbox.engines.workers.crossing import LimitReached
from sandbox.engines.workers.frame_order import Bounds
from sandbox.engines.workers.process import WorkerProcess
from sandbox.engines.workers.reuse import Kept, key_of, may_be_kept
from sandbox.engines.workers.turn_ends import TurnEnd, TurnEnds, known_notes
from sandbox.engines.workers.wire import BadFrame, FrameKind
from sandbox.errors import EngineCrashed, ExecutionParked, MisuseError
from sandbox.limits import Limits
from sandbox.turns import (
    Blocked,
    LimitExceeded,
    Outcome,
    Program,
    Progress,
    Turn,
)
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of

# A guest that computes is stopped within a few ticks of 10 ms.
_LAST_WORDS_SECONDS = 1.0


class Placement(Protocol):
    """What an execution asks its engine for."""

    loop: asyncio.AbstractEventLoop
    version: str
    counts_fuel: bool
    """Whether workers count instructions and memory."""

    def hosted(self) -> int:
        """Return how many executions have begun and not ended."""

    def place(self, execution: "WorkerExecution") -> None:
        """Run the first turn as soon as a worker is free for it."""

    def resume(self, worker: WorkerProcess, execution: "WorkerExecution") -> None:
        """Run a further turn on the worker where the execution lives."""

    def forget(self, execution: "WorkerExecution") -> None:
        """Drop an execution that has ended."""

    def make_room(self, worker: WorkerProcess) -> None:
        """Free memory in a worker that has none for another program."""


class WorkerExecution:
    """One program in one isolate of one worker."""

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
        self.number = number
        self.worker: WorkerProcess | None = None
        self._engine = engine
        self._program = program
        self._limits = limits
        self._beginning = Beginning(program, limits, seed, compile_only=compile_only)
        self._turn: asyncio.Future[Progress] | None = None
        self._turns: list[wire.Turn] = []
        """What is to be sent as soon as it is this execution's turn."""
        self._ahead = Ahead(limits)
        self._ends = TurnEnds(limits, counts=engine.counts_fuel)
        self._output = b""
        self._notes: list[tuple[str, int]] = []
        self._reading = False
        self._taken = False
        self._ended = False
        self._lost: EngineCrashed | ExecutionParked | None = None
        self._cut: asyncio.Future[Progress | None] | None = None
        """The end of a turn that was under way when the execution was closed."""
        self._placed: Callable[[], None] | None = None
        self.key = None if compile_only else key_of(program, limits)
        self.takes_over: Kept | None = None
        self.leaves_isolate = False
        self.is_interruptible = program.interruptible
        self.waits_since = 0.0
        """When its last turn ended, on the loop's clock."""

    def foresee(self, turns: Iterator[Turn]) -> None:
        """Be told which turns will follow; see `sandbox.engine.Execution`."""
        self._ahead.foresee(turns)

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        """Begin the first turn; see `sandbox.engine.Execution`."""
        self._placed = placed
        size = len(self._program.source.encode())
        if size > self._limits.source_bytes:
            return LimitExceeded(limit="source_bytes", allowed=self._limits.source_bytes)
        self._check_compiled()
        await self._beginning.write(inputs, now=now, crossing=self._ends.crossing)
        return await self._take_turn(lambda: self._engine.place(self))

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        """Begin a further turn; see `sandbox.engine.Execution`."""
        worker = self.worker
        if self._lost is not None:
            raise self._lost
        if self._ended or worker is None or self._turn is not None:
            raise MisuseError("the execution is not blocked")
        try:
            was_sent = self._ahead.is_used and self._was_sent(worker, outcomes, now)
            if not was_sent:
                await self._write_turn(outcomes, now)
        except LimitReached as reached:
            self.close()
            return self._ends.limit_exceeded(reached, output="", spent=self._ends.spent)
        self._ends.delivered.update([outcome.number for outcome in outcomes])
        if was_sent:
            return await self._take_turn(self._read_ahead)
        return await self._take_turn(lambda: self._engine.resume(worker, self))

    def is_alone(self) -> bool:
        """Say whether its workers have no other one."""
        return self._engine.hosted() == 1

    def close(self) -> None:
        """End the execution wherever it is."""
        if self._ended:
            return
        if self.worker is not None:
            self.worker.cancel(self.number)
            if self._turn is not None:
                self._cut = self._engine.loop.create_future()
        self._end()
        if self._turn is not None and not self._turn.done():
            self._turn.cancel()

    async def stop(self) -> Progress | None:
        """Close it, and return what is heard of the turn that was cut off; see `sandbox.engine.Execution`."""
        self.close()
        if self._cut is None:
            return None
        await asyncio.wait([self._cut], timeout=_LAST_WORDS_SECONDS)
        return self._cut.result() if self._cut.done() else None

    @property
    def is_cut_off(self) -> bool:
        """Whether it was closed in the middle of a turn whose end has not come yet."""
        return self._cut is not None and not self._cut.done()

    def lose(self, reason: str) -> None:
        """The worker is gone, and the execution with it."""
        # Whoever asks for a turn only now had none there.
        self._lost = EngineCrashed(reason, under_way=False)
        if self._cut is not None and not self._cut.done():
            self._cut.set_result(None)
        self._end()
        self._fail_turn(EngineCrashed(reason, under_way=self._taken))

    def run_out_of_time(self) -> None:
        """The worker was ended because a turn used up the processor time."""
        ended = LimitExceeded(limit="cpu_seconds", allowed=self._limits.cpu_seconds, spent=self._ends.spent)
        self._end()
        if self._cut is not None and not self._cut.done():
            self._cut.set_result(ended)
        if self._turn is not None and not self._turn.done():
            self._turn.set_result(ended)

    def park(self) -> None:
        """Give the isolate up; the turn that is under way, or the next one, is `ExecutionParked`."""
        if self._ended:
            return
        self._lost = ExecutionParked()
        if self.worker is not None:
            self.worker.cancel(self.number)
        self._end()
        self._fail_turn(self._lost)

    @property
    def is_computing(self) -> bool:
        """Whether a turn is under way, or waits for its worker."""
        return self._turn is not None

    @property
    def is_waiting(self) -> bool:
        """Whether it lives in a worker and its last turn has ended, also when nobody has taken note of that yet."""
        if self.worker is None or self.worker.is_computing(self.number):
            return False
        return self._turn is None or self._turn.done()

    def _fail_turn(self, error: EngineCrashed | ExecutionParked) -> None:
        if self._turn is not None and not self._turn.done():
            self._turn.set_exception(error)

    def _check_compiled(self) -> None:
        code = self._program.compiled
        if code is not None and not fits(code, self._program, engine_version=self._engine.version):
            raise MisuseError(
                "the compiled code is of another program, guest, policy, whitelist or tenant: compile it again"
            )

    # -- turns ------------------------------------------------------------------------------------------------

    async def _write_turn(self, outcomes: Sequence[Outcome], now: int) -> None:
        """Write what a turn begins with, and those that are known to follow it."""
        made, crossing = self._ends.made, self._ends.crossing
        reply = await in_its_place(
            weight_of([outcome.value for outcome in outcomes], enough=HEAVY_BYTES),
            lambda: messages.reply(outcomes, now=now, limits=self._limits, made=made, crossing=crossing),
        )
        self._turns = [(now, reply)]
        if self._ahead.is_used:
            self._ahead.skip()
            self._turns += self._ahead.batch()

    def _was_sent(self, worker: WorkerProcess, outcomes: Sequence[Outcome], now: int) -> bool:
        """Say whether the worker goes through this turn already, or has; what it has dropped is to be sent again."""
        if not (self._ahead.ends or worker.is_computing(self.number)):
            self._ahead.recall()
        return self._ahead.take(outcomes, now=now, so_far=self._ends)

    def _read_ahead(self) -> None:
        """Take up what the worker has said already of a turn that it was sent ahead, if it has."""
        if self._ahead.ends:
            self._read_end(self._ahead.ends.popleft())

    async def _take_turn(self, begin: Callable[[], None]) -> Progress:
        # The worker may have died, or the execution been closed, while what it is to be told was written.
        if self._lost is not None:
            raise self._lost
        if self._ended:
            raise MisuseError("the execution was closed")
        self._turn = self._engine.loop.create_future()
        try:
            begin()
            return await self._turn
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._turn = None

    def send_start(self, worker: WorkerProcess) -> bool:
        """Send the first turn to the worker that was chosen; return whether there was still one to send."""
        if self._ended:
            return False
        self.worker = worker
        self._ends.memory_bytes = worker.fresh_bytes
        message_bytes = max(self._limits.memory_bytes, worker.fresh_bytes)
        bounds = Bounds(output_bytes=self._limits.output_bytes, message_bytes=message_bytes)
        isolate = 0 if self.takes_over is None else self.takes_over.number
        self.takes_over = None
        turns = self._ahead.batch()
        worker.start_program(self.number, self._beginning.take(isolate, turns), bounds, turns=1 + len(turns))
        if self._placed is not None:
            self._placed()
        return True

    def send_turn(self) -> bool:
        """Send a further turn; return whether there was still one to send."""
        if self._ended or self.worker is None:
            return False
        turns, self._turns = self._turns, []
        self.worker.advance(self.number, wire.advance_payload(turns), turns=len(turns))
        return True

    def frame_received(self, kind: FrameKind, payload: bytes) -> None:
        """Take a frame of this execution."""
        if kind is FrameKind.TAKEN:
            self._taken = True
        elif kind is FrameKind.OUTPUT:
            self._output = payload
        elif kind is FrameKind.NOTE:
            self._notes.append(wire.read_note(payload))
        elif self._cut is None:
            self._end_turn(kind, payload)
        elif not self._reading:
            self._hear_end(self._cut, payload)

    def _end_turn(self, kind: FrameKind, payload: bytes) -> None:
        fuel, cpu_seconds, text = wire.read_end(payload)
        if fuel > self._limits.fuel:
            raise BadFrame("more fuel than there was")
        if text == wire.NO_ROOM and kind is FrameKind.STOPPED and not self._taken:
            self.lose("its worker process has no room for it")
            if self.worker is not None:
                self._engine.make_room(self.worker)
            return
        end = TurnEnd(kind, text, wire.read_text(self._output), self._notes, fuel, cpu_seconds)
        self._output, self._notes = b"", []
        if self._turn is None or self._turn.done() or self._reading:
            self._ahead.hear(end)
        else:
            self._read_end(end)

    def _read_end(self, end: TurnEnd) -> None:
        if len(end.text) < HEAVY_BYTES:
            self._tell(end.kind, self._ends.read(end))
            return
        self._reading = True
        reading = self._engine.loop.run_in_executor(None, self._ends.read, end)
        reading.add_done_callback(lambda done: self._tell(end.kind, done.result()))

    def _hear_end(self, cut: asyncio.Future[Progress | None], payload: bytes) -> None:
        """The turn that was cut off has ended; however it did, nobody waits for its value or its calls."""
        fuel, cpu_seconds, _ = wire.read_end(payload[: wire.end_bytes(0)])
        used = min(fuel, self._limits.fuel)
        spent = self._ends.spent_of(used, cpu_seconds)
        cut.set_result(Progress(output=wire.read_text(self._output), spent=spent, notes=known_notes(self._notes)))
        self._engine.forget(self)

    def _tell(self, kind: FrameKind, progress: Progress) -> None:
        """Answer whoever took the turn, unless nobody waits any more."""
        self._reading = False
        if kind is FrameKind.FINISHED and self.key is not None and self.worker is not None:
            self._leave_isolate(self.worker, progress)
        if self._cut is not None and not self._cut.done():
            self._cut.set_result(progress)
            self._engine.forget(self)
        if self._turn is None or self._turn.done():
            return
        if not isinstance(progress, Blocked):
            if kind is FrameKind.BLOCKED and self.worker is not None:
                self.worker.cancel(self.number)
            self._end()
        self.waits_since = self._engine.loop.time()
        self._turn.set_result(progress)

    def _leave_isolate(self, worker: WorkerProcess, progress: Progress) -> None:
        """The worker has kept the isolate: leave it to the next run, or have it thrown away."""
        fits = may_be_kept(progress, fresh_bytes=worker.fresh_bytes, allowed_bytes=self._limits.memory_bytes)
        self.leaves_isolate = fits and self._turn is not None and not self._turn.done()
        if not self.leaves_isolate:
            worker.drop_isolate(self.number)

    def _end(self) -> None:
        self._ended = True
        self._engine.forget(self)
