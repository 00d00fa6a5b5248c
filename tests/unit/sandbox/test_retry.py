"""Which failures are tried again."""

import pytest

from sandbox.retry import RetryDecision, decide


@pytest.mark.parametrize(
    ("kind", "calls", "again"),
    [
        ("function", 1, True),
        ("platform", 0, True),
        ("runtime", 1, True),
        ("runtime", 0, False),
        ("syntax", 0, False),
        ("policy", 0, False),
        ("type", 3, False),
        ("limit", 3, False),
        ("divergence", 3, False),
    ],
)
def test_only_a_failure_that_may_pass_is_tried_again(kind: str, calls: int, *, again: bool) -> None:
    """What follows from the source alone follows again."""
    expected = RetryDecision(attempt=2) if again else None

    assert decide(kind, "ValueError", calls=calls, attempt=1, retries=2) == expected


def test_attempts_are_counted() -> None:
    """`retries` is how many may follow the first."""
    decisions = [decide("platform", "EngineCrashed", calls=0, attempt=attempt, retries=2) for attempt in (1, 2, 3)]

    assert decisions == [RetryDecision(attempt=2), RetryDecision(attempt=3), None]


def test_a_function_can_say_that_trying_again_cannot_help() -> None:
    """Only the function knows that, say, the account is closed."""
    assert decide("function", "NonRecoverable", calls=1, attempt=1, retries=5) is None
