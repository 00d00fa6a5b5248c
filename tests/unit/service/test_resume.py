"""Answers as they are judged: against the journal, and against the clock as it is then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.dispatch import HostFunction
from sandbox.entries import Sent
from sandbox.external import announced, digest_of_question
from sandbox.journal import Journal
from sandbox.terms import Terms
from sandbox.turns import Failure, Outcome
from service.errors import AnswerTooLate, CallNotPending, SubmissionRejected
from service.runs.resume import Answer, judge
from tests.journals import NOW, asked, journal, made, value

START = datetime.fromtimestamp(NOW / 1e9, UTC)


def f(x: Any) -> int:
    """Ask."""
    return int(x)


CLIENT = replace(HostFunction.of(f, terms=Terms(expires_seconds=60)), kind="client")
APPROVED = HostFunction.of(f, terms=Terms(requires_approval=True))


def waiting(function: HostFunction = CLIENT) -> Journal:
    """Return the journal of a run that waits for two calls."""
    ask = "client_function" if function.kind == "client" else "approval"
    return journal(
        asked(made(1, "a"), made(2, "b")),
        announced(function, ask, 1, now=NOW),  # type: ignore[arg-type]
        announced(function, ask, 2, now=NOW),  # type: ignore[arg-type]
    )


def judged(one: Journal, *answers: Answer, function: HostFunction = CLIENT, seconds: float = 0) -> list[Any]:
    """Return what answers do so long after the calls were announced."""
    now = START + timedelta(seconds=seconds)
    return [(found.number, found.outcome) for found in judge(answers, one, {"f": function}, now=now)]


def test_answers_become_outcomes() -> None:
    """A value as it crosses, a failure as it is raised."""
    failure = Failure(type="ValueError", message="no", arguments=("no",))

    found = judged(waiting(), Answer(call_id="call_2", output=3), Answer(call_id="call_1", error=failure))

    assert found == [(2, Outcome(number=2, value=3)), (1, Outcome(number=1, failure=failure))]


def test_an_answer_that_was_given_before_does_nothing_and_another_one_is_a_conflict() -> None:
    """True is not 1 here, whatever Python says."""
    one = waiting()
    one.append(value(1, 1))

    assert judged(one, Answer(call_id="call_1", output=1)) == []
    with pytest.raises(CallNotPending, match=r"^call_1 is settled already, with another outcome$"):
        judged(one, Answer(call_id="call_1", output=2))


@pytest.mark.parametrize(("seconds", "is_late"), [(59.9, False), (60.1, True), (-3_600, False), (10**7, True)])
def test_the_clock_as_it_is_decides_what_is_late(seconds: float, is_late: bool) -> None:  # noqa: FBT001 - a row
    """Also after it jumped: forward, a call is over; backward, it waits for longer, and nothing else breaks."""
    if is_late:
        with pytest.raises(AnswerTooLate, match=r"^call_1 has expired"):
            judged(waiting(), Answer(call_id="call_1", output=1), seconds=seconds)
    else:
        assert len(judged(waiting(), Answer(call_id="call_1", output=1), seconds=seconds)) == 1


def test_an_approval_names_what_it_is_for() -> None:
    """By the digest of function and arguments, which another call does not have."""
    one = waiting(APPROVED)
    digests = [digest_of_question(call) for call in one.made()]

    found = judged(
        one,
        Answer(call_id="call_1", decision="approve", digest=digests[0]),
        Answer(call_id="call_2", decision="reject", digest=digests[1]),
        function=APPROVED,
    )

    assert found[0] == (1, None)
    assert found[1][1].failure.type == "PermissionError"
    with pytest.raises(CallNotPending, match="another call than the digest says"):
        judged(one, Answer(call_id="call_1", decision="approve", digest=digests[1]), function=APPROVED)


@pytest.mark.parametrize(
    ("answer", "pointer", "message"),
    [
        (Answer(call_id="call_9", output=1), "/results/0/call_id", "is no call of this run; those that wait: call_1"),
        (Answer(call_id="call_1", output="x"), "/results/0/output", "the value is a str, not int"),
        (Answer(call_id="call_1", decision="approve"), "/results/0/decision", "is for approvals"),
    ],
)
def test_what_does_not_fit_a_call_is_named(answer: Answer, pointer: str, message: str) -> None:
    """By its place in the request."""
    with pytest.raises(SubmissionRejected) as refused:
        judged(waiting(), answer)

    assert refused.value.faults[0].pointer == pointer
    assert refused.value.faults[0].message.startswith(message)


def test_a_call_of_the_hosts_is_not_the_callers_to_answer() -> None:
    """Nobody tells a program what an API said but the API."""
    one = journal(asked(made(1, "a")), Sent(number=1))

    with pytest.raises(CallNotPending, match="answered by the service"):
        judged(one, Answer(call_id="call_1", output=1))
