"""How a body becomes a submission."""

import asyncio
import json
import time
from typing import Any

import pytest

from api.schemas.answering import read_correction
from api.schemas.reading import _LARGE_NUMBER, read_submission
from sandbox.values import BOUNDS
from service.errors import SubmissionRejected
from service.runs.submission import Submission


def read(**fields: Any) -> Submission:
    """Read a body with these fields."""
    return read_submission(json.dumps(fields).encode())


CROWDED = ("", "holds more than 4,000,000 values; pass less under inputs")


def many(member: str, value: str) -> bytes:
    """Return a body whose member has a million entries."""
    return json.dumps({"source": "1", member: {str(number): value for number in range(1_000_000)}}).encode()


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


def test_limits_that_are_the_same_for_every_run_are_taken_and_add_nothing() -> None:
    """An answer shows them, and what it shows can be sent back; they are those that hold."""
    assert read(source="1", limits={"calls": 5, **BOUNDS}).limits == {"calls": 5}
    assert read(source="1", limits=dict.fromkeys(BOUNDS)).limits == {}


def test_code_is_source() -> None:
    """Callers of similar services write it so."""
    assert read(code="1").source == "1"


def test_several_faults_are_told_together() -> None:
    """All in one answer."""
    assert faults_of(b'{"source": "1", "image": 3, "seed": "a", "limits": {"calls": 1.5}}') == [
        ("/limits/calls", "must be a whole number"),
        ("/image", "must be text"),
        ("/seed", "must be a whole number"),
    ]


@pytest.mark.parametrize("number", ["1e999", "-1E+400", "9" * 400 + ".0", "1" + "0" * 300 + "e99"])
def test_a_number_that_would_be_infinite_is_refused(number: str) -> None:
    """The parser itself takes these for infinity."""
    body = f'{{"source": "1", "inputs": {{"x": {number}}}}}'.encode()

    assert faults_of(body) == [("", "is not valid JSON: a number is too large for a float")]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[" * 200 + "]" * 200, "a value may be nested 100 levels deep, and one is deeper"),
        ("9" * 5000, "a whole number may have 4,300 digits, and one has more"),
    ],
)
def test_a_bound_of_the_parser_is_named(value: str, message: str) -> None:
    """Its own words say neither the bound nor what to do."""
    ((_, told),) = faults_of(f'{{"source": "1", "inputs": {{"x": {value}}}}}'.encode())

    assert told.startswith("is not valid JSON: ")
    assert message in told


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


@pytest.mark.parametrize("number", [b"1e999", b"9" * 400 + b".0"])
@pytest.mark.parametrize("place", range(256 * 1024 - 3, 256 * 1024 + 4))
def test_a_number_that_would_be_infinite_is_found_wherever_it_stands(number: bytes, place: int) -> None:
    """A body is searched in parts, and no number lies between two of them."""
    head = b'{"source": "1", "docs": "'
    body = head + b"a" * (place - len(head) - 16) + b'", "metadata": [' + number + b"]}"

    assert body.index(number) == place
    assert faults_of(body) == [("", "is not valid JSON: a number is too large for a float")]


def test_long_integers_are_not_written_to_see_whether_they_are_finite() -> None:
    """That took seven times as long as reading them, and held up every other request."""
    body = b'{"source": "1", "inputs": {"x": [' + b",".join([b"9" * 4_300] * 3_500) + b"]}}"
    begin = time.process_time()
    read_submission(body)

    assert time.process_time() - begin < 0.6


async def test_others_go_on_while_a_large_body_is_read() -> None:
    """It is read on a thread, which lets go of the interpreter between two parts of the work."""
    body = b'{"source": "#' + b"a" * 15_000_000 + b'"}'

    assert min([await longest_pause(body) for _ in range(3)]) < 0.25


async def longest_pause(body: bytes) -> float:
    """Return for which part of the time that a thread takes to read a body the event loop stood still at most."""
    began = time.perf_counter()
    reading = asyncio.ensure_future(asyncio.to_thread(read_submission, body))
    longest, before = 0.0, time.perf_counter()
    while not reading.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    return longest / (before - began)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b'{"source": "1", "inputs": {"a": [' + b"[]," * 5_000_000 + b"1]}}", CROWDED),
        (b'{"source": "1", "inputs": {"a": [' + b'{"\\"": 1},' * 1_000_000 + b"1]}}", CROWDED),
        (b'{"source": "1", "inputs": {"a": [' + b"1," * 8_000_000 + b"1]}}", CROWDED),
        (many("limits", "1"), ("/limits", "must have at most 1000 entries")),
        (many("input_types", "1"), ("/input_types", "must have at most 1000 entries")),
        (many("inputs", "1"), ("/inputs", "must have at most 1000 entries")),
    ],
    ids=["lists", "objects", "numbers", "limits", "types", "inputs"],
)
def test_a_body_of_millions_is_refused_before_it_is_looked_at(body: bytes, fault: tuple[str, str]) -> None:
    """Parsing and judging it holds up every other request, for seconds."""
    started = time.process_time()

    with pytest.raises(SubmissionRejected) as caught:
        read_submission(body)

    assert [(one.pointer, one.message) for one in caught.value.faults] == [fault]
    assert time.process_time() - started < 2


def test_commas_and_brackets_in_texts_are_no_values() -> None:
    """A document of megabytes is one value."""
    text = '[{,\\"' * 1_000_000

    assert read_submission(json.dumps({"source": "1", "inputs": {"a": text}}).encode()).inputs == {"a": text}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            rb'{"source": "\ud800"}',
            "half of a surrogate pair stands alone; send the character whole, or leave it out, at line 1 column 19",
        ),
        (
            rb'{"source": "\udc00"}',
            "half of a surrogate pair stands alone; send the character whole, or leave it out, at line 1 column 18",
        ),
        (b'{"source": "\xed\xa0\x80"}', "it is not UTF-8 at line 1 column 13"),
    ],
)
def test_text_that_is_none_is_refused_in_words(body: bytes, message: str) -> None:
    """The parser speaks of the end of an escape, which whoever sent it looks for in vain."""
    assert faults_of(body) == [("", f"is not valid JSON: {message}")]


@pytest.mark.parametrize("body", [rb'{"source": " \n"}', rb'{"source": "\t", "inputs": {"x": 1}}'])
def test_a_correction_of_nothing_is_refused(body: bytes) -> None:
    """It would be a program without a value; as a submission it is refused as well."""
    with pytest.raises(SubmissionRejected) as caught:
        read_correction(body)

    assert [(one.pointer, one.message) for one in caught.value.faults] == [
        ("/source", "is empty: send the corrected program")
    ]
