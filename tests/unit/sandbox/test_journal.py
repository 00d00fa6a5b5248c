"""The journal's order rule, its keys, and what it knows of calls."""

from collections.abc import Sequence

import pytest

from sandbox.entries import Abandoned, CallKey, Ended, Entry, Header, MadeCall, Sent, digest_of, outcome_unknown
from sandbox.journal import _PHASES, _STATES, Journal, JournalRefused, asked_by, ended_by
from sandbox.turns import LimitExceeded, Outcome, Program, Returned, Spent
from tests.journals import HEADER, NOW, asked, blocked, call, failed, journal, made, told, two_calls, value

STATES: dict[str, Sequence[Entry]] = {
    "intended": (asked(made(1)),),
    "sent": (asked(made(1)), Sent(number=1)),
    "settled": (asked(made(1)), Sent(number=1), value(1)),
    "outcome_unknown": (asked(made(1)), Sent(number=1), outcome_unknown(call(1))),
    "abandoned": (asked(made(1)), Abandoned(number=1)),
}
CALL_ENTRIES: list[Entry] = [Sent(number=1), value(1), outcome_unknown(call(1)), Abandoned(number=1)]
PHASES: dict[str, Sequence[Entry]] = {
    "computing": (),
    "blocked": (asked(made(1)), value(1)),
    "ended": (Ended(how="returned"),),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("entry", CALL_ENTRIES, ids=lambda entry: entry.kind)
def test_a_call_changes_as_the_table_says_and_in_no_other_way(state: str, entry: Entry) -> None:
    """A settled call that settles again would give a program two answers."""
    written = journal(*STATES[state])
    allowed = _STATES.get((state, entry.kind))  # type: ignore[arg-type] # any text may be asked for

    if allowed is not None:
        written.append(entry)
        assert written.state_of(1) == allowed
        return
    with pytest.raises(JournalRefused):
        written.append(entry)
    assert (written.entries, written.state_of(1)) == (tuple(STATES[state]), state)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("kind", ["asked", "told", "ended"])
def test_turns_follow_one_another_as_the_table_says(phase: str, kind: str) -> None:
    """A turn that begins twice could be told two things."""
    entries: dict[str, Entry] = {
        "asked": asked(made(1 if phase == "computing" else 2)),
        "told": told(1, 1),
        "ended": Ended(how="limit"),
    }
    written = journal(*PHASES[phase])
    allowed = _PHASES.get((phase, kind))  # type: ignore[arg-type] # any text may be asked for

    if allowed is not None:
        written.append(entries[kind])
        assert written.phase == allowed
        return
    with pytest.raises(JournalRefused):
        written.append(entries[kind])
    assert (written.entries, written.phase) == (tuple(PHASES[phase]), phase)


REFUSED: list[tuple[Sequence[Entry], Entry, str]] = [
    (
        STATES["settled"],
        Sent(number=1),
        'entry "sent of call 1" cannot follow: the call is settled; settled may be followed by nothing',
    ),
    (
        (),
        Sent(number=1),
        'entry "sent of call 1" cannot follow: there are 0 calls; a call is made by an entry asked',
    ),
    (
        (),
        told(1),
        'entry "told" cannot follow: the run is computing; computing may be followed by asked, ended',
    ),
    (
        STATES["sent"],
        told(1, 1),
        'entry "told" cannot follow: call 1 has no outcome; outcomes are written before they are told',
    ),
    (
        STATES["settled"],
        told(1),
        'entry "told" cannot follow: it brings nothing; it brings an outcome, or comes when wake_at is reached',
    ),
    (
        STATES["settled"],
        told(-1, 1),
        f'entry "told" cannot follow: its time is {NOW - 10**9}; time does not run backward from {NOW}',
    ),
    (
        (asked(made(1), made(2), waiting_for=(2,)), value(1)),
        told(1, 1),
        'entry "told" cannot follow: it brings call 1; it brings calls that the guest waits for',
    ),
    (
        (),
        asked(made(2)),
        'entry "asked" cannot follow: it makes the calls [2]; calls are numbered on from 1',
    ),
    (
        (),
        asked(made(1), waiting_for=(2,)),
        'entry "asked" cannot follow: it names call 2; it names calls that were made and not told',
    ),
    (
        (*STATES["settled"], told(1, 1)),
        asked(waiting_for=(1,)),
        'entry "asked" cannot follow: it names call 1; it names calls that were made and not told',
    ),
    (
        (),
        asked(),
        'entry "asked" cannot follow: it waits for nothing; a guest waits for calls or a time',
    ),
    (
        (asked(made(1)), Ended(how="limit")),
        Abandoned(number=1),
        'entry "abandoned of call 1" cannot follow: the run is ended; ended may be followed by nothing',
    ),
]


@pytest.mark.parametrize(("before", "entry", "message"), REFUSED)
def test_an_entry_that_does_not_follow_is_refused_by_name(before: Sequence[Entry], entry: Entry, message: str) -> None:
    """It names entry, state and rule, and it changes nothing."""
    written, twin = journal(*before), journal(*before)

    with pytest.raises(JournalRefused) as refused:
        written.append(entry)

    assert str(refused.value) == message
    assert refused.value.entry is entry
    assert (written.entries, written.phase, written.untold(), written.now) == (
        twin.entries,
        twin.phase,
        twin.untold(),
        twin.now,
    )


def test_the_key_of_a_call_counts_the_equal_ones_before_it() -> None:
    """Siblings that ask the same are told apart by their order."""
    written = journal(asked(made(1, "a"), made(2, "b"), made(3, "a")))

    assert [written.key_of(number) for number in (3, 1, 2)] == [
        CallKey(function="f", digest=made(1, "a").digest(), nth=1),
        CallKey(function="f", digest=made(1, "a").digest(), nth=0),
        CallKey(function="f", digest=made(2, "b").digest(), nth=0),
    ]
    assert str(written.key_of(3)) == f"f:{made(1, 'a').digest()}:1"


def test_the_order_of_keywords_does_not_matter_to_a_key() -> None:
    """They are names, not places; the same keywords with other values are another call."""
    one = digest_of(call(1), {"args": ["a"], "kwargs": {"x": 1, "y": 2}})

    assert one == digest_of(call(1), {"args": ["a"], "kwargs": {"y": 2, "x": 1}})
    assert one != digest_of(call(1), {"args": ["a"], "kwargs": {"y": 1, "x": 2}})


def test_true_is_not_one_to_a_key() -> None:
    """Keys are made of what crosses, not of `==`."""
    assert len({made(1, one).digest() for one in (1, True, 1.0, "1")}) == 4


def test_a_wide_gather_is_written_down_in_a_line() -> None:
    """Written out, the waiting calls of all turns would grow with the square of their number."""
    written = journal()
    calls = [call(number, number) for number in (1, 2, 3)]

    first = asked_by(blocked(*calls, waiting=(3, 1, 2)), (MadeCall(call=one) for one in calls), written)
    written.append(first)
    written.append(value(2))
    written.append(told(1, 2))
    second = asked_by(blocked(waiting=(1, 3)), (), written)
    written.append(second)
    third = asked_by(blocked(waiting=(3,), wake_at=NOW, cancelled_calls=(1,), spent=Spent(fuel=5)), (), journal(first))

    assert first == asked(*(MadeCall(call=one) for one in calls))
    assert second == asked()
    assert third == asked(waiting_for=(3,), wake_at=NOW, cancelled=(1,), fuel=5)
    assert written.untold() == [1, 3]


def test_a_journal_can_be_cut_after_any_entry() -> None:
    """A crash cuts it anywhere."""
    whole = two_calls()

    assert [len(whole.until(count).entries) for count in range(9)] == [*range(9)]
    assert whole.until(3).outcome_of(1) == Outcome(number=1, value=10)
    assert whole.until(2).outcome_of(1) is None


def test_a_header_tells_programs_apart() -> None:
    """By source, functions and policy: what is the same program runs the same way."""
    kinds = [Program(source="1"), Program(source="1", guarded=False), Program(source="1", stack_depth=10)]
    headers = [
        Header.of(program, engine="e", engine_version="1", inputs={}, seed=1, now=NOW)
        for program in (*kinds, Program(source="2"))
    ]

    assert len({header.program_digest for header in headers}) == 4
    assert len({header.source_digest for header in headers}) == 2


@pytest.mark.parametrize(
    ("progress", "how"),
    [
        (Returned(spent=Spent(fuel=3)), "returned"),
        (LimitExceeded(limit="fuel", spent=Spent(fuel=3)), "limit"),
    ],
)
def test_the_end_of_a_program_is_an_entry(progress: Returned | LimitExceeded, how: str) -> None:
    """With what it had used."""
    assert ended_by(progress) == Ended(how=how, fuel=3)  # type: ignore[arg-type] # one of the three


def test_a_call_that_failed_has_an_outcome_too() -> None:
    """Failures are told as values are."""
    written = Journal.of(HEADER, [asked(made(1)), failed(1)])

    assert (written.state_of(1), written.was_sent(1)) == ("settled", False)
