"""Turns that are sent ahead: which, how many at once, and what becomes of those that the worker drops."""

import pytest

from sandbox.engines.workers.ahead import MOST_TURNS, Ahead
from sandbox.engines.workers.crossing import LimitReached
from sandbox.engines.workers.turn_ends import TurnEnd, TurnEnds
from sandbox.engines.workers.wire import AHEAD_BYTES, BadFrame, FrameKind
from sandbox.errors import MisuseError
from sandbox.limits import Limits
from sandbox.turns import Failure, Outcome, Turn
from tests.journals import NOW

LIMITS = Limits(value_bytes=100_000)
END = TurnEnd(FrameKind.BLOCKED, "{}", "", [], 1, 0.1)


def turn(number: int, value: object = None) -> Turn:
    """Return a turn that brings the outcome of a call, a second after the one before."""
    return Turn(now=NOW + number, outcomes=(Outcome(number=number, value=value),))


def ahead_of(*turns: Turn, limits: Limits = LIMITS) -> Ahead:
    """Return what knows of these turns."""
    ahead = Ahead(limits)
    ahead.foresee(iter(turns))
    return ahead


def test_light_turns_are_sent_as_they_would_be_one_by_one() -> None:
    """Time and message of each, in order."""
    ahead = ahead_of(turn(1, "a"), Turn(now=NOW + 2, outcomes=()))

    assert ahead.batch() == [
        (NOW + 1, f'{{"now":{NOW + 1},"outcomes":[[1,null]]}}\n"a"'),
        (NOW + 2, f'{{"now":{NOW + 2},"outcomes":[]}}'),
    ]


def test_only_so_many_turns_are_sent_at_once() -> None:
    """What the worker says of them has to be read in one go."""
    ahead = ahead_of(*[turn(number) for number in range(1, 101)])

    assert len(ahead.batch()) == MOST_TURNS


def test_only_so_many_bytes_are_sent_at_once() -> None:
    """A frame that brings many results is written in a time that nobody notices."""
    ahead = ahead_of(*[turn(number, "a" * 4_000) for number in range(1, 101)])

    assert sum(len(reply) for _, reply in ahead.batch()) < AHEAD_BYTES + 5_000


@pytest.mark.parametrize(
    "heavy",
    [
        Outcome(number=2, value="a" * 5_000),
        Outcome(number=2, failure=Failure(type="ValueError", message="a" * 5_000)),
    ],
    ids=["value", "failure"],
)
def test_a_heavy_turn_waits_until_it_is_asked_for(heavy: Outcome) -> None:
    """It may have to be written on a thread; those behind it follow it."""
    ahead = ahead_of(turn(1), Turn(now=NOW + 2, outcomes=(heavy,)), turn(3))

    first = ahead.batch()
    taken = ahead.take(turn(1).outcomes, now=NOW + 1, so_far=TurnEnds(LIMITS))
    second = ahead.batch()
    ahead.skip()
    third = ahead.batch()

    assert taken
    assert [[now for now, _ in batch] for batch in (first, second, third)] == [[NOW + 1], [], [NOW + 3]]


def test_a_value_beyond_its_limit_is_found_when_its_turn_is_asked_for() -> None:
    """The run ends there, and not before."""
    ahead = ahead_of(turn(1), turn(2, "a" * 100), limits=Limits(value_bytes=50))

    assert [now for now, _ in ahead.batch()] == [NOW + 1]


def test_what_a_turn_brings_is_counted_when_it_is_asked_for() -> None:
    """All values of a run have a limit together: it is reached in the turn in which it was reached before."""
    limits = Limits(value_bytes=3_000)
    ahead, so_far = ahead_of(turn(1, "a" * 2_000), turn(2, "a" * 2_000), limits=limits), TurnEnds(limits)
    so_far.crossing.take_inputs(limits.run_bytes() - 3_000)

    assert len(ahead.batch()) == 2
    assert ahead.take(turn(1).outcomes, now=NOW + 1, so_far=so_far)
    with pytest.raises(LimitReached):
        ahead.take(turn(2).outcomes, now=NOW + 2, so_far=so_far)


def test_turns_that_the_worker_dropped_are_sent_again() -> None:
    """It drops them when it has said much; they follow the one that is asked for next."""
    ahead = ahead_of(*[turn(number) for number in range(1, 5)])
    ahead.batch()
    ahead.take(turn(1).outcomes, now=NOW + 1, so_far=TurnEnds(LIMITS))

    ahead.recall()
    taken = ahead.take(turn(2).outcomes, now=NOW + 2, so_far=TurnEnds(LIMITS))
    ahead.skip()

    assert not taken
    assert [now for now, _ in ahead.batch()] == [NOW + 3, NOW + 4]


def test_another_turn_than_was_foreseen_is_a_misuse() -> None:
    """The guest has been told something else already."""
    ahead = ahead_of(turn(1))
    ahead.batch()

    with pytest.raises(MisuseError, match="told to foresee another turn"):
        ahead.take(turn(2).outcomes, now=NOW + 1, so_far=TurnEnds(LIMITS))


def test_an_end_that_no_turn_was_sent_for_is_a_bad_frame() -> None:
    """Nobody would ever ask for it."""
    ahead = ahead_of(turn(1))
    ahead.batch()
    ahead.hear(END)

    with pytest.raises(BadFrame, match=r"^no turn under way$"):
        ahead.hear(END)


def test_without_a_replay_nothing_is_sent_ahead() -> None:
    """A run that is under way knows no turn to come."""
    ahead = Ahead(LIMITS)
    ahead.skip()

    assert ahead.batch() == []
    assert not ahead.take(turn(1).outcomes, now=NOW + 1, so_far=TurnEnds(LIMITS))
