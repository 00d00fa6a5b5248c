"""How often a function may be called."""

import math
from dataclasses import dataclass

from sandbox.advice import advising
from sandbox.options import checks


@advising
@dataclass(frozen=True)
class RateLimit:
    """A bucket of `calls` tokens that takes `per_seconds` to fill; every attempt of a call takes one.

    So `calls` may be made at once after a pause, and no more than `calls` in `per_seconds` on average. It counts the
    calls of all runs in one process. A call for which there is no token waits in line.

    Raises:
        ValueError: a field has another type or is out of bounds.
    """

    calls: int
    """At least 1."""
    per_seconds: float = 1.0
    wait_seconds: float = 30.0
    """A call that would have to wait longer fails at once instead, as `RateExceeded`."""

    def __post_init__(self) -> None:
        checks.whole_number("RateLimit.calls", self.calls, least=1)
        for field, value in (("per_seconds", self.per_seconds), ("wait_seconds", self.wait_seconds)):
            length = checks.duration(f"RateLimit.{field}", value).total_seconds()
            object.__setattr__(self, field, length)
        if not 0 < self.per_seconds < math.inf:
            message = f"RateLimit.per_seconds must be more than 0, not {self.per_seconds!r}"
            raise ValueError(message)
