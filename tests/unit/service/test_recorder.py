"""What of a journal is written when: nothing that the store has is lost before its place is taken."""

from types import SimpleNamespace
from typing import Any

from sandbox.entries import Entry, Sent
from sandbox.journal_text import write_entry, write_header
from service.runs.recorder import StoreRecorder
from service.runs.room import Allowance
from tests.journals import HEADER, asked, journal, made, told, value

ENTRIES: list[Entry] = [asked(made(1, "a")), Sent(number=1), value(1, 10), told(1, 1)]
TEXTS = [write_entry(entry) for entry in ENTRIES]


def recorder(*, written: int | None, replaces: bool = False) -> StoreRecorder:
    """Return a recorder without a store: nothing is written here."""
    nothing: Any = None
    log: Any = SimpleNamespace(is_stored=False, unwritten=list, note_written=lambda _events: None)
    allowance = Allowance(tenant="default")
    return StoreRecorder(nothing, "run_1", allowance=allowance, wake=1, written=written, log=log, replaces=replaces)


async def test_only_what_is_new_is_written() -> None:
    """A journal of a thousand calls is written once, not five hundred times."""
    one = recorder(written=2)

    rest = await one.unwritten(journal(*ENTRIES))
    one.wrote(rest)

    assert (rest.first, rest.texts) == (3, TEXTS[2:])
    assert (await one.unwritten(journal(*ENTRIES))).texts == []


async def test_what_comes_after_the_end_of_driving_is_left_out() -> None:
    """That calls were given up because the service stops is no part of the run."""
    assert (await recorder(written=1).unwritten(journal(*ENTRIES), until=3)).texts == TEXTS[1:3]


async def test_a_journal_that_is_replaced_stays_until_the_new_one_has_come_as_far() -> None:
    """Another build of the guest is answered from the old one: a crash half way must find it whole."""
    one, begun = recorder(written=None, replaces=True), journal()

    going_on = await one.unwritten(begun, goes_on=True)
    one.wrote(going_on)
    at_rest = await one.unwritten(journal(*ENTRIES))

    assert (going_on.first, going_on.texts) == (1, ())
    assert (at_rest.first, at_rest.texts) == (None, [write_header(HEADER), *TEXTS])


async def test_a_journal_that_is_the_first_is_written_from_its_header_on() -> None:
    """Of a run whose row was there before it began: it came with an idempotency key."""
    rest = await recorder(written=None).unwritten(journal(), goes_on=True)

    assert (rest.first, rest.texts, rest.count) == (None, [write_header(HEADER)], 0)
