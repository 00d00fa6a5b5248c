"""Runs one program to its end: turns in, calls out to Python functions, outcomes back.

This is the quick path, for runs that start and end within one request or one `await`; their journal is in memory.
`journal` goes on with a run where its journal ends, `replay` takes over what another run was told.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from sandbox.call_hints import hinted
from sandbox.calls import CallRecord, Calls
from sandbox.driver import MAX_CRASHES, Driver, RealClock, Recorder
from sandbox.engine import Engine, version_for
from sandbox.entries import Entry
from sandbox.errors import EngineCrashed, MisuseError
from sandbox.external import Pending, Suspended, pending_calls
from sandbox.journal import Journal
from sandbox.limit_report import report_of_limit
from sandbox.patched import PatchedReplay, PatchReport
from sandbox.start import Start
from sandbox.turns import ErrorReport, LimitExceeded, Note, Outcome, Program, Progress, Raised, Returned


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run used."""

    fuel: int | None
    """None, as `memory_bytes`: the engine does not count it."""
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int | None
    output_bytes: int
    calls: int
    queued_seconds: float = 0.0
    """Time before the program started, waiting for a worker; and again, where it gave its isolate up to others."""

    def after(self, earlier: "Usage | None") -> "Usage":
        """Return what a run used whose earlier attempts used that: what they took together, the most memory of one.

        Output and calls are those of the last attempt, which are shown: what an earlier one was told stands there too.
        """
        if earlier is None:
            return self
        return replace(
            self,
            fuel=_counted(sum, self.fuel, earlier.fuel),
            cpu_seconds=self.cpu_seconds + earlier.cpu_seconds,
            wall_seconds=self.wall_seconds + earlier.wall_seconds,
            memory_bytes=_counted(max, self.memory_bytes, earlier.memory_bytes),
            queued_seconds=self.queued_seconds + earlier.queued_seconds,
        )


NOTHING_USED = Usage(fuel=0, cpu_seconds=0.0, wall_seconds=0.0, memory_bytes=0, output_bytes=0, calls=0)


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
    journal: Journal | None = None
    """All that replay needs beside the program; None when the run never began."""
    program: Program | None = None
    """What ran; None when nothing did."""
    report: PatchReport | None = None
    """What became of the calls of the run that was taken over, if one was."""
    cached: bool = False
    """Whether nothing ran: the value is that of an equal run, earlier."""
    seed: int | None = None
    """Of that run, when it is known."""


async def execute(
    engine: Engine,
    start: Start,
    *,
    now: int | None = None,
    queued_seconds: float | None = None,
    journal: Journal | None = None,
    replay: PatchedReplay | None = None,
) -> Finished:
    """Run a program to its end and return what became of it; a failing program is an answer, not an exception.

    Args:
        now: nanoseconds since the epoch at which the run's clock starts; real time by default.
        queued_seconds: how long it may wait for a worker; by default as long as it takes.
        journal: of this very run, which goes on where it ends, with the journal's inputs and seed; entries are added.
        replay: answers what the program asks for and an earlier run was told.

    Raises:
        ValueRejected: an input cannot cross the wall.
        TimeoutError: it waited for a worker for longer than `queued_seconds`.
        MisuseError: the journal is that of another program.
        SecretMissing: one that its functions need is not there.
    """
    finished = await LiveRun(engine, start, now=now, journal=journal, replay=replay).drive(queued_seconds)
    # Nobody outside can be asked, so it does not wait for them.
    assert isinstance(finished, Finished)  # noqa: S101
    return finished


