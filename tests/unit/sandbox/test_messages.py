"""What the guest says is data of one shape, or `BadMessage`: a program that got at the driver gains nothing."""

import contextlib
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engines.workers import messages
from sandbox.engines.workers.crossing import LimitReached
from sandbox.engines.workers.messages import BadMessage
from sandbox.errors import ValueRejected
from sandbox.limits import MIB, Limits
from sandbox.turns import Call, Failure, Outcome, Program

LIMITS = Limits(value_bytes=1_000)
BLOCKED = {"calls": [[1, "f", 3]], "waiting": [1], "wake_at": None, "cancelled": [], "memory": 5}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def blocked(**changes: object) -> str:
    """Return the message of a blocked guest."""
    return json.dumps(BLOCKED | changes) + '\n[["a"],{"b":2}]'


def test_a_blocked_guest_is_understood() -> None:
    """Calls with their arguments, what is waited for, until when."""
    waiting = messages.read_blocked(blocked(wake_at=9), LIMITS, calls_left=10)

    assert waiting.new_calls == (Call(number=1, function="f", args=("a",), kwargs={"b": 2}, line=3),)
    assert (waiting.waiting_for, waiting.wake_at, waiting.cancelled_calls, waiting.memory_bytes) == ((1,), 9, (), 5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON"),
        ("[]", "no object"),
        ("[" * 100_000, "no JSON"),
        (
            '{"calls": [], "waiting": [], "wake_at": null, "cancelled": [], "memory": 0, "x": ' + "9" * 5_000 + "}",
            "no JSON",
        ),
        (blocked(calls=[]), "calls"),
        (blocked(calls=[[1, "f"]]), "call"),
        (blocked(calls=[["1", "f", 3]]), "number"),
        (blocked(waiting=None), "numbers"),
        (blocked(waiting=[True]), "number"),
        (blocked(waiting=[1, 1]), "a number twice"),
        (blocked(calls=[[True, "f", 3]]), "number"),
        (blocked(calls=[[1, "f", -1]]), "number"),
        (blocked(calls=[[1, "no name", 3]]), "function"),
        (blocked(calls=[[1, "f" * 201, 3]]), "function"),
        (json.dumps(BLOCKED) + '\n[["\\ud800"],{}]', "value"),
        (json.dumps(BLOCKED) + '\n[[{"$datetime":[]}],{}]', "value"),
        (json.dumps(BLOCKED) + '\n[[{"$dict":[[]]}],{}]', "value"),
        (blocked(wake_at=-1), "number"),
        (blocked(wake_at=2**63), "number"),
        (blocked(memory=1.5), "number"),
        (blocked() + "\n1", "calls"),
        (json.dumps(BLOCKED) + '\n[["a"],{"b":2}] trailing', "value"),
        (json.dumps(BLOCKED) + '\n{"$tuple":[1]}', "arguments"),
        (json.dumps(BLOCKED) + '\n[[{"$evil":1}],{}]', "value"),
        (json.dumps(BLOCKED) + "\n[[NaN],{}]", "value"),
    ],
)
def test_another_shape_is_a_bad_message(text: str, reason: str) -> None:
    """Nothing of it reaches the host's functions."""
    with pytest.raises(BadMessage, match=f"^{reason}$"):
        messages.read_blocked(text, LIMITS, calls_left=10)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"error":[],"memory":1}', "report"),
        ('{"error":{"kind":[]},"memory":1}', "report"),
        ('{"error":{"kind":"platform","type":"x","message":"y","traceback":[]},"memory":1}', "report"),
        ('{"error":{"kind":"runtime","type":"x","message":"\\ud800","traceback":[]},"memory":1}', "surrogate"),
        ('{"error":null,"memory":-1}\n1', "number"),
        ('{"error":null,"memory":1}\n{"$date":5}', "value"),
        ('{"error":null,"memory":1}\n{"$frozenset":[[]]}', "value"),
        ('{"error":null,"memory":1}\n"\\ud800"', "value"),
        (" " * 600_000 + '{"error":null,"memory":1}\n1', "head"),
    ],
)
def test_a_forged_end_is_a_bad_message(text: str, reason: str) -> None:
    """Whatever stands in it is not believed, least of all that we are to blame."""
    with pytest.raises(BadMessage, match=f"^{reason}$"):
        messages.read_final(text, LIMITS)


