"""One execution, parent's side: turns sent to the worker where it lives, what comes back checked and told.

The worker is trusted with numbers (fuel, processor time), its guest with nothing: see `messages`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from sandbox.compiled import fits
from sandbox.engines.workers import messages, wire
from sandbox.engines.workers.beginning import Beginning
from sandbox.engines.workers.crossing import Crossing, LimitReached, allowed_by
from sandbox.engines.workers.order import Bounds
from sandbox.engines.workers.process import WorkerProcess
from sandbox.engines.workers.reuse import Kept, key_of, may_be_kept
from sandbox.engines.workers.wire import BadFrame, FrameKind
from sandbox.errors import EngineCrashed, ExecutionParked, HashesCollide, MisuseError
from sandbox.limits import Limits
from sandbox.policy import NOTES
from sandbox.turns import (
    Blocked,
    Call,
    ErrorReport,
    LimitExceeded,
    Note,
    Outcome,
    Program,
    Progress,
    Raised,
    Returned,
    Spent,
)
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of

# A guest that computes is stopped within a few ticks of 10 ms.
_LAST_WORDS_SECONDS = 1.0


class Placement(Protocol):
    """What an execution asks its engine for."""

    loop: asyncio.AbstractEventLoop
    version: str

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
        self._payload = b""
        self._output = b""
        self._notes: list[tuple[str, int]] = []
        self._made: list[Call] = []
        self._delivered: set[int] = set()
        self._reading = False
        self._taken = False
        self._spent = Spent()
        self._crossing = Crossing(limits)
        self._memory_bytes = 0
        """As the guest last said; it cannot say more once it was stopped from outside."""
        self._ended = False
        self._lost: EngineCrashed | ExecutionParked | None = None
        self._cut: asyncio.Future[Progress | None] | None = None
        """The end of a turn that was under way when the execution was closed."""
        self._placed: Callable[[], None] | None = None
        self.key = None if compile_only else key_of(program, limits)
        self.takes_over: Kept | None = None
        self.leaves_isolate = False
        self.is_interruptible = program.interruptible

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        """Begin the first turn; see `sandbox.engine.Execution`."""
        self._placed = placed
        size = len(self._program.source.encode())
        if size > self._limits.source_bytes:
            return LimitExceeded(limit="source_bytes", allowed=self._limits.source_bytes)
        self._check_compiled()
        await self._beginning.write(inputs, now=now, crossing=self._crossing)
        return await self._take_turn(lambda: self._engine.place(self))

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        """Begin a further turn; see `sandbox.engine.Execution`."""
        worker = self.worker
        if self._lost is not None:
            raise self._lost
        if self._ended or worker is None or self._turn is not None:
            raise MisuseError("the execution is not blocked")
        try:
            reply = await in_its_place(
                weight_of([outcome.value for outcome in outcomes], enough=HEAVY_BYTES),
                lambda: messages.reply(
                    outcomes, now=now, limits=self._limits, made=self._made, crossing=self._crossing
                ),
            )
        except LimitReached as reached:
            self.close()
            return self._limit_exceeded(reached, output="", spent=self._spent)
        self._delivered.update(outcome.number for outcome in outcomes)
        self._payload = wire.advance_payload(now, reply)
        return await self._take_turn(lambda: self._engine.resume(worker, self))

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
        self._memory_bytes = worker.fresh_bytes
        message_bytes = max(self._limits.memory_bytes, worker.fresh_bytes)
        bounds = Bounds(output_bytes=self._limits.output_bytes, message_bytes=message_bytes)
        isolate = 0 if self.takes_over is None else self.takes_over.number
        self.takes_over = None
        worker.start_program(self.number, self._beginning.take(isolate), bounds)
        if self._placed is not None:
            self._placed()
        return True

    def send_turn(self) -> bool:
        """Send a further turn; return whether there was still one to send."""
        if self._ended or self.worker is None:
            return False
        self.worker.advance(self.number, self._take_payload())
        return True

    def _take_payload(self) -> bytes:
        payload, self._payload = self._payload, b""
        return payload

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
        if self._turn is None or self._turn.done() or self._reading:
            raise BadFrame("no turn under way")
        fuel, cpu_seconds, text = wire.read_end(payload)
        if fuel > self._limits.fuel:
            raise BadFrame("more fuel than there was")
        if text == wire.NO_ROOM and kind is FrameKind.STOPPED and not self._taken:
            self.lose("its worker process has no room for it")
            if self.worker is not None:
                self._engine.make_room(self.worker)
            return
        spent = Spent(fuel=fuel, cpu_seconds=cpu_seconds, memory_bytes=self._memory_bytes)
        self._spent = spent
        output, self._output = wire.read_text(self._output), b""
        notes, self._notes = self._notes, []
        if len(text) < HEAVY_BYTES:
            self._tell(kind, self._noting(notes, kind, text, output, spent))
            return
        self._reading = True
        reading = self._engine.loop.run_in_executor(None, self._noting, notes, kind, text, output, spent)
        reading.add_done_callback(lambda done: self._tell(kind, done.result()))

    def _hear_end(self, cut: asyncio.Future[Progress | None], payload: bytes) -> None:
        """The turn that was cut off has ended; however it did, nobody waits for its value or its calls."""
        fuel, cpu_seconds, _ = wire.read_end(payload[: wire.end_bytes(0)])
        spent = Spent(fuel=min(fuel, self._limits.fuel), cpu_seconds=cpu_seconds, memory_bytes=self._memory_bytes)
        notes = tuple(Note(code=code, line=line) for code, line in self._notes if code in NOTES)
        cut.set_result(Progress(output=wire.read_text(self._output), spent=spent, notes=notes))
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
        self._turn.set_result(progress)

    def _leave_isolate(self, worker: WorkerProcess, progress: Progress) -> None:
        """The worker has kept the isolate: leave it to the next run, or have it thrown away."""
        fits = may_be_kept(progress, fresh_bytes=worker.fresh_bytes, allowed_bytes=self._limits.memory_bytes)
        self.leaves_isolate = fits and self._turn is not None and not self._turn.done()
        if not self.leaves_isolate:
            worker.drop_isolate(self.number)

    def _noting(self, noted: list[tuple[str, int]], kind: FrameKind, text: str, output: str, spent: Spent) -> Progress:
        """Return how the turn ended, with what was noted in it; a note that there is not was forged."""
        if noted and any(code not in NOTES for code, _ in noted):
            return Raised(error=_aborted(), output=output, spent=spent)
        progress = self._progress(kind, text, output, spent)
        return replace(progress, notes=tuple(Note(code=code, line=line) for code, line in noted)) if noted else progress

    def _progress(self, kind: FrameKind, text: str, output: str, spent: Spent) -> Progress:
        try:
            if kind is FrameKind.BLOCKED:
                return self._blocked(text, output, spent)
            if kind is FrameKind.FINISHED:
                return self._final(text, output, spent)
        except LimitReached as reached:
            return self._limit_exceeded(reached, output=output, spent=spent)
        except HashesCollide as error:
            report = ErrorReport(kind="type", type="ValueRejected", message=str(error), hint=error.reason)
            return Raised(error=report, output=output, spent=spent)
        except Exception:  # noqa: BLE001 - whatever a guest's words do to us ends the guest, and nothing else
            return Raised(error=_aborted(), output=output, spent=spent)
        return self._stopped(text, output, spent)

    def _blocked(self, text: str, output: str, spent: Spent) -> Progress:
        made = len(self._made)
        calls_left = self._limits.calls - made
        waiting = messages.read_blocked(text, self._limits, calls_left=calls_left, crossing=self._crossing)
        self._memory_bytes = waiting.memory_bytes
        if waiting.memory_bytes != spent.memory_bytes:
            spent = replace(spent, memory_bytes=waiting.memory_bytes)
        expected = range(made + 1, made + 1 + len(waiting.new_calls))
        if [call.number for call in waiting.new_calls] != [*expected]:
            raise messages.BadMessage("numbers of calls")
        self._made += waiting.new_calls
        named = [*waiting.waiting_for, *waiting.cancelled_calls]
        known = not named or (min(named) > 0 and max(named) <= len(self._made))
        if not known or not self._delivered.isdisjoint(waiting.waiting_for):
            raise messages.BadMessage("calls that there are not, or that were answered")
        if not (waiting.waiting_for or waiting.wake_at is not None):
            raise messages.BadMessage("waits for nothing that can happen")
        return Blocked(
            new_calls=waiting.new_calls,
            waiting_for=waiting.waiting_for,
            wake_at=waiting.wake_at,
            cancelled_calls=waiting.cancelled_calls,
            output=output,
            spent=spent,
        )

    def _final(self, text: str, output: str, spent: Spent) -> Progress:
        final = messages.read_final(text, self._limits, crossing=self._crossing)
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

    def _limit_exceeded(self, reached: LimitReached, *, output: str, spent: Spent) -> LimitExceeded:
        if reached.memory_bytes is not None:
            spent = replace(spent, memory_bytes=reached.memory_bytes)
        return LimitExceeded(
            limit=reached.limit,
            allowed=allowed_by(self._limits, reached.limit),
            detail=reached.detail,
            line=reached.line,
            output=output,
            spent=spent,
        )

    def _stopped(self, reason: str, output: str, spent: Spent) -> Progress:
        if reason == "stack":
            return LimitExceeded(limit="stack", output=output, spent=spent)
        if reason in ("fuel", "cpu_seconds", "output_bytes", "memory_bytes"):
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
