"""How a body becomes a submission."""

import json
from typing import Any

import pytest

from api.schemas.reading import _LARGE_NUMBER, read_submission
from service.errors import SubmissionRejected
from service.runs.submission import Submission


def read(**fields: Any) -> Submission:
    """Read a body with these fields."""
    return read_submission(json.dumps(fields).encode())


def faults_of(body: bytes) -> list[tuple[str, str]]:
    """Return pointers and messages of what is wrong with a body."""
    with pytest.raises(SubmissionRejected) as caught:
        read_submission(body)
    return [(fault.pointer, fault.message) for fault in caught.value.faults]


def test_every_field_arrives() -> None:
    """None is accepted and ignored."""
    body = {
        "source": "x", "inputs": {"x": 1}, "functions": ["b", "a", "b"], "input_types": {"x": "int"}, "output": "int",
        "name": "n", "engine": "cpython", "limits": {"fuel": 5, "wall_seconds": 2}, "wait_seconds": 3, "seed": 7,
        "now": "1970-01-01T01:00:01.5+01:00", "metadata": {"k": "v"},
    }  # fmt: skip
    text = json.dumps(body).encode()

    assert read_submission(text) == Submission(
        source="x", inputs={"x": 1}, functions=("b", "a"), input_types={"x": "int"}, output="int", name="n",
        engine="cpython", limits={"fuel": 5, "wall_seconds": 2}, wait_seconds=3, seed=7, now=1_500_000_000,
        metadata={"k": "v"}, size_bytes=len(text),
    )  # fmt: skip


def test_code_is_source() -> None:
    """Callers of similar services write it so."""
    assert read(code="1").source == "1"


def test_several_faults_are_told_together() -> None:
    """Shape and fields that are not there yet, in one answer."""
    assert faults_of(b'{"source": "1", "durable": true, "seed": "a", "limits": {"calls": 1.5}}') == [
        ("/durable", "cannot be honoured yet (runs that are stored); leave it out"),
        ("/limits/calls", "must be a whole number"),
        ("/seed", "must be a whole number"),
    ]


@pytest.mark.parametrize("number", ["1e999", "-1E+400", "9" * 400 + ".0", "1" + "0" * 300 + "e99"])
def test_a_number_that_would_be_infinite_is_refused(number: str) -> None:
    """The parser itself takes these for infinity."""
    body = f'{{"source": "1", "inputs": {{"x": {number}}}}}'.encode()

    assert faults_of(body) == [("", "is not valid JSON: a number is too large for a float")]


@pytest.mark.parametrize("number", ["1e300", "1e-999", "9" * 300])
def test_numbers_that_only_look_large_are_taken(number: str) -> None:
    """They are what they are."""
    body = f'{{"source": "1", "inputs": {{"x": {number}}}}}'.encode()

    assert read_submission(body).inputs == {"x": json.loads(number)}


def test_a_body_with_thousands_of_members_is_refused_as_a_whole() -> None:
    """An answer that names each would be as long as the body."""
    body = json.dumps({f"k{n}": 1 for n in range(5_000)}).encode()

    assert faults_of(body) == [("", "has more than 100 members; a submission has fewer")]


def test_a_long_run_of_digits_is_read_once() -> None:
    """It was searched again from each of its digits: a second for four megabytes."""
    assert len(list(_LARGE_NUMBER.finditer(b"1" * 1_000))) == 1
    assert _LARGE_NUMBER.search(b"[" + b"1" * 200 + b"]") is not None
    assert _LARGE_NUMBER.search(b"1" * 199 + b"." + b"1" * 199) is None
