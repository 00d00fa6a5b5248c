"""Short entries: what is read of them is what is written of them, to the letter."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.entries import Abandoned, Approved, Asked, Entry, Sent
from sandbox.journal_short import MAX_SHORT, read_short
from sandbox.journal_text import write_entry
from tests.journals import NOW, asked, made, told, value

SHORT: list[Entry] = [
    Sent(number=1),
    Approved(number=2**63 - 1),
    Abandoned(number=3),
    told(1),
    told(1, 1, 2, 30),
    value(1, None),
    value(2, {"a": [1.5, "é\n", b"x"], "$": {1, 2}}),
    asked(fuel=0),
    asked(made(1, "}"), made(2), fuel=12),
    asked(made(1, ","), made(2, [[], {}]), wake_at=NOW, cancelled=(4, 5), waiting_for=(1, 2), fuel=2**62),
    Asked(waiting_for=(), fuel=3),
]
IN_FULL = {
    "a failure": '{"entry":"settled","call":2,"failure":{"type":"E","message":"","hint":null},"arguments":[]}',
    "a space": '{"entry":"sent", "call":1}',
    "a zero before a number": '{"entry":"sent","call":01}',
    "another digit": '{"entry":"sent","call":\u0661}',
    "a value in other words": '{"entry":"settled","call":1,"value":[2, 1]}',
    "a set in another order": '{"entry":"settled","call":1,"value":{"$set":[2,1]}}',
    "a member of an enum": '{"entry":"settled","call":1,"value":{"$enum":["A",1]}}',
    "no value": '{"entry":"settled","call":1,"value":{"$class":1}}',
    "a call that is missing": '{"entry":"asked","calls":1,"waiting_for":null,"wake_at":null,"cancelled":[],"fuel":1}',
    "a long one": '{"entry":"settled","call":1,"value":"' + "a" * MAX_SHORT + '"}',
}


@pytest.mark.parametrize("entry", SHORT, ids=write_entry)
def test_a_short_entry_is_read_as_it_was_written(entry: Entry) -> None:
    """It gives the same text again, and takes the lines that it was written in."""
    text = write_entry(entry)

    found = read_short([*text.split("\n"), "more"], 0)

    assert found is not None
    assert (write_entry(found[0]), found[1]) == (text, text.count("\n"))


@pytest.mark.parametrize("line", IN_FULL.values(), ids=IN_FULL.keys())
def test_what_is_not_as_it_is_written_is_left_to_the_full_reading(line: str) -> None:
    """That one says what is wrong with it, or reads what is not short."""
    assert read_short([line, ""], 0) is None


@given(
    entry=st.sampled_from(SHORT),
    at=st.floats(0, 1, exclude_max=True),
    cut=st.integers(0, 3),
    put=st.sampled_from(["", "0", "-", "9", ",", " ", "\n", "]", "null", '"', "\\u0061", "\u0661", "{}", '"calls":2,']),
)
def test_whatever_is_read_is_what_would_be_written(entry: Entry, at: float, cut: int, put: str) -> None:
    """A text that was tampered with is read in full, or is another entry in its canonical form."""
    text = write_entry(entry)
    place = int(at * len(text))
    lines = (text[:place] + put + text[place + cut :]).split("\n")

    found: Any = read_short(lines, 0)

    assert found is None or write_entry(found[0]) == "".join(f"{line}\n" for line in lines[: found[1]])
