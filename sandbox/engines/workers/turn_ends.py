"""What the guest of one execution says at the end of a turn, checked against all that it has said before.

The worker is trusted with numbers (fuel, processor time), its guest with nothing: see `messages`.
"""

from dataclasses import dataclass, replace

from sandbox.engines.workers import messages
from sandbox.engines.workers.crossing import Crossing, LimitReached, allowed_by
from sandbox.engines.workers.wire import FrameKind
from sandbox.errors import HashesCollide
from sandbox.limits import Limits
from sandbox.policy import NOTES
from sandbox.turns import Blocked, Call, ErrorReport, LimitExceeded, Note, Progress, Raised, Returned, Spent


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """The end of a turn as it came from a worker, not looked into."""

    kind: FrameKind
    """BLOCKED, FINISHED or STOPPED."""
    text: str
    output: str
    notes: list[tuple[str, int]]
    fuel: int
    cpu_seconds: float


class TurnEnds:
    """Reads the ends of an execution's turns, in their order.

    Args:
        counts: whether the worker counts instructions and memory.
    """

    def __init__(self, limits: Limits, *, counts: bool = True) -> None:
        self._counts = counts
        self.crossing = Crossing(limits)
        self.made: list[Call] = []
        self.delivered: set[int] = set()
        """Calls whose outcomes the guest has been told."""
        self.memory_bytes = 0
        """As the guest last said; it cannot say more once it was stopped from outside."""
        self.spent = self.spent_of(0, 0.0)
        """Up to the last end."""
        self._limits = limits

    def read(self, end: TurnEnd) -> Progress:
        """Return how a turn ended, with what was noted in it; a note that there is not was forged."""
        self.spent = self.spent_of(end.fuel, end.cpu_seconds)
        if end.notes and any(code not in NOTES for code, _ in end.notes):
            return Raised(error=aborted(), output=end.output, spent=self.spent)
        progress = self._progress(end.kind, end.text, end.output, self.spent)
        return replace(progress, notes=known_notes(end.notes)) if end.notes else progress

    def spent_of(self, fuel: int, cpu_seconds: float) -> Spent:
        """Return what has been used, as far as the worker counts it."""
        if not self._counts:
            return Spent(fuel=None, cpu_seconds=cpu_seconds, memory_bytes=None)
        return Spent(fuel=fuel, cpu_seconds=cpu_seconds, memory_bytes=self.memory_bytes)

    def limit_exceeded(self, reached: LimitReached, *, output: str, spent: Spent) -> LimitExceeded:
        """Return how a turn ended in which a value was too large, or one too many."""
        if reached.memory_bytes is not None and self._counts:
            spent = replace(spent, memory_bytes=reached.memory_bytes)
        return LimitExceeded(
            limit=reached.limit,
            allowed=allowed_by(self._limits, reached.limit),
            detail=reached.detail,
            line=reached.line,
            output=output,
            spent=spent,
        )

    def _progress(self, kind: FrameKind, text: str, output: str, spent: Spent) -> Progress:
        try:
            if kind is FrameKind.BLOCKED:
                return self._blocked(text, output, spent)
            if kind is FrameKind.FINISHED:
                return self._final(text, output, spent)
        except LimitReached as reached:
            return self.limit_exceeded(reached, output=output, spent=spent)
        except HashesCollide as error:
            report = ErrorReport(kind="type", type="ValueRejected", message=str(error), hint=error.reason)
            return Raised(error=report, output=output, spent=spent)
        except Exception:  # noqa: BLE001 - whatever a guest's words do to us ends the guest, and nothing else
            return Raised(error=aborted(), output=output, spent=spent)
        return self._stopped(text, output, spent)

    def _blocked(self, text: str, output: str, spent: Spent) -> Progress:
        made = len(self.made)
        calls_left = self._limits.calls - made
        waiting = messages.read_blocked(text, self._limits, calls_left=calls_left, crossing=self.crossing)
        self.memory_bytes = waiting.memory_bytes
        if self._counts and waiting.memory_bytes != spent.memory_bytes:
            spent = replace(spent, memory_bytes=waiting.memory_bytes)
        expected = range(made + 1, made + 1 + len(waiting.new_calls))
        if [call.number for call in waiting.new_calls] != [*expected]:
            raise messages.BadMessage("numbers of calls")
        self.made += waiting.new_calls
        named = [*waiting.waiting_for, *waiting.cancelled_calls]
        known = not named or (min(named) > 0 and max(named) <= len(self.made))
        if not known or not self.delivered.isdisjoint(waiting.waiting_for):
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
        final = messages.read_final(text, self._limits, crossing=self.crossing)
        if self._counts:
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
        if reason in ("fuel", "cpu_seconds", "output_bytes", "memory_bytes"):
            allowed = getattr(self._limits, reason)
            truncated = reason == "output_bytes"
            return LimitExceeded(limit=reason, allowed=allowed, output=output, spent=spent, output_truncated=truncated)
        return Raised(error=aborted(), output=output, spent=spent)


def known_notes(notes: list[tuple[str, int]]) -> tuple[Note, ...]:
    """Return notes without those that there are not."""
    return tuple([Note(code=code, line=line) for code, line in notes if code in NOTES])


def aborted() -> ErrorReport:
    """Return the report of a guest that ended in the middle of its program, or was not itself any more."""
    return ErrorReport(
        kind="runtime",
        type="InterpreterAborted",
        message="the interpreter ended in the middle of the program",
        hint="the program drove the interpreter into a state that it cannot leave; write it another way",
    )
