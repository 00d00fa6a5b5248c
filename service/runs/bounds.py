"""The timeouts that a submission names: what of them is left, and what a run ends with that reaches one.

`deadline` counts from the submission, waiting for somebody outside included. `max_runtime` counts queueing and running,
`max_queued_time` queueing alone; both stand still while a run is suspended.
"""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.deadline import late, within
from sandbox.errors import LimitExceeded
from sandbox.external import Suspended
from sandbox.turns import ErrorReport
from service.runs.active import ActiveRun
from service.runs.submission import Submission

_UNBOUNDED = nullcontext()
ALL = ("deadline", "max_runtime", "max_queued_time")


def bounded(
    active: ActiveRun, *fields: str, now: datetime, spent_seconds: float = 0.0
) -> AbstractAsyncContextManager[None]:
    """Return what holds a block to the tightest bound of a run, with `sandbox.errors.LimitExceeded`.

    Args:
        fields: the bounds that hold for it.
        spent_seconds: of this drive, before the block.
    """
    timeout = active.submission.timeout
    if not timeout:
        return _UNBOUNDED
    passed = {
        "deadline": (now - active.created_at).total_seconds(),
        "max_runtime": active.live.used_seconds + spent_seconds,
        "max_queued_time": spent_seconds,
    }
    left = {field: max(0.0, timeout[field] - passed[field]) for field in fields if field in timeout}
    tightest = min(left, key=lambda field: left[field], default=None)
    if tightest is None:
        return _UNBOUNDED
    return within(left[tightest], lambda _: late(tightest)(timeout[tightest]))


def left_to_queue(active: ActiveRun, *, spent_seconds: float) -> float | None:
    """Return how long a run may still wait for a worker, None for as long as it takes."""
    allowed = active.submission.timeout.get("max_queued_time")
    return None if allowed is None else max(0.0, allowed - spent_seconds)


def until_deadline(active: ActiveRun, suspended: Suspended) -> Suspended:
    """Return what a run waits for, woken at its deadline at the latest."""
    deadline = deadline_of(active.submission, active.created_at)
    if deadline is None:
        return suspended
    moment = round(deadline.timestamp() * 1e9)
    return replace(suspended, wake_at=moment if suspended.wake_at is None else min(moment, suspended.wake_at))


def past_deadline(submission: Submission, created_at: datetime, *, now: datetime) -> ErrorReport | None:
    """Return what a run ends with that nobody drives, None when its time is not over."""
    deadline = deadline_of(submission, created_at)
    if deadline is None or now < deadline:
        return None
    return too_late(late("deadline")(submission.timeout["deadline"]))


def deadline_of(submission: Submission, created_at: datetime) -> datetime | None:
    """Return when a run ends at the latest, None when it may go on."""
    seconds = submission.timeout.get("deadline")
    return None if seconds is None else created_at + timedelta(seconds=seconds)


def too_late(error: LimitExceeded) -> ErrorReport:
    """Return what a run ends with that reached a bound."""
    return ErrorReport(kind="limit", type="LimitExceeded", message=error.message, hint=error.hint or "")
