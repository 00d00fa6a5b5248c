"""A token bucket, which holds a function to its rate: whoever asks tells it the time, and is told how long to wait.

First come, first served: a call may go when there is a token for it and one for each call that came before it and
still waits. One that gives up leaves its place to those behind it.
"""

import threading

from sandbox.errors import SandboxError
from sandbox.options import RateLimit

# Sums of floats: a token that lacks less than this is one.
_NEARLY = 1e-9


class RateExceeded(SandboxError):
    """A function is called more often than its rate has it, and so many calls wait that this one would wait too long.

    Attributes:
        hint: what to do about it.
    """

    code = "rate_exceeded"

    def __init__(self, limit: RateLimit, wait_seconds: float) -> None:
        calls = f"{limit.calls:,} {'call' if limit.calls == 1 else 'calls'}"
        super().__init__(
            f"at most {calls} in {limit.per_seconds:g} s, of all runs together; this one would wait "
            f"{wait_seconds:.3g} s, and the longest wait is {limit.wait_seconds:g} s"
        )
        self.hint = "make fewer calls, or catch this and make them later"


class Bucket:
    """The tokens of one function; of any thread, because runs on several event loops may share it."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._tokens = float(limit.calls)
        self._filled_at: float | None = None
        self._waiting: dict[object, None] = {}
        self._lock = threading.Lock()

    def seconds_until(self, ticket: object, *, now: float) -> float:
        """Return 0 and take a token when it is the ticket's turn, otherwise how long to wait before asking again.

        Raises:
            RateExceeded: the ticket is new, and would wait longer than the limit has it.
        """
        with self._lock:
            self._fill(now)
            wait = max(0.0, self._ahead_of(ticket) + 1 - self._tokens) * self._limit.per_seconds / self._limit.calls
            if wait <= _NEARLY:
                self._tokens -= 1
                self._waiting.pop(ticket, None)
                return 0.0
            if ticket not in self._waiting and wait > self._limit.wait_seconds:
                raise RateExceeded(self._limit, wait)
            self._waiting[ticket] = None
            return wait

    def leave(self, ticket: object) -> None:
        """Wait no more."""
        with self._lock:
            self._waiting.pop(ticket, None)

    def _fill(self, now: float) -> None:
        passed = 0.0 if self._filled_at is None else max(0.0, now - self._filled_at)
        self._filled_at = now if self._filled_at is None else max(now, self._filled_at)
        self._tokens = min(self._limit.calls, self._tokens + passed * self._limit.calls / self._limit.per_seconds)

    def _ahead_of(self, ticket: object) -> int:
        if ticket not in self._waiting:
            return len(self._waiting)
        # Whoever asks again is at or near the head of the line.
        return next(place for place, one in enumerate(self._waiting) if one is ticket)