def test_more_calls_than_are_left_are_not_even_read() -> None:
    """A message of a million calls must not cost the host a million objects."""
    with pytest.raises(LimitReached) as reached:
        messages.read_blocked(blocked(), LIMITS, calls_left=0)

    assert told(reached.value) == ("calls", "", 0)


def test_values_over_their_bound_are_refused() -> None:
    """The guest's own check does not count."""
    with pytest.raises(LimitReached) as reached:
        messages.read_blocked(json.dumps(BLOCKED) + '\n[["' + "a" * 992 + '"],{}]', LIMITS, calls_left=10)
    assert told(reached.value) == ("value_bytes", "the arguments of f(): 1,001 bytes", 3)

    with pytest.raises(LimitReached) as reached:
        messages.read_final('{"error":null,"memory":1}\n"' + "a" * 999 + '"', LIMITS)
    assert told(reached.value) == ("value_bytes", "the value of the program: 1,001 bytes", 0)


@pytest.mark.parametrize(
    ("reached", "detail"),
    [
        (["calls", None, "f", 3, ""], "one more call, of f()"),
        (["value_bytes", 1_001, "f", 3, "$"], "the arguments of f(): 1,001 bytes"),
        (["value_bytes", 1_001, None, 3, "$"], "the value of the program: 1,001 bytes"),
        (["value_nodes", None, "f", 3, "$[0]"], "the arguments of f()"),
        (
            ["value_levels", None, None, 3, "$.x"],
            "the value of the program, at $.x: nested deeper, or containing itself",
        ),
    ],
)
def test_a_limit_that_the_guest_found_ends_the_run(reached: list[object], detail: str) -> None:
    """It is believed: a program that says so in the driver's place ends itself, which it may."""
    with pytest.raises(LimitReached) as found:
        messages.read_blocked(json.dumps({"reached": reached, "memory": 5}), LIMITS, calls_left=10)

    assert told(found.value) == (reached[0], detail, 3)
    assert found.value.memory_bytes == 5


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reached": None}, "reached"),
        ({"reached": ["calls", None, "f", 3]}, "reached"),
        ({"reached": ["calls", 1, "f", 3, ""]}, "reached"),
        ({"reached": ["calls", None, None, 3, ""]}, "function"),
        ({"reached": ["calls", None, "no name", 3, ""]}, "function"),
        ({"reached": ["calls", None, "f", -1, ""]}, "number"),
        ({"reached": ["fuel", None, "f", 3, ""]}, "reached"),
        ({"reached": [[], None, "f", 3, ""]}, "reached"),
        ({"reached": ["value_bytes", None, "f", 3, "$"]}, "number"),
        ({"reached": ["value_bytes", True, "f", 3, "$"]}, "number"),
        ({"reached": ["value_bytes", 1_000, "f", 3, "$"]}, "reached"),
        ({"reached": ["value_bytes", 10**4_000, "f", 3, "$"]}, "number"),
        ({"reached": ["value_nodes", 3, "f", 3, "$"]}, "reached"),
        ({"reached": ["value_levels", None, 5, 3, "$"]}, "function"),
        ({"reached": ["value_levels", None, "f", 3, 5]}, "text"),
        ({"reached": ["value_levels", None, "f", 3, "\ud800"]}, "surrogate"),
        ({"reached": ["value_levels", None, "f", 3, "a" * 10_001]}, "text"),
        ({"reached": ["calls", None, "f", 3, ""], "memory": None}, "number"),
        ({"reached": ["calls", None, "f", 3, ""], "calls": []}, "reached"),
    ],
    ids=range(19),
)
def test_a_forged_limit_is_a_bad_message(changes: dict[str, object], reason: str) -> None:
    """Nothing but the limits that the driver watches, and nothing beside them."""
    with pytest.raises(BadMessage, match=f"^{reason}$"):
        messages.read_blocked(json.dumps({"memory": 5} | changes), LIMITS, calls_left=10)


def test_a_limit_comes_alone() -> None:
    """A message that goes on is none of the driver's."""
    with pytest.raises(BadMessage, match=r"^calls$"):
        messages.read_blocked('{"reached":["calls",null,"f",3,""],"memory":5}\n[[],{}]', LIMITS, calls_left=10)


