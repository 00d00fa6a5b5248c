"""What of a run becomes events and numbers: its states, its calls, what it prints."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.entries import Abandoned, Announced, Entry, OutcomeUnknown, Sent, Settled
from sandbox.journal import Journal
from sandbox.turns import Failure
from service.runs.answer import call_id
from service.runs.events import EventLog, EventName
from service.runs.states import Status
from service.seeing.metrics import CallOutcome, Metrics

_NAMES: dict[Status, EventName] = {
    "queued": "run.queued",
    "running": "run.started",
    "suspended": "run.suspended",
    "completed": "run.completed",
    "failed": "run.failed",
    "cancelled": "run.cancelled",
    "expired": "run.expired",
}


class Watched:
    """Tells the log of one run, and the numbers of the service, what happens to it.

    Args:
        attempt: at the run, counted from 1: calls are numbered, and output begins, anew in each.
    """

    def __init__(
        self, journal: Journal, log: EventLog, *, attempt: int = 1, clock: Callable[[], datetime], metrics: Metrics
    ) -> None:
        self.log = log
        self._attempt = attempt
        self._journal = journal
        self._clock = clock
        self._metrics = metrics
        self._began: dict[int, float] = {}
        self._was_started = log.last > 1

    def move(self, before: Status, status: Status, at: datetime | None = None, *, is_taken_up: bool = False) -> bool:
        """Take note that the run goes on to another state; now, unless it is said when. Say whether that was news.

        Args:
            is_taken_up: somebody new drives it, also where it was going on already: in a process that died.
        """
        if before == status and self.log.last and not is_taken_up:
            return False
        name = _NAMES[status]
        if status == "running":
            name = "run.resumed" if self._was_started else name
            self._was_started = True
        self.log.tell(name, at or self._clock())
        return True

    def output(self, text: str) -> None:
        """Take note of what was printed."""
        self.log.tell("output.delta", self._clock(), {"text": text, "attempt": self._attempt})

    def entry(self, entry: Entry) -> None:
        """Take note of an entry of the journal."""
        match entry:
            case Sent() | Announced():
                self._begin(entry.number)
            case Settled():
                failure = entry.outcome.failure
                self._end(entry.number, failure, "value" if failure is None else "error")
            case OutcomeUnknown():
                self._end(entry.number, entry.outcome.failure, "outcome_unknown")
            case Abandoned():
                self._metrics.call_ended(self._journal.made_call(entry.number).call.function, "abandoned")

    def _begin(self, number: int) -> None:
        if number not in self._began:
            self._began[number] = time.perf_counter()
            self.log.tell("call.started", self._clock(), self._shown(number))

    def _end(self, number: int, failure: Failure | None, outcome: CallOutcome) -> None:
        call = self._journal.made_call(number).call
        began = self._began.pop(number, None)
        told: dict[str, Any] = {
            **self._shown(number),
            "duration_ms": 0.0 if began is None else round((time.perf_counter() - began) * 1000, 3),
        }
        if failure is not None:
            told["error"] = {"type": failure.type, "message": failure.message}
        self.log.tell("call.completed" if failure is None else "call.failed", self._clock(), told)
        self._metrics.call_ended(call.function, outcome)

    def _shown(self, number: int) -> dict[str, Any]:
        call = self._journal.made_call(number).call
        return {
            "call_id": call_id(number),
            "function": call.function,
            "line": call.line or None,
            "attempt": self._attempt,
        }
