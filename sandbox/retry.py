"""Whether a failed attempt is worth another one."""

from dataclasses import dataclass

# What a function raises to say that trying again cannot help.
FINAL = "NonRecoverable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDecision:
    """Try again."""

    attempt: int
    """The number of the next attempt; the first was 1."""


def decide(kind: str, error_type: str, *, calls: int, attempt: int, retries: int) -> RetryDecision | None:
    """Return what to do after a failure, None when nothing can help.

    A platform failure may pass, and so may whatever depended on a function: its own uncaught exception, or one of
    the program after it had made a call. What follows from the source alone would follow again.

    Args:
        kind: the kind of the failure, as reports have it.
        calls: how many calls the attempt made.
        attempt: which attempt failed, counted from 1.
        retries: how many may follow the first.
    """
    if attempt > retries or error_type == FINAL:
        return None
    may_pass = kind in ("function", "platform") or (kind == "runtime" and calls > 0)
    return RetryDecision(attempt=attempt + 1) if may_pass else None
