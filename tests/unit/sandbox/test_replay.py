"""Exact replay: the same turns, and every difference by name."""

import math
import pickle

import pytest

from sandbox.divergence import JournalDiverged, Side
from sandbox.entries import Ended, Sent
from sandbox.replay import ExactReplay, shown
from sandbox.turns import Blocked, Outcome, Progress, Raised, Returned, Spent, Turn
from tests.journals import NOW, SECOND, asked, blocked, call, journal, made, told, two_calls, value

FIRST = blocked(call(1, "a"), waiting=(1,))
SECOND_TURN = blocked(call(2, "b"), waiting=(2,))
END = Ended(how="returned", fuel=9)
ENDED = Returned(value=1, spent=Spent(fuel=9))


def test_a_program_that_does_the_same_is_taken_through_its_turns() -> None:
    """Each with its recorded time and outcomes; where the record ends, it is on its own."""
    replay = ExactReplay(two_calls())

    assert replay.now == NOW
    assert replay.next(FIRST) == Turn(now=NOW + SECOND, outcomes=(Outcome(number=1, value=10),))
    assert replay.next(SECOND_TURN) == Turn(now=NOW + 2 * SECOND, outcomes=(Outcome(number=2, value=20),))
    assert replay.next(blocked(call(3, "c"), waiting=(3,))) is None


@pytest.mark.parametrize("count", range(9))
def test_a_journal_that_was_cut_anywhere_leads_as_far_as_it_goes(count: int) -> None:
    """A crash cuts it after any entry: a turn is replayed when its begin was written."""
    turns = [Turn(now=NOW + n * SECOND, outcomes=(Outcome(number=n, value=n * 10),)) for n in (1, 2)]
    replay = ExactReplay(two_calls().until(count))

    followed: list[Turn] = []
    for progress in (FIRST, SECOND_TURN):
        turn = replay.next(progress)
        if turn is None:
            break
        followed.append(turn)

    assert followed == turns[: count // 4]


OTHERS: list[tuple[Progress, str, str]] = [
    (blocked(call(1, "b"), waiting=(1,)), 'call 1 f("a")', 'call 1 f("b")'),
    (blocked(call(1, x="a"), waiting=(1,)), 'call 1 f("a")', 'call 1 f(x="a")'),
    (blocked(call(1, "a", function="g"), waiting=(1,)), 'call 1 f("a")', 'call 1 g("a")'),
    (blocked(call(1, "a"), call(2, "b"), waiting=(1,)), "no call", 'call 2 f("b")'),
    (blocked(waiting=(), wake_at=5), 'call 1 f("a")', "no call"),
    (blocked(call(1, "a"), waiting=(1,), wake_at=5), "wake_at None", "wake_at 5"),
    (blocked(call(1, "a"), waiting=(), wake_at=5), "waiting_for None", "waiting_for ()"),
    (blocked(call(1, "a"), waiting=(1,), spent=Spent(fuel=1)), "fuel 0", "fuel 1"),
    (Returned(value=1), 'call 1 f("a")', "the end: returned"),
]


@pytest.mark.parametrize(("progress", "recorded", "observed"), OTHERS)
def test_a_difference_is_reported_side_by_side(progress: Progress, recorded: str, observed: str) -> None:
    """With the turn in which it was found: whoever repairs it sees what changed."""
    with pytest.raises(JournalDiverged) as diverged:
        ExactReplay(two_calls()).next(progress)

    assert (diverged.value.turn, diverged.value.recorded.text, diverged.value.observed.text) == (1, recorded, observed)
    assert str(diverged.value) == f"turn 1 of the replay differs: recorded {recorded}, observed {observed}"


def test_both_calls_of_a_difference_are_there_part_by_part() -> None:
    """A tool shows them in two columns without taking a sentence apart."""
    replay = ExactReplay(journal(asked(made(1, "x" * 300)), value(1), told(1, 1)))

    with pytest.raises(JournalDiverged) as diverged:
        replay.next(blocked(call(1, "b", key=2), waiting=(1,)))

    assert diverged.value.recorded == Side(
        text='call 1 f("' + "x" * 187 + "...", function="f", arguments='"' + "x" * 196 + "...", line=1
    )
    assert diverged.value.observed == Side(text='call 1 f("b", key=2)', function="f", arguments='"b", key=2', line=1)
    again = pickle.loads(pickle.dumps(diverged.value))  # noqa: S301 - our own
    assert (str(again), again.divergence) == (str(diverged.value), diverged.value.divergence)


def test_calls_are_compared_by_what_crossed() -> None:
    """NaN differs from itself, and is the same argument all the same; True is not 1."""
    recorded = journal(asked(made(1, math.nan), made(2, 1)), value(1), told(1, 1))

    assert ExactReplay(recorded).next(blocked(call(1, math.nan), call(2, 1), waiting=(1, 2))) is not None
    with pytest.raises(JournalDiverged, match=r"recorded call 2 f\(1\), observed call 2 f\(true\)"):
        ExactReplay(recorded).next(blocked(call(1, math.nan), call(2, *[True]), waiting=(1, 2)))


def test_fuel_is_compared_on_the_same_build_alone() -> None:
    """Two builds of one guest differ by some thousandths."""
    slower = blocked(call(1, "a"), waiting=(1,), spent=Spent(fuel=1))

    assert ExactReplay(two_calls(), compare_fuel=False).next(slower) is not None


@pytest.mark.parametrize(
    ("end", "recorded", "observed"),
    [
        (Returned(spent=Spent(fuel=8)), "the end: returned, fuel 9", "the end: returned, fuel 8"),
        (
            Raised(error=None, spent=Spent(fuel=9)),  # type: ignore[arg-type] # nobody reads it
            "the end: returned, fuel 9",
            "the end: raised, fuel 9",
        ),
        (blocked(call(3, "c"), waiting=(3,)), "the end: returned", 'call 3 f("c")'),
        (Blocked(waiting_for=(), wake_at=NOW), "the end: returned", "waiting"),
    ],
)
def test_an_end_that_differs_is_a_difference(end: Progress, recorded: str, observed: str) -> None:
    """A finished journal is an audit: the program has to end as it did."""
    replay = ExactReplay(journal(*two_calls().entries, END))
    replay.next(FIRST)
    replay.next(SECOND_TURN)

    with pytest.raises(JournalDiverged) as diverged:
        replay.next(end)

    assert (diverged.value.turn, diverged.value.recorded.text, diverged.value.observed.text) == (3, recorded, observed)


def test_the_same_end_is_no_difference() -> None:
    """After it there is nothing to be told."""
    replay = ExactReplay(journal(*two_calls().entries, END))
    replay.next(FIRST)
    replay.next(SECOND_TURN)

    assert replay.next(ENDED) is None


def test_what_was_given_up_is_compared_too() -> None:
    """A program that cancels another call waits for something else."""
    recorded = journal(asked(made(1), made(2), cancelled=(1,)), Sent(number=2), value(2), told(1, 2))

    with pytest.raises(JournalDiverged, match=r"recorded cancelled \(1,\), observed cancelled \(\)"):
        ExactReplay(recorded).next(blocked(call(1), call(2), waiting=(1, 2)))


def test_a_long_call_is_shown_by_its_beginning() -> None:
    """A message is read by people."""
    assert shown(call(1, "x" * 500)) == f'call 1 f("{"x" * 187}...'
    assert shown(call(1, object())) == "call 1 f(?)"
