"""Runs one program to its end: turns in, calls out to Python functions, outcomes back.

This is the quick path, for runs that start and end within one request or one `await`. The turns are kept in memory:
when a worker dies, the program goes on in another one, which is handed the same turns again; no call is repeated.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox import values
from sandbox.calls import CallRecord, Calls
from sandbox.dispatch import HostFunction
from sandbox.engine import Engine, Execution
from sandbox.errors import EngineCrashed
from sandbox.limits import Limits
from sandbox.turns import (
    Blocked,
    Call,
    ErrorReport,
    Frame,
    LimitExceeded,
    Note,
    Outcome,
    Program,
    Progress,
    Raised,
    Returned,
    Spent,
)

# A program under which this many workers died is not tried again.
_MAX_CRASHES = 2
# Nor is any program, when workers keep dying that had not even begun with it.
_MAX_TRIES = 20
_PAUSE_AFTER_CRASH_SECONDS = 0.1
_SHOWN_SOURCE = 400
_LIMIT_HINTS = {
    "fuel": "the program computes too much: look for an endless loop, or ask for more fuel",
    "cpu_seconds": "the program computes for too long: look for an endless loop, or ask for more cpu_seconds",
    "wall_seconds": "the program and the functions it waits for take too long: make calls in parallel with "
    "asyncio.gather, or ask for more wall_seconds",
    "memory_bytes": "the program holds too much at once: handle the rows one after another, or ask for more",
    "output_bytes": "the program prints too much: return what matters as the last expression",
    "source_bytes": "the source is too long: pass the data in it under `inputs`",
    "value_bytes": "the values of all calls together are too large: pass and fetch less, or ask for more value_bytes",
    "calls": "the program calls too many functions: look for a loop that does not end, or ask for more calls",
    "stack": "a value or an expression is nested too deeply: use a flat list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run used."""

    fuel: int
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int
    calls: int
    queued_seconds: float = 0.0
    """Time before the program started, waiting for a worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a run ended: with a value, or with an error."""

    value: Any
    error: ErrorReport | None
    output: str
    output_truncated: bool
    calls: tuple[CallRecord, ...]
    usage: Usage
    notes: tuple[Note, ...] = ()
    """What was done for the program beside running it; what the text needed before is in `Source.notes`."""
    raised: BaseException | None = None
    """What the host function itself raised, when that is why the run failed; never shown to callers over HTTP."""


async def execute(
    engine: Engine,
    program: Program,
    *,
    inputs: Mapping[str, Any],
    functions: Mapping[str, HostFunction],
    limits: Limits,
    seed: int,
    now: int | None = None,
    queued_seconds: float | None = None,
) -> Finished:
    """Run `program` to its end and return what became of it; a failing program is an answer, not an exception.

    Args:
        functions: by name; a call of a name that is not in it, or not in `program.functions`, fails.
        now: nanoseconds since the epoch at which the run's clock starts; real time by default.
        queued_seconds: how long it may wait for a worker; by default as long as it takes.

    Raises:
        ValueRejected: an input cannot cross the wall.
        TimeoutError: it waited for a worker for longer than `queued_seconds`.
    """
    allowed = {spec.name for spec in program.functions}
    calls = Calls({name: one for name, one in functions.items() if name in allowed}, limits.concurrent_calls)
    run = _Run(engine, program, inputs, limits, seed, calls, _Clock(now))
    try:
        async with asyncio.timeout(queued_seconds) as deadline:
            run.on_start = lambda: deadline.reschedule(asyncio.get_running_loop().time() + limits.wall_seconds)
            progress = await run.drive()
    except TimeoutError:
        if not run.started:
            raise
        progress = LimitExceeded(limit="wall_seconds", allowed=limits.wall_seconds, spent=run.spent)
    except EngineCrashed:
        progress = Raised(error=_CRASHED, spent=run.spent)
    finally:
        await run.close()
    return run.finished(progress)