class LiveRun:
    """A run under way in this process: driven until it ends or waits for somebody outside, answered, driven again.

    Args:
        now: as `execute` has it.
        since: the real time at which the run's clock stood at `now`, when that was in an earlier process.
        journal: as `execute` has it.
        replay: as `execute` has it; with a journal, it answers what comes after that.
        can_ask: calls of client functions and calls that need an approval wait for their answers.
        used_seconds: of its wall time, in earlier processes.
        took: how long its calls took there, in seconds, by number.
        root_id: by which functions that tell the world know the run, and those that it was patched or forked from.
    """

    def __init__(
        self,
        engine: Engine,
        start: Start,
        *,
        now: int | None = None,
        since: int | None = None,
        journal: Journal | None = None,
        replay: PatchedReplay | None = None,
        can_ask: bool = False,
        used_seconds: float = 0.0,
        took: Mapping[int, float] | None = None,
        root_id: str | None = None,
    ) -> None:
        if journal is not None:
            start = replace(start, inputs=journal.header.inputs, seed=journal.header.seed)
        self.journal, self._replay = _journals(engine, start, now, journal, replay)
        self.used_seconds = used_seconds
        """How long it ran, and waited for functions, up to the end of the last drive."""
        self._start = start
        calls = Calls(
            start.whitelist(),
            start.limits.concurrent_calls,
            self.journal,
            start.all_secrets(),
            can_ask=can_ask,
            root_id=root_id,
            took=took,
        )
        clock = RealClock(now, since=since)
        self._run = Driver(engine, start, calls=calls, clock=clock, journal=self.journal, replay=self._replay)

    @property
    def recorder(self) -> Recorder | None:
        """What keeps its journal as it grows; None: nothing does."""
        return self._run.recorder

    async def drive(
        self, queued_seconds: float | None = None, *, before_news: Callable[[], Awaitable[None]] | None = None
    ) -> Finished | Suspended:
        """Go on until the program ends, or waits for somebody outside.

        Args:
            queued_seconds: as `execute` has it.
            before_news: awaited when the program was taken through the journal that there is, before anything follows
                that nobody knows yet. Up to there no function is called, and nothing is added to the journal.

        Raises:
            ValueRejected, TimeoutError, SecretMissing: as `execute`.
            Exception: whatever the recorder or `before_news` raises.
        """
        self._run.before_news = before_news
        run, progress, limits = self._run, None, self._start.limits
        left = max(0.0, limits.wall_seconds - self.used_seconds)
        await run.calls.look_up_secrets()
        began, lined_up_before = time.monotonic(), run.lined_up_seconds
        try:
            async with asyncio.timeout(queued_seconds if run.started is None else left) as deadline:
                wall = _WallTime(deadline, left)
                run.on_start, run.on_line_up = wall.go_on, wall.stand_still
                progress = await run.drive()
        except TimeoutError:
            if run.started is None:
                raise
            await run.stop()
            progress = LimitExceeded(limit="wall_seconds", allowed=limits.wall_seconds, spent=run.spent)
        except EngineCrashed:
            progress = Raised(error=_CRASHED, spent=run.spent)
        finally:
            if not isinstance(progress, Suspended):
                await run.close(progress)
            lined_up = run.lined_up_seconds - lined_up_before
            self.used_seconds += time.monotonic() - max(began, run.started or began) - lined_up
        return progress if isinstance(progress, Suspended) else self._finished(progress)

    def watch(
        self,
        *,
        entry: Callable[[Entry], None],
        output: Callable[[str], None],
        around: Callable[[str, int], AbstractContextManager[None]],
        told_output: int = 0,
    ) -> None:
        """Be told of what happens from now on: entries of the journal, and what was printed when a turn has ended.

        Args:
            around: entered around each call of a function, by its name and the call's number.
            told_output: how many characters of the output are known already.
        """
        self.journal.watch = entry
        self._run.calls.around = around
        self._run.on_output, self._run.told_output = output, told_output

    def attach(self, recorder: Recorder) -> None:
        """Have the journal kept from now on, with all that it holds already the next time that it is written."""
        self._run.recorder = recorder

    async def keep(self, recorder: Recorder) -> None:
        """Have the journal kept from now on, with all that it holds already; returns once it is."""
        self.attach(recorder)
        await recorder.write(self.journal)

    def pending(self) -> tuple[Pending, ...]:
        """Return the calls that wait for somebody outside, by number."""
        return pending_calls(self.journal, self._start.whitelist())

    def durations(self) -> dict[int, float]:
        """Return how long its calls took, in seconds, by number; without those that took no time."""
        return self._run.calls.durations()

    def answer(self, outcome: Outcome) -> None:
        """Settle a call that waits for somebody outside."""
        self._run.calls.answer(outcome)

    def approve(self, number: int) -> None:
        """Make a call that waits for an approval."""
        self._run.calls.approve(number)

    def foretell(self) -> None:
        """Write down that it is told the answers that have come, if that is all there is to do; before `drive`."""
        self._run.foretell()

    def park(self) -> None:
        """Give up the execution of a run that is suspended: driven again, it is taken through its journal."""
        self._run.park()

    async def remains(self) -> Finished:
        """Return what there is of a run that is driven no more: it was cancelled, or waited in vain."""
        await self._run.stop()
        await self._run.close(None)
        return self._finished(None)

    def state(self) -> Finished:
        """Return what there is of it now: no value, no error."""
        return self._finished(None)

    def _finished(self, progress: Progress | None) -> Finished:
        run = self._run
        output, calls = "".join(run.output), run.calls.records()
        usage = _usage(run, self.used_seconds, len(output.encode()), len(calls))
        error = _error_of(progress, usage, self._start.program, last_line=run.calls.last_line())
        error = error and hinted(error, calls)
        return Finished(
            value=progress.value if isinstance(progress, Returned) else None,
            error=error,
            output=output,
            output_truncated=isinstance(progress, LimitExceeded) and progress.output_truncated,
            calls=calls,
            usage=usage,
            notes=tuple(dict.fromkeys(run.notes)),
            raised=run.calls.exception_of(error),
            journal=run.journal,
            program=self._start.program,
            report=None if self._replay is None else self._replay.report(),
        )


