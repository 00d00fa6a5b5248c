"""Which compiled guests stay in the cache directory."""

from pathlib import Path

from sandbox.engines.cpython.artifact import superseded

NOW = 1_700_000_000.0
DAY = 86_400


def files(*days_ago: float) -> dict[Path, float]:
    """Return files by the time of their last use."""
    return {Path(f"guest-{n}.cwasm"): NOW - days * DAY for n, days in enumerate(days_ago)}


def test_a_compiled_guest_that_is_in_use_stays() -> None:
    """Checkouts that share a directory would otherwise compile in turn, 10 s each, whenever a fifth one was built."""
    assert superseded(files(*[0.5] * 12), now=NOW) == []


def test_the_four_used_last_stay_however_long_ago() -> None:
    """Old ones go with the next that is compiled."""
    used = files(30, 1, 20, 90, 0, 50)

    assert superseded(used, now=NOW) == [Path("guest-5.cwasm"), Path("guest-3.cwasm")]


def test_there_are_never_more_than_twenty() -> None:
    """They are 48 MB each."""
    assert len(superseded(files(*[0.1] * 33), now=NOW)) == 13
