"""Finished runs are kept within bounds of number, age and memory."""

from datetime import timedelta

import pytest

from service.errors import RunNotKept
from service.runs.recent import RecentRuns
from tests.unit.service.builders import START, make_run


def kept(recent: RecentRuns, *names: str, at: float = 0) -> list[str]:
    """Return those of the runs that can be read."""
    found = []
    for name in names:
        try:
            found.append(recent.get(name, tenant="default", now=START + timedelta(seconds=at)).id)
        except RunNotKept:
            continue
    return found


def test_the_oldest_goes_when_there_are_too_many() -> None:
    """Memory is bounded whatever is sent."""
    recent = RecentRuns(kept_runs=2, kept_seconds=600, kept_bytes=1_000)
    for name in "abc":
        recent.add(make_run(name))

    assert kept(recent, "a", "b", "c") == ["b", "c"]


def test_the_oldest_go_when_they_take_too_much() -> None:
    """Few large runs are as bad as many small ones."""
    recent = RecentRuns(kept_runs=100, kept_seconds=600, kept_bytes=100)
    for name, weight in (("a", 40), ("b", 50), ("c", 60), ("d", 101)):
        recent.add(make_run(name, weight=weight))

    assert kept(recent, "a", "b", "c", "d") == ["c"]


def test_runs_are_forgotten_in_time() -> None:
    """What is in them was meant for their caller."""
    recent = RecentRuns(kept_runs=100, kept_seconds=600, kept_bytes=1_000)
    recent.add(make_run("a", at=0))
    recent.add(make_run("b", at=1))

    assert kept(recent, "a", "b", at=599) == ["a", "b"]
    assert kept(recent, "a", "b", at=600.5) == ["b"]


def test_the_refusal_says_how_long_runs_are_kept() -> None:
    """The caller cannot know otherwise."""
    recent = RecentRuns(kept_runs=0, kept_seconds=600, kept_bytes=1_000)
    recent.add(make_run("a"))
    with pytest.raises(RunNotKept, match="is kept for 600 s after its end"):
        recent.get("a", tenant="default", now=START)
