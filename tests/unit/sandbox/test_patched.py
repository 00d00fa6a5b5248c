"""Replay of a program that may have changed: what is answered, what is made again, what is new, and at which time."""

import pytest

from sandbox.divergence import JournalDiverged
from sandbox.entries import Abandoned, CallKey, Entry, MadeCall, OutcomeUnknown, Sent, Settled, outcome_unknown
from sandbox.journal import Journal
from sandbox.patched import PatchedReplay, ReplayedCall, Verdict
from sandbox.terms import Effect
from sandbox.turns import Outcome, Turn
from tests.journals import NOW, SECOND, asked, call, failed, journal, keys_of, made, told, two_calls, value


def key(argument: object, nth: int = 0) -> CallKey:
    """Return the key of a call of `f`."""
    return CallKey(function="f", digest=made(1, argument).digest(), nth=nth)


def settle(replay: PatchedReplay, one: MadeCall, *, nth: int = 0, effect: Effect = "write") -> Entry | None:
    """Ask for a call by key."""
    return replay.settle(one, key(one.call.args[0], nth), effect)


def summary(replay: PatchedReplay) -> dict[str, list[tuple[int | None, int | None]]]:
    """Return the report as pairs of recorded and observed numbers."""
    report = replay.report()
    lists = {name: getattr(report, name) for name in ("reused", "again", "unknown", "new", "dropped")}
    return {name: [(one.recorded, one.number) for one in calls] for name, calls in lists.items() if calls}


def gathered() -> Journal:
    """Return the journal of two siblings, of which the second was told first."""
    return journal(
        asked(made(1, "a"), made(2, "b")), Sent(number=1), Sent(number=2), value(2, 20), told(1, 2), asked(),
        value(1, 10), told(5, 1),
    )  # fmt: skip


def test_the_same_program_is_told_the_same_at_the_same_times() -> None:
    """An edited line that changes no call costs no time and no call."""
    replay, recorded = PatchedReplay.patch(two_calls()), two_calls()

    turns = [
        replay.follow(asked(made(number, name)), {number: recorded.key_of(number)})
        for number, name in ((1, "a"), (2, "b"))
    ]

    assert replay.now == NOW
    assert turns == [
        Turn(now=NOW + SECOND, outcomes=(Outcome(number=1, value=10),)),
        Turn(now=NOW + 2 * SECOND, outcomes=(Outcome(number=2, value=20),)),
    ]
    assert replay.is_following
    assert summary(replay) == {"reused": [(1, 1), (2, 2)]}


def test_siblings_that_change_places_keep_their_answers() -> None:
    """By number they would swap them. The order in which they were answered stays as well."""
    replay = PatchedReplay.patch(gathered())
    swapped = {1: key("b"), 2: key("a")}

    first = replay.follow(asked(made(1, "b"), made(2, "a")), swapped)
    second = replay.follow(asked(), {})

    assert first == Turn(now=NOW + SECOND, outcomes=(Outcome(number=1, value=20),))
    assert second == Turn(now=NOW + 5 * SECOND, outcomes=(Outcome(number=2, value=10),))
    assert summary(replay) == {"reused": [(2, 1), (1, 2)]}


def test_an_inserted_call_is_new_and_those_after_it_are_matched_by_key() -> None:
    """From the first difference on, time is at least what was recorded for the answers that were told."""
    replay = PatchedReplay.patch(two_calls())

    assert replay.follow(asked(made(1, "new")), {1: key("new")}) is None
    entries = [settle(replay, made(number, name)) for number, name in ((1, "new"), (2, "a"), (3, "b"))]

    assert entries == [None, value(2, 10), value(3, 20)]
    assert replay.not_before == NOW + 2 * SECOND
    assert not replay.is_following
    assert summary(replay) == {"new": [(None, 1)], "reused": [(1, 2), (2, 3)]}


