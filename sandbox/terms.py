"""On what terms a function is called: its effect, how long an attempt may take, how often it is tried, at what rate.

`Terms` are what an operator declares; `decide` is the pure part of trying again.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sandbox.bucket import Bucket, RateExceeded
from sandbox.errors import GuestError, NonRecoverable
from sandbox.options import RateLimit, RetryStrategy, Timeout, checks

Effect = Literal["read", "idempotent", "write"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
WEEK_SECONDS = 7 * 86_400.0


class ResultRejected(TypeError):
    """The value of a function does not fit its declared type, or cannot cross."""


class ResultTooLarge(TypeError):
    """The value of a function is beyond a limit that is the same for every run: the run that called it ends.

    Its arguments are its message, the limit's name and the path, so that a journal keeps them.
    """

    def __str__(self) -> str:
        return str(self.args[0])


# What would be the same once more: a program that the function itself ran was tried as often as its template says.
_FINAL = (NonRecoverable, GuestError, RateExceeded, ResultRejected, ResultTooLarge)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTimeout:
    """What becomes of a call that nobody outside answered in time."""

    action: Literal["fail", "default", "raise"] = "fail"
    """`fail` ends the run as expired, `default` answers with `value`, `raise` raises TimeoutError in the program."""
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an operator declares of a function beside its signature."""

    effect: Effect = "write"
    """`read` changes nothing, `idempotent` the same however often it is called, `write` anything."""
    timeout_seconds: float | None = None
    """Of one attempt; None: as long as the run has."""
    deadline_seconds: float | None = None
    """Of all attempts together, with the pauses between them."""
    retries: RetryStrategy = field(default_factory=lambda: RetryStrategy(0))
    """How many attempts may follow the first, and after which pause."""
    rate: RateLimit | None = None
    requires_approval: bool = False
    """Whether somebody has to agree to each call before it is made."""
    expires_seconds: float = WEEK_SECONDS
    """How long a call waits for somebody outside: for an approval, or for the caller's answer."""
    on_timeout: OnTimeout = field(default_factory=OnTimeout)
    """What becomes of it then."""

    @staticmethod
    def of(
        *,
        effect: object = "write",
        timeout: object = None,
        retries: object = 0,
        rate: object = None,
        requires_approval: object = False,
    ) -> "Terms":
        """Return the terms that parameters of `@env.task` stand for.

        Raises:
            ValueError: one of them has a value that it cannot have.
        """
        if effect not in EFFECTS:
            message = f"effect must be one of {', '.join(EFFECTS)}, not {effect!r}"
            raise ValueError(message)
        if rate is not None and not isinstance(rate, RateLimit):
            message = f"rate must be a RateLimit or None, not {rate!r}"
            raise ValueError(message)
        bounds = Timeout.of(timeout)
        return Terms(
            effect=next(one for one in EFFECTS if one == effect),
            timeout_seconds=bounds.seconds("max_runtime"),
            deadline_seconds=bounds.seconds("deadline"),
            retries=RetryStrategy.of(retries),
            rate=rate,
            requires_approval=checks.flag("requires_approval", requires_approval),
        )

    @property
    def is_plain(self) -> bool:
        """Whether a call is one attempt, however long it takes."""
        return self.timeout_seconds is None and self.deadline_seconds is None and self.retries.count == 0

    def bucket(self) -> Bucket | None:
        """Return a bucket for one function, None when it has no rate."""
        return None if self.rate is None else Bucket(self.rate)

    def as_dict(self) -> dict[str, Any]:
        """Return the terms as JSON shows them."""
        backoff, rate = self.retries.backoff, self.rate
        cap = None if backoff is None or backoff.cap is None else backoff.cap.total_seconds()
        return {
            "effect": self.effect,
            "timeout_seconds": self.timeout_seconds,
            "deadline_seconds": self.deadline_seconds,
            "retries": {
                "count": self.retries.count,
                "pause_seconds": 0.0 if backoff is None else backoff.base.total_seconds(),
                "factor": 1.0 if backoff is None else backoff.factor,
                "longest_pause_seconds": cap,
            },
            "rate": None
            if rate is None
            else {"calls": rate.calls, "per_seconds": rate.per_seconds, "wait_seconds": rate.wait_seconds},
            "requires_approval": self.requires_approval,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRetry:
    """Try the call again, after a pause."""

    attempt: int
    """The number of the next attempt; the first was 1."""
    pause_seconds: float


def decide(error: BaseException, terms: Terms, *, attempt: int, timed_out: bool) -> CallRetry | None:
    """Return what to do after an attempt that failed, None when the program is to be told.

    Args:
        attempt: which attempt failed, counted from 1.
        timed_out: whether it was given up after `timeout_seconds`. A `write` may then have taken effect, so it is
            not tried again.
    """
    final = isinstance(error, _FINAL) or not isinstance(error, Exception)
    if final or attempt > terms.retries.count or (timed_out and terms.effect == "write"):
        return None
    if not getattr(error, "may_pass", True):
        return None
    return CallRetry(attempt=attempt + 1, pause_seconds=terms.retries.pause_before(attempt + 1))
