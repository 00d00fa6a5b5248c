"""The tokens of a rate limit, at times that the test names."""

import pytest

from sandbox.bucket import Bucket, RateExceeded
from sandbox.options import RateLimit

# Powers of two, so that sums of times are exact.
LIMIT = RateLimit(calls=2, per_seconds=1.0, wait_seconds=1.5)


def test_a_full_bucket_lets_as_many_calls_through_as_it_has_tokens() -> None:
    """A burst after a pause is what the bucket is for."""
    bucket = Bucket(LIMIT)

    assert [bucket.seconds_until(place, now=8.0) for place in range(3)] == [0.0, 0.0, 0.5]


def test_calls_wait_in_line() -> None:
    """Each is told when its own token will be there; asked too early, it is told how long is left."""
    bucket = Bucket(LIMIT)
    for place in range(2):
        bucket.seconds_until(place, now=8.0)

    assert [bucket.seconds_until(place, now=8.0) for place in "abc"] == [0.5, 1.0, 1.5]
    assert [bucket.seconds_until(place, now=8.25) for place in "abc"] == [0.25, 0.75, 1.25]
    assert [bucket.seconds_until(place, now=8.5) for place in "abc"] == [0.0, 0.5, 1.0]


def test_a_newcomer_does_not_overtake() -> None:
    """A program that calls all the time would otherwise starve one that waits."""
    bucket = Bucket(RateLimit(calls=1, per_seconds=1.0))
    bucket.seconds_until("first", now=8.0)
    bucket.seconds_until("waiting", now=8.0)

    assert bucket.seconds_until("newcomer", now=9.0) == 1.0
    assert bucket.seconds_until("waiting", now=9.0) == 0.0


def test_who_leaves_the_line_shortens_it() -> None:
    """A cancelled run must not use up what others wait for."""
    bucket = Bucket(LIMIT)
    for place in range(2):
        bucket.seconds_until(place, now=8.0)
    bucket.seconds_until("gone", now=8.0)
    bucket.seconds_until("next", now=8.0)

    bucket.leave("gone")

    assert bucket.seconds_until("next", now=8.0) == 0.5


def test_a_line_that_is_too_long_is_told_at_once() -> None:
    """A failure that comes after a wait has cost the wait as well."""
    bucket = Bucket(LIMIT)
    for place in range(5):
        bucket.seconds_until(place, now=8.0)

    with pytest.raises(RateExceeded) as refused:
        bucket.seconds_until("sixth", now=8.0)

    assert str(refused.value) == (
        "at most 2 calls in 1 s, of all runs together; this one would wait 2 s, and the longest wait is 1.5 s"
    )
    assert refused.value.hint == "make fewer calls, or catch this and make them later"


def test_one_call_is_told_as_one() -> None:
    """Programs and people read it."""
    bucket = Bucket(RateLimit(calls=1, per_seconds=60, wait_seconds=0))
    bucket.seconds_until("first", now=0.0)

    with pytest.raises(RateExceeded, match=r"^at most 1 call in 60 s, of all runs together"):
        bucket.seconds_until("second", now=0.0)


def test_a_clock_that_goes_back_gives_no_tokens() -> None:
    """Nor does it take any."""
    bucket = Bucket(LIMIT)
    bucket.seconds_until("first", now=8.0)

    assert bucket.seconds_until("second", now=2.0) == 0.0
    assert bucket.seconds_until("third", now=2.0) == 0.5
    assert bucket.seconds_until("third", now=8.0) == 0.5


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"calls": 0}, "RateLimit.calls must be a whole number of at least 1, not 0"),
        ({"calls": 1, "per_seconds": 0}, "RateLimit.per_seconds must be more than 0, not 0.0"),
        ({"calls": 1, "wait_seconds": -1}, "RateLimit.wait_seconds must be at least 0 seconds, not -1"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(fields: dict[str, int], message: str) -> None:
    """When it is written down, not when the first call comes."""
    with pytest.raises(ValueError, match="RateLimit") as refused:
        RateLimit(**fields)

    assert str(refused.value) == message