def test_a_call_that_no_longer_occurs_is_dropped() -> None:
    """The report names it, with its line."""
    replay = PatchedReplay.patch(two_calls())
    replay.follow(asked(made(1, "b")), {1: key("b")})

    entry = settle(replay, made(1, "b"))

    assert entry == value(1, 20)
    assert summary(replay) == {"reused": [(2, 1)], "dropped": [(1, None)]}
    assert replay.report().dropped == (ReplayedCall(key=key("a"), line=1, recorded=1),)


def test_equal_calls_get_their_answers_in_their_order() -> None:
    """A program that draws twice gets two answers; a third draw is new."""
    replay = PatchedReplay.patch(two_calls("a", "a"))

    assert [settle(replay, made(n + 1, "a"), nth=n) for n in range(3)] == [value(1, 10), value(2, 20), None]


@pytest.mark.parametrize("change", [{"wake_at": NOW + 5}, {"waiting_for": ()}, {"cancelled": (1,)}])
def test_another_wait_is_a_difference(change: dict[str, object]) -> None:
    """A program that sleeps for another time, or waits for less, is not told what it would not have been told."""
    replay = PatchedReplay.patch(two_calls())

    assert replay.follow(asked(made(1, "a"), **change), {1: key("a")}) is None
    assert not replay.is_following
    assert replay.follow(asked(made(2, "b")), {2: key("b")}) is None


# How a recorded call ended, and what becomes of it in another execution, per effect of its function.
FATES: list[tuple[str, list[Entry], Effect, Verdict]] = [
    ("a value", [Sent(number=1), value(1, 10)], "write", "reused"),
    ("a failure that may pass", [Sent(number=1), failed(1)], "write", "again"),
    ("a final failure", [Sent(number=1), failed(1, "NonRecoverable")], "write", "reused"),
    ("never sent", [], "write", "again"),
    ("sent, a write", [Sent(number=1)], "write", "unknown"),
    ("sent, idempotent", [Sent(number=1)], "idempotent", "again"),
    ("sent, a read", [Sent(number=1)], "read", "again"),
    ("given up, a write", [Sent(number=1), Abandoned(number=1)], "write", "unknown"),
    ("given up, a read", [Sent(number=1), Abandoned(number=1)], "read", "again"),
    ("given up unsent", [Abandoned(number=1)], "write", "again"),
    ("unknown", [Sent(number=1), outcome_unknown(call(1))], "write", "unknown"),
]


@pytest.mark.parametrize(
    ("entries", "effect", "verdict"), [fate[1:] for fate in FATES], ids=[fate[0] for fate in FATES]
)
def test_what_was_recorded_decides_whether_a_call_is_made_again(
    entries: list[Entry], effect: Effect, verdict: Verdict
) -> None:
    """A write is never repeated in silence, and a failure that may pass is what a patch or a retry is for."""
    replay = PatchedReplay.patch(journal(asked(made(1, "a")), *entries))

    entry = settle(replay, made(1, "a"), effect=effect)

    assert summary(replay) == {verdict: [(1, 1)]}
    assert {"reused": Settled, "unknown": OutcomeUnknown, "again": type(None)}[verdict] is type(entry)


def test_a_retry_makes_what_was_given_up_again() -> None:
    """Whoever asks for retries asks for that; what was sent when a worker died is another matter."""
    given_up = journal(asked(made(1, "a")), Sent(number=1), Abandoned(number=1))
    replay = PatchedReplay.retry([given_up])

    assert replay is not None
    assert replay.follow(asked(made(1, "a")), {1: key("a")}) is None
    assert settle(replay, made(1, "a")) is None


def test_a_first_attempt_has_nothing_to_be_told() -> None:
    """Nor has one after attempts that never began."""
    assert PatchedReplay.retry([]) is None
    assert PatchedReplay.retry([None]) is None


