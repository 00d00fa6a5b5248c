"""How often an attempt may follow one that failed, and after which pause."""

import datetime
import math
from dataclasses import dataclass

from sandbox.advice import advising
from sandbox.options import checks


@advising
@dataclass(frozen=True)
class Backoff:
    """Pauses that grow: before the n-th retry, counted from 0, `min(base * factor**n, cap)`.

    Raises:
        ValueError: a field has another type or is out of bounds.
    """

    base: datetime.timedelta
    """The pause before the first retry."""
    factor: float = 1.0
    """What each further pause is multiplied with, at least 1."""
    cap: datetime.timedelta | None = None
    """The longest pause; must be given when `factor` is more than 1."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", checks.duration("Backoff.base", self.base))
        factor: object = self.factor
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 1 <= factor < math.inf:
            message = f"Backoff.factor must be a number of at least 1, not {factor!r}"
            raise ValueError(message)
        if self.cap is not None:
            object.__setattr__(self, "cap", checks.duration("Backoff.cap", self.cap))
        elif factor > 1:
            message = f"Backoff.cap must be given when factor is more than 1, and factor is {factor!r}"
            raise ValueError(message)

    def compute_delay(self, n: int) -> datetime.timedelta:
        """Return the pause before the n-th retry, counted from 0."""
        checks.whole_number("n", n, least=0)
        try:
            pause = self.base * self.factor**n
        except OverflowError:
            # Only a factor of more than 1 grows, and with it there is a cap.
            pause = datetime.timedelta.max
        return pause if self.cap is None else min(pause, self.cap)


@advising
@dataclass(frozen=True)
class RetryStrategy:
    """How many attempts may follow the first, and how long each waits.

    Raises:
        ValueError: a field has another type or is out of bounds.
    """

    count: int
    """At least 0."""
    backoff: Backoff | None = None
    """None: at once."""

    def __post_init__(self) -> None:
        checks.whole_number("RetryStrategy.count", self.count, least=0)
        backoff: object = self.backoff
        if backoff is not None and not isinstance(backoff, Backoff):
            message = f"RetryStrategy.backoff must be a Backoff or None, not {backoff!r}"
            raise ValueError(message)

    @staticmethod
    def of(request: object) -> "RetryStrategy":
        """Return what a `retries=` parameter stands for.

        Raises:
            ValueError: it is neither a number of retries nor a RetryStrategy.
        """
        if isinstance(request, RetryStrategy):
            return request
        if isinstance(request, bool) or not isinstance(request, int):
            message = f"retries must be a whole number or a RetryStrategy, not {request!r}"
            raise ValueError(message)  # noqa: TRY004 - as Flyte does
        if request < 0:
            message = f"retries must not be negative, and is {request}"
            raise ValueError(message)
        return RetryStrategy(request)

    def pause_before(self, attempt: int) -> float:
        """Return how many seconds to wait before an attempt; the first is 1, and the first retry 2."""
        return self.backoff.compute_delay(attempt - 2).total_seconds() if self.backoff is not None else 0.0
