"""The checker's process: whatever becomes of it is an answer."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.checker.document import document
from sandbox.checker.process import AT_ONCE, Unchecked, find_checker, place, run_checker
from sandbox.types import from_text

FILES = document(
    "x.upper()", mode="sync", value=None, inputs={"x": from_text("int")}, functions=[], output=from_text("Any")
).files


def test_what_it_finds_is_read() -> None:
    """The one that is installed, with the files of a program."""
    assert [one["check_name"] for one in run_checker(FILES, find_checker())] == ["missing-attribute"]


@pytest.mark.parametrize(
    ("checker", "seconds", "reason"),
    [
        (None, 2.0, "the type checker is not installed: `pip install ty`"),
        (Path("/nowhere/ty"), 2.0, "the type checker ended with exit status 1"),
        (Path("/bin/false"), 2.0, "the type checker ended with exit status 1"),
        (Path("/bin/true"), 2.0, "the type checker said something that cannot be read"),
        (find_checker(), 0.001, "the type checker took more than 0.001 s"),
    ],
)
def test_one_that_fails_says_why_nothing_is_known(checker: Path | None, seconds: float, reason: str) -> None:
    """A checker that is not there, dies, or hangs is no failure of the program's, nor of ours."""
    with pytest.raises(Unchecked) as unchecked:
        run_checker(FILES, checker, wall_seconds=seconds)

    assert str(unchecked.value) == reason


def test_one_that_computes_for_long_is_ended() -> None:
    """On an idle machine; on a busy one the time on the clock says nothing about it."""
    with pytest.raises(Unchecked) as unchecked:
        run_checker({"check": "while (1) {}"}, Path("/usr/bin/perl"))

    assert str(unchecked.value) == "the type checker took more than 2 s of processor time"


def test_no_more_are_at_work_than_there_are_processors() -> None:
    """Each may take a gigabyte, and hundreds of requests at once may ask for one."""
    with ExitStack() as busy:
        for _ in range(AT_ONCE):
            busy.enter_context(place(0))
        with pytest.raises(Unchecked) as unchecked:
            run_checker(FILES, find_checker(), patience_seconds=0)

    assert str(unchecked.value) == f"{AT_ONCE} programs are being checked already, and more wait; send it again"
    assert [one["check_name"] for one in run_checker(FILES, find_checker())] == ["missing-attribute"]