def refused(error: ErrorReport, notes: tuple[Note, ...] = ()) -> Finished:
    """Return how a run ended that never began: its program could not be compiled."""
    usage = Usage(fuel=0, cpu_seconds=0.0, wall_seconds=0.0, memory_bytes=0, output_bytes=0, calls=0)
    return Finished(value=None, error=error, output="", output_truncated=False, calls=(), usage=usage, notes=notes)


class _Clock:
    """The run's time: starts where it is told to, goes on as real time does, never backward."""

    def __init__(self, start: int | None) -> None:
        self._start = time.time_ns() if start is None else start
        self._origin = time.monotonic_ns()
        self.now = self._start

    def read(self, at_least: int = 0) -> int:
        """Return nanoseconds since the epoch."""
        self.now = max(self.now, at_least, self._start + time.monotonic_ns() - self._origin)
        return self.now

    def seconds_until(self, moment: int) -> float:
        """Return how long to wait for `moment`, at least 0."""
        return max(0, moment - self.read()) / 1e9


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a program asked for at the end of a turn, as far as a replay compares it."""

    new_calls: tuple[Call, ...]
    waiting_for: int
    """A digest: written out, the waiting calls of all turns would grow with the square of their number."""
    wake_at: int | None

    @staticmethod
    def of(blocked: Blocked) -> "_Asked":
        return _Asked(blocked.new_calls, hash(blocked.waiting_for), blocked.wake_at)

    def is_asked_by(self, progress: Progress) -> bool:
        """Compare by what crossed, not by `==`: NaN differs from itself, and True is 1."""
        return (
            isinstance(progress, Blocked)
            and self.waiting_for == hash(progress.waiting_for)
            and self.wake_at == progress.wake_at
            and [_text_of(call) for call in self.new_calls] == [_text_of(call) for call in progress.new_calls]
        )


def _text_of(call: Call) -> tuple[int, str, str]:
    return call.number, call.function, values.encode([list(call.args), call.kwargs])


class _Run:
    """One run under way: the live execution, its turns so far, its calls."""

    def __init__(
        self,
        engine: Engine,
        program: Program,
        inputs: Mapping[str, Any],
        limits: Limits,
        seed: int,
        calls: Calls,
        clock: _Clock,
    ) -> None:
        self._engine = engine
        self._program = program
        self._inputs = inputs
        self._limits = limits
        self._seed = seed
        self._calls = calls
        self._clock = clock
        self._arrived = time.monotonic()
        self._started: float | None = None
        self.on_start: Callable[[], None] = lambda: None
        """Called once, when the program leaves the queue."""
        self._first_turn = clock.now
        self._turns: list[tuple[_Asked, list[Outcome], int]] = []
        self._output: list[str] = []
        self._notes: list[Note] = []
        self._execution: Execution = engine.execution(program, limits=limits, seed=seed)
        self.spent = Spent()

    async def drive(self) -> Progress:
        """Take turns until the program has ended."""
        crashes = tries = 0
        blocked: Blocked | None = None
        while True:
            try:
                progress = await (self._replay() if blocked is None else self._next_turn(blocked))
            except EngineCrashed as crash:
                tries += 1
                crashes += crash.under_way
                if crashes >= _MAX_CRASHES or tries >= _MAX_TRIES:
                    raise
                blocked = None
                # Workers that die together are noticed one after the other; this program is not to be their test.
                await asyncio.sleep(_PAUSE_AFTER_CRASH_SECONDS)
                continue
            self._output.append(progress.output)
            self._notes += progress.notes
            self.spent = progress.spent
            if not isinstance(progress, Blocked):
                return progress
            blocked = progress

    def _note_start(self) -> None:
        """The program has left the queue; from now on its wall time counts, also through crashes."""
        if self._started is None:
            self._started = time.monotonic()
            self.on_start()

    @property
    def started(self) -> bool:
        """Whether the program has left the queue."""
        return self._started is not None

    async def close(self) -> None:
        """Give up what is still under way."""
        self._execution.close()
        await self._calls.abandon()

    def finished(self, progress: Progress) -> Finished:
        """Return the answer."""
        output = "".join(self._output)
        error = self._with_place(_error_of(progress))
        started = self._arrived if self._started is None else self._started
        return Finished(
            value=progress.value if isinstance(progress, Returned) else None,
            error=error,
            output=output,
            output_truncated=isinstance(progress, LimitExceeded) and progress.output_truncated,
            calls=self._calls.records(),
            usage=Usage(
                fuel=self.spent.fuel,
                cpu_seconds=self.spent.cpu_seconds,
                wall_seconds=time.monotonic() - started,
                memory_bytes=self.spent.memory_bytes,
                output_bytes=len(output.encode()),
                calls=len(self._calls.records()),
                queued_seconds=started - self._arrived,
            ),
            notes=tuple(dict.fromkeys(self._notes)),
            raised=self._calls.exception_of(error),
        )

    def _with_place(self, error: ErrorReport | None) -> ErrorReport | None:
        """Add the line of the last call to a limit that the guest could no longer place, when it was about calls."""
        line = self._calls.last_line()
        if error is None or error.kind != "limit" or error.traceback or not line or not _is_about_calls(error):
            return error
        source = self._program.source.split("\n")
        text = source[line - 1].strip()[:_SHOWN_SOURCE] if line <= len(source) else ""
        return replace(error, traceback=(Frame(line=line, column=None, function="<module>", source=text),))

    async def _next_turn(self, blocked: Blocked) -> Progress:
        await self._calls.advance(blocked, self._clock)
        outcomes = self._calls.settled(blocked.waiting_for)
        now = self._clock.read(at_least=0 if outcomes or blocked.wake_at is None else blocked.wake_at)
        self._turns.append((_Asked.of(blocked), outcomes, now))
        return await self._execution.advance(outcomes, now=now)

    async def _replay(self) -> Progress:
        """Start an execution and hand it the turns that there were; the first time there are none."""
        self._output.clear()
        self._notes.clear()
        self._execution.close()
        self._execution = execution = self._engine.execution(self._program, limits=self._limits, seed=self._seed)
        progress = await execution.start(self._inputs, now=self._first_turn, placed=self._note_start)
        for recorded, outcomes, now in self._turns:
            if not recorded.is_asked_by(progress):
                return Raised(error=_diverged(progress, recorded), spent=progress.spent)
            self._output.append(progress.output)
            self._notes += progress.notes
            progress = await execution.advance(outcomes, now=now)
        return progress


def _is_about_calls(error: ErrorReport) -> bool:
    return any(f"limit {name} of" in error.message for name in ("calls", "wall_seconds", "value_bytes"))


def _diverged(progress: Progress, recorded: _Asked) -> ErrorReport:
    observed = progress.new_calls if isinstance(progress, Blocked) else ()
    return ErrorReport(
        kind="divergence",
        type="JournalDiverged",
        message=f"replayed after a crash, the program did not ask for what it had asked for: "
        f"recorded {_names(recorded.new_calls)}, observed {_names(observed)}",
        hint="send the program again",
    )


def _names(calls: tuple[Call, ...]) -> str:
    return ", ".join(call.function for call in calls) or "no call"


def _error_of(progress: Progress) -> ErrorReport | None:
    if isinstance(progress, Raised):
        return progress.error
    if not isinstance(progress, LimitExceeded):
        return None
    bound = f" of {progress.allowed:,}" if progress.allowed is not None else ""
    return ErrorReport(
        kind="limit",
        type="LimitExceeded",
        message=f"the program reached the limit {progress.limit}{bound}",
        traceback=progress.traceback,
        hint=_LIMIT_HINTS[progress.limit],
    )


_CRASHED = ErrorReport(
    kind="platform",
    type="EngineCrashed",
    message=f"{_MAX_CRASHES} worker processes died while they ran this program",
    hint="the program is not to blame as far as we can tell; send it again",
)
