"""The terms of a function: what can be declared, and when a call is tried again."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sandbox.bucket import RateExceeded
from sandbox.errors import NonRecoverable
from sandbox.options import Backoff, RateLimit, RetryStrategy, Timeout
from sandbox.terms import CallRetry, Effect, ResultRejected, Terms, decide

GROWING = RetryStrategy(3, Backoff(base=timedelta(seconds=1), factor=2.0, cap=timedelta(seconds=3)))


def test_a_function_that_declares_nothing_may_do_anything_once() -> None:
    """The safe assumption about a function of which nothing is known."""
    assert Terms.of().as_dict() == {
        "effect": "write",
        "timeout_seconds": None,
        "deadline_seconds": None,
        "retries": {"count": 0, "pause_seconds": 0.0, "factor": 1.0, "longest_pause_seconds": None},
        "rate": None,
        "requires_approval": False,
    }


def test_terms_are_shown_as_they_were_declared() -> None:
    """A caller plans with them."""
    terms = Terms.of(
        effect="read", timeout=Timeout(timedelta(seconds=2), deadline=60), retries=GROWING, rate=RateLimit(calls=5)
    )

    assert terms.as_dict() == {
        "effect": "read",
        "timeout_seconds": 2.0,
        "deadline_seconds": 60.0,
        "retries": {"count": 3, "pause_seconds": 1.0, "factor": 2.0, "longest_pause_seconds": 3.0},
        "rate": {"calls": 5, "per_seconds": 1.0, "wait_seconds": 30.0},
        "requires_approval": False,
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"effect": "none"}, "effect must be one of read, idempotent, write, not 'none'"),
        ({"timeout": -1}, "timeout must be at least 0 seconds, not -1"),
        ({"retries": -1}, "retries must not be negative, and is -1"),
        ({"rate": 5}, "rate must be a RateLimit or None, not 5"),
    ],
)
def test_what_cannot_be_declared_is_refused(given: dict[str, Any], message: str) -> None:
    """A term that is accepted and does nothing would be a promise that nobody keeps."""
    with pytest.raises(ValueError, match="must") as refused:
        Terms.of(**given)

    assert str(refused.value) == message


class Unavailable(Exception):
    """A failure that says of itself whether it may pass."""

    def __init__(self, *, may_pass: bool) -> None:
        self.may_pass = may_pass


@pytest.mark.parametrize(
    ("error", "attempt", "expected"),
    [
        (ConnectionError(), 1, CallRetry(attempt=2, pause_seconds=1.0)),
        (ConnectionError(), 2, CallRetry(attempt=3, pause_seconds=2.0)),
        (ConnectionError(), 3, CallRetry(attempt=4, pause_seconds=3.0)),
        (ConnectionError(), 4, None),
        (NonRecoverable(), 1, None),
        (ResultRejected(), 1, None),
        (RateExceeded(RateLimit(calls=1), 9.0), 1, None),
        (asyncio.CancelledError(), 1, None),
        (Unavailable(may_pass=True), 1, CallRetry(attempt=2, pause_seconds=1.0)),
        (Unavailable(may_pass=False), 1, None),
    ],
)
def test_a_failure_that_may_pass_is_tried_again(error: BaseException, attempt: int, expected: CallRetry | None) -> None:
    """As often as was declared, after pauses that grow up to their cap; not what would only happen again."""
    assert decide(error, Terms(retries=GROWING), attempt=attempt, timed_out=False) == expected


@pytest.mark.parametrize(("effect", "again"), [("read", True), ("idempotent", True), ("write", False)])
def test_a_write_that_took_too_long_is_not_repeated(effect: Effect, *, again: bool) -> None:
    """It may have taken effect, and would do so twice."""
    decision = decide(TimeoutError(), Terms(effect=effect, retries=GROWING), attempt=1, timed_out=True)

    assert (decision is not None) is again
