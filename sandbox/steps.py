"""Steps through a finished run: its turns, replayed from what was kept in a fresh isolate; no function is called."""

import asyncio
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from sandbox.engine import version_for
from sandbox.errors import LoopRunning
from sandbox.journal import Journal
from sandbox.limits import Limits
from sandbox.local import LibraryEngine, library_engine
from sandbox.replay import ExactReplay
from sandbox.turns import Blocked, Call, ErrorReport, LimitExceeded, Outcome, Program, Progress, Raised, Returned, Turn

How = Literal["waits", "returned", "raised", "limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a run of a `debuggable` template keeps: all that doing it once more needs. It can be pickled."""

    program: Program
    limits: Limits
    journal: Journal


class Recorded(Protocol):
    """A run, as far as it is stepped through."""

    @property
    def recording(self) -> Recording | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One turn: from when the program was told something to when it could not go on without the host."""

    number: int
    """Counts from 1."""
    now: int
    """The time of the turn, nanoseconds since the epoch."""
    told: tuple[Outcome, ...] = ()
    """What became of earlier calls, as the program was told when the turn began."""
    output: str
    """What the program printed in it."""
    calls: tuple[Call, ...] = ()
    """What it called in it."""
    lines: tuple[int, ...] = ()
    """Where: the line of each of the calls, or that of the error."""
    fuel: int | None
    """What the program had used by its end; None: the engine does not count it."""
    how: How
    """How it ended."""
    value: object = None
    """Of the program, when it returned."""
    error: ErrorReport | None = None


class _Stepper:
    """`steps(run)` and `await steps.aio(run)`."""

    def __call__(self, run: Recorded) -> tuple[Step, ...]:
        """Replay a finished run turn by turn; blocks.

        Raises:
            TypeError: it is no run.
            ValueError: nothing of it was kept.
            LoopRunning: an event loop runs in this thread: write `await steps.aio(run)`.
            JournalDiverged: the engine is another build and does something else.
            HostError: the sandbox failed; trying again may help.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.aio(run))
        message = "steps() was called where an event loop runs: write `await steps.aio(run)`"
        raise LoopRunning(message)

    async def aio(self, run: Recorded) -> tuple[Step, ...]:
        """Replay a finished run turn by turn; raises as calling it does."""
        if not hasattr(run, "recording"):
            message = f"steps() takes a run, as run(template, ...) returns it, not {type(run).__name__}"
            raise TypeError(message)
        recording = run.recording
        if recording is None:
            message = "nothing of this run was kept: make its template with debuggable=True, and without cache"
            raise ValueError(message)
        engine = library_engine(recording.journal.header.engine)
        await engine.open()
        return await _replayed(engine, recording)


steps = _Stepper()


async def _replayed(engine: LibraryEngine, recording: Recording) -> tuple[Step, ...]:
    header = recording.journal.header
    same = header.engine_version == version_for(engine, recording.program)
    program = recording.program if same else replace(recording.program, compiled=None)
    replay = ExactReplay(recording.journal, compare_fuel=same)
    execution = engine.execution(program, limits=recording.limits, seed=header.seed)
    done: list[Step] = []
    turn: Turn | None = Turn(now=replay.now, outcomes=())
    try:
        execution.foresee(replay.turns())
        progress = await execution.start(header.inputs, now=replay.now)
        while turn is not None:
            done.append(_step(len(done) + 1, turn, progress))
            turn = replay.next(progress)
            if turn is not None:
                progress = await execution.advance(turn.outcomes, now=turn.now)
    finally:
        execution.close()
    return tuple(done)


def _step(number: int, turn: Turn, progress: Progress) -> Step:
    calls = progress.new_calls if isinstance(progress, Blocked) else ()
    error = progress.error if isinstance(progress, Raised) else None
    frames = progress.traceback if isinstance(progress, LimitExceeded) else () if error is None else error.traceback
    at = [*(call.line for call in calls)] if calls else [*(frame.line or 0 for frame in frames[-1:])]
    return Step(
        number=number,
        now=turn.now,
        told=turn.outcomes,
        output=progress.output,
        calls=calls,
        lines=tuple(line for line in at if line),
        fuel=progress.spent.fuel,
        how=_how(progress),
        value=progress.value if isinstance(progress, Returned) else None,
        error=error,
    )


def _how(progress: Progress) -> How:
    match progress:
        case Blocked():
            return "waits"
        case Returned():
            return "returned"
        case Raised():
            return "raised"
    return "limit"