def test_an_outcome_over_its_bound_ends_the_run() -> None:
    """It is the call's function and line that are named."""
    made = [Call(number=1, function="f", line=3)]

    assert messages.reply([Outcome(number=1, value="a" * 998)], now=7, limits=LIMITS, made=made)
    with pytest.raises(LimitReached) as reached:
        messages.reply([Outcome(number=1, value="a" * 999)], now=7, limits=LIMITS, made=made)
    assert told(reached.value) == ("value_bytes", "the result of f(): 1,001 bytes", 3)


def test_outcomes_that_are_more_than_the_memory_end_the_run() -> None:
    """Each is within its bound, all of them together are not."""
    limits = Limits(value_bytes=10_000_000, memory_bytes=24 * MIB)
    outcomes = [Outcome(number=number, value="a" * 9_000_000) for number in (1, 2, 3)]
    made = [Call(number=number, function="f", line=number) for number in (1, 2, 3)]

    assert messages.reply(outcomes[:2], now=7, limits=limits, made=made)
    with pytest.raises(LimitReached) as reached:
        messages.reply(outcomes, now=7, limits=limits, made=made)
    assert told(reached.value) == ("memory_bytes", "", 3)


def told(reached: LimitReached) -> tuple[str, str, int]:
    """Return what a run that ends so says of its limit."""
    return reached.limit, reached.detail, reached.line


@pytest.mark.parametrize("position", [-1, 2**63, True, 1.5, "1", 10**4_000], ids=range(6))
@pytest.mark.parametrize("name", ["line", "column"])
def test_a_frame_stands_at_a_place_that_there_can_be(name: str, position: object) -> None:
    """One more column than the longest integer that JSON has could not be written down, and failed the request."""
    frame = {"line": None, "column": 1, "function": "f", "source": "x", name: position}
    report = {"kind": "runtime", "type": "x", "message": "y", "traceback": [frame], "hint": None, "violations": []}

    with pytest.raises(BadMessage, match=r"^number$"):
        messages.read_final(json.dumps({"error": report, "memory": 1}) + "\n", LIMITS)


def test_millions_of_values_are_refused_before_they_are_parsed() -> None:
    """It would take a gigabyte, and hold up all threads of the host for seconds; the driver sends no such value."""
    lists = json.dumps(BLOCKED) + "\n[[" + "[]," * 3_000_000 + "1],{}]"
    tracemalloc.start()
    try:
        with pytest.raises(BadMessage):
            messages.read_blocked(lists, Limits(), calls_left=10)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 100_000_000


@given(JSON, st.text())
def test_any_json_is_understood_or_refused(head: object, rest: str) -> None:
    """No other exception leaves the decoder."""
    text = json.dumps(head) + "\n" + rest
    with contextlib.suppress(BadMessage, ValueRejected, LimitReached):
        messages.read_blocked(text, LIMITS, calls_left=10)
    with contextlib.suppress(BadMessage, ValueRejected, LimitReached):
        messages.read_final(text, LIMITS)


@given(st.fixed_dictionaries({"error": JSON, "memory": st.just(0)}))
def test_any_report_is_understood_or_refused(head: object) -> None:
    """Reports of failures are the guest's words too."""
    with contextlib.suppress(BadMessage):
        messages.read_final(json.dumps(head) + "\n1", LIMITS)


def test_inputs_share_one_budget() -> None:
    """`value_bytes` bounds the inputs together."""
    program = Program(source="x")
    inputs = {"x": "a" * 600, "y": "b" * 600}

    with pytest.raises(ValueRejected, match=r"^inputs\.y takes 602 bytes"):
        messages.request(program, inputs, seed=1, now=0, limits=LIMITS)


def test_an_outcome_that_cannot_cross_fails_at_its_call() -> None:
    """The program can catch it; the run does not end by it."""
    text = messages.reply([Outcome(number=4, value=object())], now=7, limits=LIMITS)
    head, line = text.split("\n")

    assert json.loads(head)["outcomes"][0][0] == 4
    assert json.loads(head)["outcomes"][0][1]["type"] == "ValueError"
    assert "is an object, which cannot cross" in json.loads(line)[0]


def test_a_failure_whose_arguments_cannot_cross_keeps_its_message() -> None:
    """The type and the message are what a program needs."""
    failure = Failure(type="ValueError", message="no", arguments=(object(),))
    head, line = messages.reply([Outcome(number=1, failure=failure)], now=7, limits=LIMITS).split("\n")

    assert json.loads(head)["outcomes"] == [[1, {"type": "ValueError", "message": "no", "hint": None}]]
    assert json.loads(line) == ["no"]
