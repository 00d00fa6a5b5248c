"""What a submission is judged by."""

from typing import Any

import pytest

from sandbox.dispatch import HostFunction
from sandbox.limits import Limits
from service.errors import LimitBeyondCeiling, SubmissionRejected
from service.functions.registry import Registry
from service.runs.order import Rules, order_of, pointer, template_version
from service.runs.submission import Submission


def add(x: int, y: int) -> int:
    """Return the sum."""
    return x + y


RULES = Rules(
    registry=Registry([HostFunction.of(add)]), limits=Limits(), ceiling=Limits(fuel=30_000_000_000), engine="cpython"
)


def faults_of(**fields: Any) -> list[tuple[str, str]]:
    """Return pointers and messages of what is wrong."""
    with pytest.raises(SubmissionRejected) as caught:
        order_of(Submission(**{"source": "1", **fields}), RULES)
    return [(fault.pointer, fault.message) for fault in caught.value.faults]


def test_a_submission_becomes_an_order() -> None:
    """Everything that execution needs is decided here."""
    submission = Submission(
        source="  x", inputs={"x": [1, 2]}, input_types={"x": "set[int]"}, functions=("add",), limits={"fuel": 5}
    )
    order = order_of(submission, RULES)

    assert order.inputs == {"x": {1, 2}}
    assert order.program.source == "x"
    assert [spec.name for spec in order.program.functions] == ["add"]
    assert order.limits == Limits(fuel=5)
    assert order.output.text == "Any"


def test_a_source_beyond_its_limit_is_not_looked_at() -> None:
    """Megabytes would be searched for fences and indentation, only to be refused; it ends as a run at its limit."""
    for source in ("  é" * 10, "  x" * 10):
        order = order_of(Submission(source=source, limits={"source_bytes": 25}), RULES)

        assert order.program.source == source


def test_messages_are_exact() -> None:
    """A model repairs its request from them."""
    assert faults_of(functions=("sum_up", "ad"), engine="nope", limits={"calls": -1}) == [
        ("/limits/calls", "must be at least 0"),
        ("/functions/0", 'function "sum_up" is not registered; registered: add'),
        ("/functions/1", 'function "ad" is not registered; did you mean "add"? registered: add'),
        ("/engine", 'is not available; engines of this service: "cpython", "auto"'),
    ]


def test_only_the_first_faults_are_kept() -> None:
    """A body of megabytes must not get an answer of megabytes."""
    assert len(faults_of(inputs={f"a {n}": 1 for n in range(500)})) == 20


def test_a_limit_at_the_ceiling_is_taken_and_beyond_it_refused() -> None:
    """The ceiling itself is allowed."""
    assert order_of(Submission(source="1", limits={"fuel": 30_000_000_000}), RULES).limits.fuel == 30_000_000_000
    with pytest.raises(LimitBeyondCeiling) as caught:
        order_of(Submission(source="1", limits={"fuel": 30_000_000_001}), RULES)

    assert (caught.value.limit, caught.value.ceiling) == ("fuel", 30_000_000_000)


def test_the_version_depends_on_the_program_and_not_on_values() -> None:
    """Two runs of one program must be seen to be that."""
    first = Submission(source="x", inputs={"x": 1}, functions=("a", "b"))
    same = Submission(source="x", inputs={"x": 2}, functions=("b", "a"), seed=3, name="other")
    other = [
        Submission(source="x ", inputs={"x": 1}, functions=("a", "b")),
        Submission(source="x", inputs={"y": 1}, functions=("a", "b")),
        Submission(source="x", inputs={"x": 1}, input_types={"x": "int"}, functions=("a", "b")),
        Submission(source="x", inputs={"x": 1}, functions=("a",)),
        Submission(source="x", inputs={"x": 1}, functions=("a", "b"), output="int"),
    ]

    assert template_version(first) == template_version(same)
    assert len({template_version(one) for one in (first, *other)}) == 6


def test_pointers_escape_what_json_pointer_escapes() -> None:
    """RFC 6901."""
    assert pointer("inputs", "a/b~c", 3) == "/inputs/a~1b~0c/3"
    assert pointer() == ""
    assert len(pointer("a" * 1_000)) == 101