class _WallTime:
    """What is left of a run's time, which passes while it has an isolate or waits for functions."""

    def __init__(self, deadline: asyncio.Timeout, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadline = deadline
        self._left = seconds

    def go_on(self) -> None:
        """Let it pass."""
        self._deadline.reschedule(self._loop.time() + self._left)

    def stand_still(self) -> None:
        """Keep what is left: the run waits for others."""
        self._left = (self._deadline.when() or 0.0) - self._loop.time()
        self._deadline.reschedule(None)


def refused(error: ErrorReport) -> Finished:
    """Return how a run ended that never began: its program could not be compiled."""
    return Finished(value=None, error=error, output="", output_truncated=False, calls=(), usage=NOTHING_USED)


def _counted(together: Callable[[list[int]], int], *counts: int | None) -> int | None:
    """Return counts taken together; None where the engine does not count."""
    known = [one for one in counts if one is not None]
    return together(known) if len(known) == len(counts) else None


def _journals(
    engine: Engine, start: Start, now: int | None, journal: Journal | None, replay: PatchedReplay | None
) -> tuple[Journal, PatchedReplay | None]:
    """Return the journal to write, and what answers from an earlier one."""
    if replay is None and journal is not None and journal.header.engine_version != version_for(engine, start.program):
        replay, rebuilt = PatchedReplay.rebuilt(journal), True
    else:
        rebuilt = False
    header = start.header(engine, now=replay.now if replay is not None else time.time_ns() if now is None else now)
    if journal is not None and journal.header.program_digest != header.program_digest:
        message = "the journal is that of another program: pass replay=PatchedReplay.patch(journal)"
        raise MisuseError(message)
    return Journal(header) if journal is None or rebuilt else journal, replay


def _usage(run: Driver, wall_seconds: float, output_bytes: int, calls: int) -> Usage:
    started = run.arrived if run.started is None else run.started
    return Usage(
        fuel=run.spent.fuel,
        cpu_seconds=run.spent.cpu_seconds,
        wall_seconds=wall_seconds,
        memory_bytes=run.spent.memory_bytes,
        output_bytes=output_bytes,
        calls=calls,
        queued_seconds=started - run.arrived + run.lined_up_seconds,
    )


def _error_of(progress: Progress | None, usage: Usage, program: Program, *, last_line: int) -> ErrorReport | None:
    if isinstance(progress, Raised):
        return progress.error
    if not isinstance(progress, LimitExceeded):
        return None
    return report_of_limit(progress, program, last_line=last_line, used=getattr(usage, progress.limit, None))


_CRASHED = ErrorReport(
    kind="platform",
    type="EngineCrashed",
    message=f"{MAX_CRASHES} worker processes died while they ran this program",
    hint="the program is not to blame as far as we can tell; send it again",
)
