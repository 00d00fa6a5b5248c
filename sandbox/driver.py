"""Drives one run: starts executions, takes turns, and writes the journal before it sends a call or tells an outcome.

When a worker dies, the program goes on in another execution, which is taken through the journal's turns first.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from sandbox.calls import Calls
from sandbox.divergence import JournalDiverged
from sandbox.engine import Engine, Execution
from sandbox.entries import OutcomeUnknown, Settled, Told
from sandbox.errors import EngineCrashed, ExecutionParked
from sandbox.external import Suspended, pending_calls
from sandbox.journal import Journal, asked_by, ended_by
from sandbox.patched import PatchedReplay
from sandbox.replay import ExactReplay
from sandbox.start import Start
from sandbox.turns import Blocked, ErrorReport, LimitExceeded, Note, Outcome, Progress, Raised, Spent, Turn
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of

# A program under which this many workers died is not tried again.
MAX_CRASHES = 2
# Nor is any program, when workers keep dying that had not even begun with it.
_MAX_TRIES = 20
_PAUSE_AFTER_CRASH_SECONDS = 0.1
# In nanoseconds. A program that sleeps for less, again and again, would keep the service busier than itself.
_SHORTEST_SLEEP = 1_000_000
# A longer sleep, with nothing else to do, suspends a run that can be.
_LONG_SLEEP_SECONDS = 5.0


class Clock(Protocol):
    """The time of a run."""

    def read(self, at_least: int = 0) -> int:
        """Return nanoseconds since the epoch."""

    def seconds_until(self, moment: int) -> float:
        """Return how long to wait for a moment."""


class Recorder(Protocol):
    """Keeps a journal where the end of this process does not reach it."""

    async def write(self, journal: Journal) -> None:
        """Return once every entry that the journal has now is kept.

        It is awaited before a call is made that must not be repeated, and before an outcome is told. How a drive ends,
        with the last entries, is for whoever drives to keep: one transaction, before anybody hears of it. Whatever it
        raises ends the drive.
        """


class RealClock:
    """Starts where it is told to, goes on as real time does, never backward.

    Args:
        start: nanoseconds since the epoch; real time by default.
        since: the real time at which the clock stood there, when that was in an earlier process.
    """

    def __init__(self, start: int | None, *, since: int | None = None) -> None:
        passed = 0 if since is None else max(0, time.time_ns() - since)
        self._start = time.time_ns() if start is None else start + passed
        self._origin = time.monotonic_ns()
        self._now = self._start

    def read(self, at_least: int = 0) -> int:
        """Return nanoseconds since the epoch."""
        self._now = max(self._now, at_least, self._start + time.monotonic_ns() - self._origin)
        return self._now

    def seconds_until(self, moment: int) -> float:
        """Return how long to wait for `moment`, at least 0."""
        return max(0, moment - self.read()) / 1e9


class Driver:
    """One run under way: its journal, its calls, and the execution that works for it now."""

    def __init__(
        self,
        engine: Engine,
        start: Start,
        *,
        calls: Calls,
        clock: Clock,
        journal: Journal,
        replay: PatchedReplay | None,
    ) -> None:
        self.journal = journal
        self.calls = calls
        self.on_start: Callable[[], None] = lambda: None
        """Called when the program leaves the queue, also when it had to line up again."""
        self.on_line_up: Callable[[], None] = lambda: None
        """Called when the program gave its isolate up and stands in the queue again."""
        self.spent = Spent()
        self.arrived = time.monotonic()
        self.started: float | None = None
        """When the program left the queue."""
        self.lined_up_seconds = 0.0
        """How long it stood in the queue again, after it had given its isolate up."""
        self._lined_up: float | None = None
        self.before_news: Callable[[], Awaitable[None]] | None = None
        """Awaited once: when the program has come as far as the journal, before what is not in it is taken note of."""
        self.output: list[str] = []
        self.on_output: Callable[[str], None] | None = None
        """Told of what was printed, when a turn has ended."""
        self.told_output = 0
        """How many characters it was told of, also in earlier processes."""
        self._printed = 0
        self.notes: list[Note] = []
        self._engine = engine
        self._start = start
        self._clock = clock
        self._replay = replay
        # A journal that was handed in has calls of its own, which nobody is about to settle.
        self._taken_over = not journal.entries
        self._began = False
        self._parked = False
        self._execution = self._new_execution()
        calls.is_alone = lambda: self._execution.is_alone()
        self._blocked: Blocked | None = None
        """What the execution waits for; None when there is none, or it has still to be taken through the journal."""
        self._recorder: Recorder | None = None

    @property
    def recorder(self) -> Recorder | None:
        """What keeps the journal; None: nothing does, it is in memory only."""
        return self._recorder

    @recorder.setter
    def recorder(self, recorder: Recorder | None) -> None:
        self._recorder = recorder
        self.calls.before_sending = None if recorder is None else self._record

    async def drive(self) -> Progress | Suspended:
        """Take turns until the program has ended, or waits for somebody outside; then it can be driven again.

        Raises:
            EngineCrashed: too many workers died under it.
        """
        crashes = tries = 0
        while True:
            try:
                progress = await self._go_on()
            except EngineCrashed as crash:
                tries += 1
                crashes += crash.under_way
                if crashes >= MAX_CRASHES or tries >= _MAX_TRIES:
                    raise
                self._blocked = None
                # Workers that die together are noticed one after the other; this program is not to be their test.
                await asyncio.sleep(_PAUSE_AFTER_CRASH_SECONDS)
                continue
            except JournalDiverged as diverged:
                return Raised(error=_diverged(diverged), spent=self.spent)
            if isinstance(progress, Suspended):
                return progress
            self._take_in(progress)
            if not isinstance(progress, Blocked):
                return progress
            if self.journal.phase == "ended":
                # Nothing else ends a program that waits.
                return LimitExceeded(limit="wall_seconds", allowed=self._start.limits.wall_seconds, spent=self.spent)
            self._blocked = progress

    def foretell(self) -> None:
        """Write down what the next turn begins with, where a journal that was handed in holds it already.

        An answer has come and no call is to be made: the turn is then one of those that a fresh execution is taken
        through, with what follows from it. Whoever keeps the journal keeps it before the run is driven.
        """
        told = [] if self._taken_over or self._replay is not None else self.journal.to_be_told()
        if told:
            self.journal.append(Told(now=self._clock.read(at_least=self.journal.now), delivered=tuple(told)))

    def park(self) -> None:
        """Give up the execution of a program that waits: once it is told something, another one is taken through the
        journal. Does nothing to a program that computes, or has ended.
        """
        if self.journal.phase == "blocked" and not self._parked:
            self._parked = True
            self._execution.close()

    async def stop(self) -> None:
        """End the execution, and take in what it printed, noted and used of a turn that is under way."""
        cut = await self._execution.stop()
        if cut is not None:
            self._take_in(cut)

    async def close(self, progress: Progress | None) -> None:
        """Give up what is still under way; `progress` is how the program ended, if it did."""
        self._execution.close()
        await self.calls.abandon()
        if progress is not None and self.journal.phase != "ended":
            self.journal.append(ended_by(progress))

    # -- turns ------------------------------------------------------------------------------------------------

    async def _go_on(self) -> Progress | Suspended:
        """Take a turn; where the execution gave its isolate up, another one takes it after the turns before."""
        while True:
            try:
                return await (self._replayed() if self._blocked is None else self._next_turn(self._blocked))
            except ExecutionParked:
                self._blocked = None
                self._line_up()

    async def _next_turn(self, blocked: Blocked) -> Progress | Suspended:
        await self._come_to_news()
        new: Sequence[int] = ()
        if self.journal.phase == "computing":
            new = await self._note_asked(blocked)
        turn = await self._decide(blocked, new)
        if isinstance(turn, Suspended):
            return turn
        self.journal.append(Told(now=turn.now, delivered=tuple([one.number for one in turn.outcomes])))
        await self._record()
        if self._parked:
            self._line_up()
            return await self._replayed()
        return await self._execution.advance(turn.outcomes, now=turn.now)

    async def _record(self) -> None:
        """Return once the journal is kept, if it is to be; what only repeats a record is kept with what comes next."""
        if self._recorder is not None and not (self._replay is not None and self._replay.is_following):
            await self._recorder.write(self.journal)

    async def _note_asked(self, blocked: Blocked) -> Sequence[int]:
        made = await self.calls.bind(blocked.new_calls)
        self.journal.append(asked_by(blocked, made, self.journal))
        self.calls.give_up(blocked.cancelled_calls)
        return [one.call.number for one in made]

    async def _decide(self, blocked: Blocked, new: Sequence[int]) -> Turn | Suspended:
        """Return what the next turn begins with, as soon as there is something to begin it with."""
        if self._replay is not None:
            turn, new = await self._from_record(self._replay, new)
            if turn is not None:
                return turn
        self.calls.send(new)
        wake_at = None if blocked.wake_at is None else max(blocked.wake_at, self.journal.now + _SHORTEST_SLEEP)
        while not (outcomes := self.calls.outcomes(blocked.waiting_for)):
            seconds = None if wake_at is None else self._clock.seconds_until(wake_at)
            if seconds == 0:
                break
            if self.calls.can_ask and not self.calls.are_under_way():
                suspended = self._suspended(seconds)
                if suspended is not None:
                    return suspended
            await self.calls.wait(blocked.waiting_for, seconds=seconds)
        earliest = self.journal.now if self._replay is None else max(self.journal.now, self._replay.not_before)
        if not outcomes and wake_at is not None:
            earliest = max(earliest, wake_at)
        return Turn(now=self._clock.read(at_least=earliest), outcomes=tuple(outcomes))

    def _suspended(self, seconds: float | None) -> Suspended | None:
        """Return what the run waits for, when it waits for somebody outside or for a long time."""
        pending = pending_calls(self.journal, self._start.whitelist())
        if not pending and (seconds is None or seconds <= _LONG_SLEEP_SECONDS):
            return None
        moments = [one.expires_at for one in pending]
        if seconds is not None:
            moments.append(time.time_ns() + round(seconds * 1e9))
        return Suspended(pending=pending, wake_at=min(moments))

    async def _from_record(self, replay: PatchedReplay, new: Sequence[int]) -> tuple[Turn | None, Sequence[int]]:
        """Return the turn that was recorded, or the calls that have to be made."""
        asked = self.journal.asked
        weight = weight_of([[one.call.args, one.call.kwargs] for one in asked.calls], enough=HEAVY_BYTES)
        keys = await in_its_place(weight, lambda: {number: self.journal.key_of(number) for number in new})
        followed = replay.is_following
        turn = replay.follow(asked, keys)
        if turn is not None:
            for outcome in turn.outcomes:
                self.journal.append(_entry(outcome, is_unknown=outcome.number in turn.unknown))
            return turn, ()
        return None, self._settled_by_key(replay, self.journal.untold() if followed else new)

    def _settled_by_key(self, replay: PatchedReplay, numbers: Sequence[int]) -> list[int]:
        """Answer calls from the record of another run, and return those that have to be made."""
        to_make: list[int] = []
        for number in numbers:
            made = self.journal.made_call(number)
            entry = replay.settle(made, self.journal.key_of(number), self.calls.effect_of(number))
            if entry is None:
                to_make.append(number)
            else:
                self.journal.append(entry)
        return to_make

    # -- executions -------------------------------------------------------------------------------------------

    async def _replayed(self) -> Progress:
        """Start an execution and take it through the turns that there were; the first time there are none."""
        if self._began:
            self._start_over()
        self._began, execution = True, self._execution
        if not self.journal.entries:
            progress = await execution.start(self._start.inputs, now=self.journal.now, placed=self._note_start)
            await self._come_to_news()
            return progress
        replay = ExactReplay(self.journal, compare_fuel=self._start.program.reuse is None)
        execution.foresee(replay.turns())
        progress = await execution.start(self._start.inputs, now=replay.now, placed=self._note_start)
        while (turn := replay.next(progress)) is not None:
            self._take_in(progress)
            progress = await execution.advance(turn.outcomes, now=turn.now)
        await self._come_to_news()
        if not self._taken_over:
            self._taken_over = True
            unsent = await self.calls.take_over()
            self.calls.send(unsent if self._replay is None else self._settled_by_key(self._replay, unsent))
        return progress

    async def _come_to_news(self) -> None:
        before, self.before_news = self.before_news, None
        if before is not None:
            await before()

    def _start_over(self) -> None:
        self.output.clear()
        self._printed = 0
        self.notes.clear()
        self._execution.close()
        self._execution = self._new_execution()
        self._parked = False

    def _new_execution(self) -> Execution:
        program = self._start.program
        if self._began and program.reuse is not None:
            # What other runs left in an isolate is no part of this one: it is replayed where nothing has run.
            program = replace(program, reuse=None)
        return self._engine.execution(program, limits=self._start.limits, seed=self._start.seed)

    def _take_in(self, progress: Progress) -> None:
        self.output.append(progress.output)
        self._note_output(progress.output)
        self.notes += progress.notes
        self.spent = progress.spent

    def _note_output(self, text: str) -> None:
        """Tell of what was printed, once: a program that is taken through its journal prints all of it again."""
        self._printed += len(text)
        if self.on_output is not None and self._printed > self.told_output:
            self.on_output(text[self.told_output - self._printed :])
            self.told_output = self._printed

    def _note_start(self) -> None:
        """The program has left the queue; from now on its wall time counts, also through crashes."""
        now = time.monotonic()
        if self.started is None:
            self.started = now
        elif self._lined_up is None:
            return
        else:
            self.lined_up_seconds += now - self._lined_up
        self._lined_up = None
        self.on_start()

    def _line_up(self) -> None:
        """The program gave its isolate up, and stands in the queue again."""
        if self.started is not None and self._lined_up is None:
            self._lined_up = time.monotonic()
            self.on_line_up()


def _entry(outcome: Outcome, *, is_unknown: bool) -> Settled | OutcomeUnknown:
    return OutcomeUnknown(outcome=outcome) if is_unknown else Settled(outcome=outcome)


def _diverged(error: JournalDiverged) -> ErrorReport:
    return ErrorReport(
        kind="divergence",
        type="JournalDiverged",
        message=f"the program did not do what it had done: {error}",
        hint="send the program again",
        divergence=error.divergence,
    )
