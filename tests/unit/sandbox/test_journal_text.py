"""The text of a journal: what is written is read back, and nothing else is read."""

import datetime
import decimal
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import journal_text
from sandbox.entries import Abandoned, Ended, Sent, Settled, outcome_unknown
from sandbox.journal import Journal
from sandbox.journal_text import JournalUnreadable, read, write
from sandbox.turns import Outcome
from tests.journals import HEADER, NOW, asked, call, failed, journal, made, told, value

EVERY_KIND = journal(
    asked(made(1, "é\n"), made(2, 2**80), made(3, None), made(4), fuel=12),
    Sent(number=1), Sent(number=1), value(1, {"$": {1, 2}}), failed(2), outcome_unknown(call(3)), Abandoned(number=4),
    told(1, 1, 2, 3), asked(waiting_for=(4,), wake_at=NOW + 5, cancelled=(4,), fuel=20), Ended(how="limit", fuel=21),
)  # fmt: skip
TEXT = """\
{"entry":"header","format":1,"program_digest":"PROGRAM","source_digest":"SOURCE","engine":"cpython",\
"engine_version":"3.14.0+sha256:0","seed":7,"now":1700000000000000000,"inputs":1}
{"entry":"input","name":"x","value":1}
{"entry":"asked","calls":4,"waiting_for":null,"wake_at":null,"cancelled":[],"fuel":12}
{"entry":"call","number":1,"function":"f","line":1,"digest":"DIGEST1","arguments":[["é\\n"],{}]}
{"entry":"call","number":2,"function":"f","line":1,"digest":"DIGEST2","arguments":[[{"$int":"0x100000000000000000000"}],{}]}
{"entry":"call","number":3,"function":"f","line":1,"digest":"DIGEST3","arguments":[[null],{}]}
{"entry":"call","number":4,"function":"f","line":1,"digest":"DIGEST4","arguments":[[],{}]}
{"entry":"sent","call":1}
{"entry":"sent","call":1}
{"entry":"settled","call":1,"value":{"$dict":[["$",{"$set":[1,2]}]]}}
{"entry":"settled","call":2,"failure":{"type":"ConnectionError","message":"no","hint":null},"arguments":["no"]}
{"entry":"outcome_unknown","call":3,"failure":{"type":"OutcomeUnknown","message":"MESSAGE","hint":"HINT"},\
"arguments":["MESSAGE"]}
{"entry":"abandoned","call":4}
{"entry":"told","now":1700000001000000000,"delivered":[1,2,3]}
{"entry":"asked","calls":0,"waiting_for":[4],"wake_at":1700000000000000005,"cancelled":[4],"fuel":20}
{"entry":"ended","how":"limit","fuel":21}
"""


def filled_in(text: str) -> str:
    """Return the text with the digests and long texts that it has places for."""
    failure = outcome_unknown(call(3)).outcome.failure
    assert failure is not None
    places = {"MESSAGE": failure.message, "HINT": str(failure.hint), "PROGRAM": HEADER.program_digest}
    places |= {"SOURCE": HEADER.source_digest}
    digests = {f"DIGEST{one.call.number}": one.digest() for one in EVERY_KIND.made()}
    for place, content in {**places, **digests}.items():
        text = text.replace(place, content)
    return text


def test_a_journal_is_written_as_lines_of_json() -> None:
    """A store keeps them for years: the format is a promise."""
    assert write(EVERY_KIND) == filled_in(TEXT)


def test_what_was_written_is_read_back() -> None:
    """Calls, states, outcomes and keys, and to the same text."""
    again = read(write(EVERY_KIND))

    assert write(again) == write(EVERY_KIND)
    assert again.header == HEADER
    assert [again.key_of(n) for n in (1, 2, 3, 4)] == [EVERY_KIND.key_of(n) for n in (1, 2, 3, 4)]
    assert [again.state_of(n) for n in (1, 2, 3, 4)] == ["settled", "settled", "outcome_unknown", "abandoned"]
    assert again.outcome_of(2) == EVERY_KIND.outcome_of(2)
    assert again.phase == "ended"