def test_a_retry_remembers_all_attempts() -> None:
    """An attempt that ended before it came to a call does not take its answer away, nor does one that failed."""
    second = journal(asked(made(1, "a")), Sent(number=1), failed(1))

    replay = PatchedReplay.retry([two_calls(), None, second])

    assert replay is not None
    assert [settle(replay, made(number, name)) for number, name in ((1, "a"), (2, "b"))] == [
        value(1, 10),
        value(2, 20),
    ]


def test_a_failure_ends_following_where_it_was_told() -> None:
    """It is asked for again, at the time that it is now."""
    recorded = journal(asked(made(1, "a"), made(2, "b")), Sent(number=1), failed(1), value(2, 20), told(1, 1, 2))
    replay = PatchedReplay.patch(recorded)

    assert replay.follow(asked(made(1, "a"), made(2, "b")), keys_of(recorded)) is None
    assert [settle(replay, made(1, "a")), settle(replay, made(2, "b"))] == [None, value(2, 20)]
    assert summary(replay) == {"again": [(1, 1)], "reused": [(2, 2)]}


def test_a_fork_is_told_something_else_by_one_call() -> None:
    """What was told before it stays as it was, failures too."""
    recorded = journal(
        asked(made(1, "a")), failed(1), told(1, 1), asked(made(2, "b")), value(2, 20), told(2, 2),
        asked(made(3, "c")), value(3, 30),
    )  # fmt: skip
    replay = PatchedReplay.fork(recorded, Outcome(number=2, value=99))

    turns = [replay.follow(asked(made(n, name)), {n: key(name)}) for n, name in ((1, "a"), (2, "b"), (3, "other"))]

    assert turns == [
        Turn(now=NOW + SECOND, outcomes=(failed(1).outcome,)),
        Turn(now=NOW + 2 * SECOND, outcomes=(Outcome(number=2, value=99),)),
        None,
    ]
    assert settle(replay, made(4, "c")) == value(4, 30)


def test_a_fork_at_a_call_that_there_is_not_is_refused() -> None:
    """By its number."""
    with pytest.raises(LookupError, match="there is no call 3: the journal has 2 calls"):
        PatchedReplay.fork(two_calls(), Outcome(number=3))


def test_an_unknown_outcome_stays_unknown_while_following() -> None:
    """And it is recorded as what it is."""
    recorded = journal(asked(made(1, "a")), Sent(number=1), outcome_unknown(call(1)), told(1, 1))
    replay = PatchedReplay.patch(recorded)

    turn = replay.follow(asked(made(1, "a")), {1: key("a")})

    assert turn == Turn(now=NOW + SECOND, outcomes=(outcome_unknown(call(1)).outcome,), unknown=frozenset({1}))
    assert summary(replay) == {"unknown": [(1, 1)]}


def test_another_build_of_the_guest_may_order_siblings_otherwise() -> None:
    """Sets are walked in another order there; anything else is a divergence, with both sides."""
    swapped = {1: key("b"), 2: key("a")}
    replay = PatchedReplay.rebuilt(gathered())
    assert replay.follow(asked(made(1, "b"), made(2, "a"), fuel=5), swapped) is not None

    with pytest.raises(JournalDiverged) as diverged:
        PatchedReplay.rebuilt(two_calls()).follow(asked(made(1, "x")), {1: key("x")})

    assert str(diverged.value) == ('turn 1 of the replay differs: recorded call 1 f("a"), observed call 1 f("x")')


def test_another_build_goes_on_where_the_record_ends() -> None:
    """There, nothing can differ any more."""
    replay = PatchedReplay.rebuilt(two_calls().until(6))
    replay.follow(asked(made(1, "a")), {1: key("a")})

    assert replay.follow(asked(made(2, "b")), {2: key("b")}) is None
    assert settle(replay, made(2, "b")) == OutcomeUnknown(
        outcome=Outcome(number=2, failure=outcome_unknown(call(2)).outcome.failure)
    )
