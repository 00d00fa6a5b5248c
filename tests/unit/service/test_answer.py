"""What becomes of values and calls on their way into the answer."""

from typing import Any

from sandbox.calls import CallRecord
from sandbox.execute import Finished, Usage
from sandbox.limits import Limits
from sandbox.turns import ErrorReport, Failure, Frame
from service.functions.registry import Registry
from service.runs.answer import Answer, answer_of, ended_by_platform, weight_of_finished
from service.runs.order import Rules, order_of
from service.runs.submission import Submission

RULES = Rules(registry=Registry(), limits=Limits(value_bytes=1_000), ceiling=Limits())
USAGE = Usage(fuel=0, cpu_seconds=0, wall_seconds=0, memory_bytes=0, output_bytes=0, calls=0)


def answer(
    value: Any = None, *, output: str = "Any", calls: tuple[CallRecord, ...] = (), error: ErrorReport | None = None
) -> Answer:
    """Return the answer to a program that returned `value`."""
    finished = Finished(value=value, error=error, output="", output_truncated=False, calls=calls, usage=USAGE)
    return answer_of(finished, order_of(Submission(source="1", output=output), RULES))


def call(number: int, **fields: Any) -> CallRecord:
    """Return a settled call."""
    given = {"number": number, "function": "f", "arguments": {}, "line": 1, "status": "settled", **fields}
    return CallRecord(**given)


def test_a_value_becomes_json() -> None:
    """Whatever JSON has no word for, it has a form for."""
    assert answer({"a": (1, b"x", {3, 2})}).output == {"a": [1, "eA==", [2, 3]]}


def test_a_value_of_another_type_fails_with_what_was_asked_for() -> None:
    """The hint is for whoever repairs the program."""
    error = answer({"n": "one"}, output="dict[str, int]").error

    assert error is not None
    assert (error.kind, error.type) == ("type", "ValueRejected")
    assert error.message.startswith("the value cannot be returned: $.n is a str, not int")
    assert error.hint is not None
    assert error.hint.endswith("return dict[str, int], or ask for another output")


def test_calls_are_shown_until_there_are_a_hundred() -> None:
    """`usage.calls` counts them all."""
    shown = answer(calls=tuple(call(number) for number in range(1, 4))).calls

    assert [one.call_id for one in shown] == ["call_1", "call_2", "call_3"]


def test_calls_are_shown_until_they_weigh_too_much() -> None:
    """Together they may take what one value may."""
    shown = answer(calls=(call(1, value="a" * 500), call(2, value="b" * 500), call(3))).calls

    assert [one.call_id for one in shown] == ["call_1"]


def test_what_json_cannot_carry_is_described_in_a_call() -> None:
    """The program went on, and so does its record."""
    shown = answer(calls=(call(1, arguments={"x": float("nan")}, line=0),)).calls[0]

    assert shown.line is None
    assert shown.arguments == {
        "x": {"$not_json": "the value is NaN, which JSON cannot write; return None or a text instead"}
    }


def test_what_we_ended_is_our_fault() -> None:
    """Kind platform is the only one that is worth sending again unchanged."""
    error = ended_by_platform("ServiceStopping")

    assert (error.kind, error.type) == ("platform", "ServiceStopping")


def test_everything_that_is_kept_of_a_run_has_weight() -> None:
    """What is kept is bounded by its weight; whatever weighs nothing is kept without bound."""
    heavy = "a" * 700
    failure = Failure(type="ValueError", message=heavy)
    frame = Frame(line=1, column=1, function=heavy, source=heavy)
    error = ErrorReport(kind="runtime", type=heavy, message=heavy, hint=heavy, traceback=(frame,))

    assert answer(calls=(call(1, failure=failure),)).weight > 700
    assert answer(calls=(call(1, function=heavy),)).weight > 700
    assert answer(error=error).weight > 3_500
    half = Failure(type="ValueError", message="a" * 400)
    assert len(answer(calls=(call(1, failure=half), call(2, failure=half))).calls) == 1
    finished = Finished(
        value=None, error=None, output="", output_truncated=False, calls=(call(1, failure=failure),), usage=USAGE
    )
    assert weight_of_finished(finished, enough=10_000) > 700