def spoiled() -> list[Any]:
    """Return texts that no journal has, and what is said of them."""
    good = filled_in(TEXT)
    lines = good.split("\n")
    return [
        ("", "line 1 of the journal is missing"),
        ("[]\n", "line 1 of the journal is no object"),
        ("{\n", "line 1 of the journal is no JSON"),
        (f"{'[' * 100_000}\n", "line 1 of the journal is no JSON"),
        ('{"entry":"header","format":2}\n', 'is no header of format 1: {"entry":"header","format":2}'),
        (good.replace('"seed":7', '"seed":7.0'), "line 2 of the journal has no whole number seed"),
        (good.replace('"seed":7', '"seed":true'), "has no whole number seed"),
        (good.replace('"seed":7', '"seed": 7'), "line 1 of the journal is not as it is written"),
        (good.replace('"seed":7', '"seed":8,"seed":7'), "line 1 of the journal is not as it is written"),
        (good.replace('"inputs":1', '"inputs":-1'), "line 1 of the journal is not as it is written"),
        (good.replace('"inputs":1', '"inputs":3'), "has no value"),
        (good.replace('"fuel":12', '"fuel":NaN'), "line 3 of the journal has no whole number fuel"),
        (good.replace('"calls":4', '"calls":3'), "line 7 of the journal is no entry of format 1"),
        (good.replace("[[null],{}]", '[[null],{"$dict":[[1,2]]}]'), "has no arguments of a call"),
        (good.replace("[[null],{}]", "[[null]]"), "has no arguments of a call"),
        (good.replace("[[null],{}]", '[[{"$float":"1.5"}],{}]'), "holds a value that cannot cross"),
        (good.replace("[1,2]", "[2,1]"), "line 10 of the journal is not as it is written"),
        (good.replace('"$set":[1,2]', '"$class":[1,2]'), "holds a value that cannot cross"),
        (good.replace('["no"]', '{"0":"no"}'), "has no arguments of an exception"),
        (good.replace('"how":"limit"', '"how":"won"'), "line 16 of the journal has no known `how`"),
        (good.replace("[1,2,3]", "[1,2,3,4]"), "line 14 of the journal is out of order"),
        (good.replace("[1,2,3]", '[1,2,"3"]'), "has no whole numbers delivered"),
        (good.replace('"sent","call":1', '"sent","call":9'), "line 8 of the journal is out of order"),
        (good.replace('"entry":"abandoned"', '"entry":"gone"'), "line 13 of the journal is no entry of format 1"),
        (good + "\n", "line 17 of the journal is no entry of format 1"),
        (good.rstrip("\n"), "line 16 of the journal has no line break at its end"),
        ("\n".join(lines[:10] + lines[9:]), "line 11 of the journal is out of order"),
        (good.replace('"digest":"', '"digest":"\\u0073'), "is not as it is written"),
    ]


@pytest.mark.parametrize(("text", "reason"), spoiled())
def test_what_was_not_written_here_is_refused(text: str, reason: str) -> None:
    """A text from outside is decoded as data, and has to be to the letter what this version writes."""
    with pytest.raises(JournalUnreadable) as refused:
        read(text)

    assert reason in str(refused.value)


def test_a_journal_beyond_its_bounds_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a long text nor a long head is parsed."""
    monkeypatch.setattr(journal_text, "_MAX_HEAD", 1_000)

    with pytest.raises(JournalUnreadable, match="line 1 of the journal begins a text of more than 10 characters"):
        read("x" * 11, max_characters=10)
    with pytest.raises(JournalUnreadable, match="line 1 of the journal is longer than 1,000 characters"):
        read(" " * 2_000 + "\n")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
    | st.binary() | st.decimals() | st.uuids() | st.datetimes(timezones=st.none() | st.just(datetime.UTC))
    | st.dates() | st.times() | st.timedeltas() | st.complex_numbers().map(repr)
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(TEXTS, inner)
        | st.frozensets(st.integers() | st.text("ab$"))
    ),
    max_leaves=8,
)  # fmt: skip


@given(VALUES)
def test_every_value_that_crosses_survives_the_journal(one: Any) -> None:
    """Outcomes, arguments and inputs alike, NaN and depth and tags included."""
    written = Journal.of(HEADER, [asked(made(1, one)), Settled(outcome=Outcome(number=1, value=one))])

    text = write(written)

    assert write(read(text)) == text


def test_scalars_keep_their_type() -> None:
    """As on the wire."""
    kept = [decimal.Decimal("1.50"), uuid.UUID(int=1), datetime.timedelta(1), (1, b"\0"), 2**70, -0.0]

    again = read(write(journal(asked(made(1, kept)), value(1, kept)))).outcome_of(1)

    assert repr(again) == repr(Outcome(number=1, value=kept))
