"""The states of a run: what may follow what, as a whole table."""

import pytest

from service.runs.states import STATUSES, is_final, may_follow, read_status


def test_what_ended_stays_as_it_ended() -> None:
    """Whatever comes late finds the run as it was told to be."""
    ended = [status for status in STATUSES if is_final(status)]

    assert ended == ["completed", "failed", "cancelled", "expired"]
    assert not [(one, other) for one in ended for other in STATUSES if may_follow(one, other)]


def test_a_run_that_has_not_begun_cannot_complete_or_wait() -> None:
    """It has to run before."""
    assert [status for status in STATUSES if may_follow("queued", status)] == ["running", "failed", "cancelled"]


def test_a_run_that_waits_goes_on_or_is_ended() -> None:
    """It does not complete by itself."""
    assert [status for status in STATUSES if may_follow("suspended", status)] == [
        "queued", "running", "failed", "cancelled", "expired",
    ]  # fmt: skip


def test_a_status_that_there_is_not_is_named() -> None:
    """A row of another release, say."""
    assert read_status("expired") == "expired"
    with pytest.raises(ValueError, match="no status is named 'paused'; statuses: queued, running"):
        read_status("paused")
