"""Calls that somebody outside answers: what is asked, until when, and what becomes of one that nobody answers."""

from dataclasses import replace
from typing import Any

import pytest

from sandbox.dispatch import HostFunction
from sandbox.entries import Announced, Approved, Sent
from sandbox.errors import ValueRejected
from sandbox.external import announced, ask_of, overdue, pending_calls, read_answer, rejection, timed_out
from sandbox.journal import JournalRefused
from sandbox.journal_text import read, write
from sandbox.terms import OnTimeout, Terms
from sandbox.turns import Outcome
from tests.journals import NOW, asked, journal, made, value

HOUR = 3_600.0
NANOSECONDS = 10**9


def f(x: Any) -> int:
    """Ask."""
    return int(x)


def client(**terms: Any) -> HostFunction:
    """Return a function that the caller answers."""
    return replace(HostFunction.of(f, terms=Terms(**terms)), kind="client")


def test_only_client_functions_and_those_that_need_an_approval_are_asked_for() -> None:
    """Everything else is the host's to call."""
    assert ask_of(HostFunction.of(f)) is None
    assert ask_of(client()) == "client_function"
    assert ask_of(HostFunction.of(f, terms=Terms(requires_approval=True))) == "approval"


@pytest.mark.parametrize(
    ("terms", "seconds"),
    [({}, 7 * 24 * HOUR), ({"expires_seconds": HOUR}, HOUR), ({"timeout_seconds": 5.0}, 5.0)],
)
def test_a_question_is_open_until_its_deadline(terms: dict[str, float], seconds: float) -> None:
    """The deadline is written down with the question: no restart makes it later."""
    opened = announced(client(**terms), "client_function", 1, now=NOW)

    assert opened == Announced(number=1, ask="client_function", expires_at=NOW + int(seconds * NANOSECONDS))


def test_the_time_that_an_approved_call_may_take_does_not_bound_who_approves_it() -> None:
    """Two seconds are enough for a payment, not for a person."""
    function = HostFunction.of(f, terms=Terms(requires_approval=True, timeout_seconds=2, expires_seconds=HOUR))

    assert announced(function, "approval", 1, now=0).expires_at == HOUR * NANOSECONDS


@pytest.mark.parametrize(
    ("terms", "outcome"),
    [
        ({}, None),
        ({"on_timeout": OnTimeout(action="default", value=3)}, Outcome(number=1, value=3)),
    ],
)
def test_what_nobody_answers_ends_the_run_or_has_a_default(terms: dict[str, Any], outcome: Outcome | None) -> None:
    """What becomes of it is declared, not left to chance."""
    function = client(**terms)
    waiting = journal(asked(made(1)), announced(function, "client_function", 1, now=NOW))

    (pending,) = pending_calls(waiting, {"f": function})

    assert timed_out(pending) == outcome
    assert overdue([pending], now=pending.expires_at - 1) == ()
    assert overdue([pending], now=pending.expires_at) == (pending,)


@pytest.mark.parametrize("terms", [{"on_timeout": OnTimeout(action="raise")}, {"timeout_seconds": 1.0}])
def test_a_timeout_can_be_raised_where_the_call_stands(terms: dict[str, Any]) -> None:
    """Programs catch it as they catch any function's timeout."""
    function = client(**terms)
    waiting = journal(asked(made(1)), announced(function, "client_function", 1, now=NOW))

    outcome = timed_out(pending_calls(waiting, {"f": function})[0])

    assert outcome is not None
    assert outcome.failure is not None
    assert (outcome.failure.type, outcome.failure.message) == ("TimeoutError", "nobody answered f() in time")


def test_what_is_asked_survives_being_written_down() -> None:
    """The run that waits is read back by whoever answers it: same question, same digest, same deadline."""
    function = client()
    waiting = journal(asked(made(1, "a"), made(2, "b")), *(announced(function, "approval", n, now=NOW) for n in (1, 2)))
    waiting.append(Approved(number=2))

    back = read(write(waiting))

    assert pending_calls(back, {"f": function}) == pending_calls(waiting, {"f": function})
    assert [one.arguments for one in pending_calls(back, {"f": function})] == [{"x": "a"}]
    assert back.state_of(2) == "approved"


def test_an_approval_is_for_one_function_and_its_arguments() -> None:
    """What was shown to whoever agrees is what is done."""
    one = journal(asked(made(1, "a"), made(2, "b"), made(3, "a", function="g")))
    for number in (1, 2, 3):
        one.append(Announced(number=number, ask="approval", expires_at=NOW))

    digests = [pending.digest for pending in pending_calls(one, {})]

    assert len(set(digests)) == 3


def test_an_answer_is_held_to_what_the_function_declares() -> None:
    """A program that was promised a number gets none of the caller's mistakes."""
    assert read_answer(client(), 1, 3) == Outcome(number=1, value=3)
    with pytest.raises(ValueRejected, match=r"^the value is a str, not int$"):
        read_answer(client(), 1, "three")


def test_a_call_that_was_announced_is_not_sent_without_an_approval() -> None:
    """The journal itself refuses what must not happen."""
    waiting = journal(asked(made(1)), Announced(number=1, ask="approval", expires_at=NOW))

    with pytest.raises(JournalRefused, match="the call is announced; announced may be followed by approved, settled"):
        waiting.append(Sent(number=1))
    with pytest.raises(JournalRefused, match="the call is settled"):
        journal(asked(made(1)), value(1)).append(Approved(number=1))


def test_a_rejected_call_raises_what_programs_can_catch() -> None:
    """It is a built-in exception, so nothing has to be imported for it."""
    failure = rejection("pay", 4).failure

    assert failure is not None
    assert (failure.type, failure.message) == ("PermissionError", "pay() was not approved, and was not called")
