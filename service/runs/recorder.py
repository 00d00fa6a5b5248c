"""Writes the journal of a run into the store as it grows, as long as nobody else has the run."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.entries import Asked, Entry, Header, OutcomeUnknown, Settled
from sandbox.journal import Journal
from sandbox.journal_text import write_entry, write_header
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of
from service.errors import ServiceError
from service.runs.events import EventLog, RunEvent
from service.runs.room import Allowance
from service.store.database import Store
from service.store.moves import Full, Taken, adding
from service.store.rows import EventRow


class RunTaken(ServiceError):
    """Somebody else drives the run by now, or it was ended."""

    code = "run_taken"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} goes on elsewhere, or was ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """What of a journal is not in the store yet."""

    first: int | None
    """The number of the first text; None: it is all of the journal, in place of another one."""
    texts: Sequence[str]
    count: int | None
    """How many entries there are when these are written; None: as many as before."""
    events: Sequence[RunEvent] = ()


async def texts_of(journals: Iterable[Journal]) -> list[str]:
    """Return journals as the store takes them, a text for each header and entry."""
    found: list[str] = []
    for one in journals:
        found += [await text_of_header(one.header), *await texts_of_entries(one.entries)]
    return found


async def text_of_header(header: Header) -> str:
    """Return the header of a journal as the store takes it."""
    weight = weight_of(header.inputs, enough=HEAVY_BYTES)
    return await in_its_place(weight, lambda: write_header(header))


async def texts_of_entries(entries: Sequence[Entry]) -> list[str]:
    """Return entries of a journal as the store takes them."""
    weight = weight_of([_values_of(one) for one in entries], enough=HEAVY_BYTES)
    return await in_its_place(weight, lambda: [*map(write_entry, entries)])


def _values_of(entry: Entry) -> Any:
    """Return what of an entry may be heavy."""
    match entry:
        case Asked():
            return [(made.call.args, made.call.kwargs) for made in entry.calls]
        case Settled() | OutcomeUnknown():
            failure = entry.outcome.failure
            return entry.outcome.value if failure is None else (failure.message, failure.arguments)
        case _:
            return None


def rows_of(events: Iterable[RunEvent]) -> list[EventRow]:
    """Return events as the store takes them."""
    return [EventRow(seq=one.id, name=one.name, text=one.text()) for one in events]


def refusal_of(refused: Taken | Full, run_id: str, allowance: Allowance) -> ServiceError:
    """Return why more of a run was not written."""
    return RunTaken(run_id) if isinstance(refused, Taken) else allowance.refusal_of_more(refused.usage)


class StoreRecorder:
    """The journal of one run in the store.

    Args:
        allowance: what the run's tenant may have kept.
        wake: of the run, as whoever drives it knows it.
        written: how many entries are there already, beside the header; None: none of this journal, and what is there
            is of one that it replaces.
        replaces: what is there is needed until this journal holds all of it: it answers the program up to there.
        before: the journals of earlier attempts, as texts that stand before this one.
        log: its events, which go into the store together with the journal.
    """

    def __init__(
        self,
        store: Store,
        run_id: str,
        *,
        allowance: Allowance,
        wake: int,
        written: int | None,
        log: EventLog,
        replaces: bool = False,
        before: Sequence[str] = (),
    ) -> None:
        self.wake = wake
        self._log = log
        log.is_stored = True
        self._store = store
        self._run_id = run_id
        self._allowance = allowance
        self._written = written
        self._replaces = replaces
        self._before = tuple(before)
        self.lock = asyncio.Lock()
        """Held by whoever writes what is not written yet."""

    async def write(self, journal: Journal) -> None:
        """Return once the store has every entry that the journal has now.

        Raises:
            RunTaken: somebody else has the run.
            StorageFull: its tenant has as much kept as it may have.
            StoreUnavailable: it cannot be written now.
        """
        # Those that come while one is being written are written together.
        async with self.lock:
            rest = await self.unwritten(journal)
            if not rest.texts:
                return
            allowance = self._allowance
            refused = await self._store.write(
                adding(
                    self._run_id,
                    tenant=allowance.tenant,
                    wake=self.wake,
                    first=rest.first,
                    texts=rest.texts,
                    events=rows_of(rest.events),
                    most=allowance.for_more(),
                )
            )
            if refused is not None:
                raise refusal_of(refused, self._run_id, allowance)
            self.wrote(rest)

    @property
    def written(self) -> int:
        """How many entries of its journal the store has."""
        return self._written or 0

    async def unwritten(self, journal: Journal, *, until: int | None = None, goes_on: bool = False) -> Unwritten:
        """Return what is to be written; entries from `until` on are left out.

        Args:
            goes_on: the program has neither ended nor come to a rest, so this journal may still be shorter than the
                one that it replaces, which then stays.
        """
        if goes_on and self._replaces and self._written is None:
            return Unwritten(first=1, texts=(), count=None, events=self._log.unwritten())
        done = self._written or 0
        entries = journal.entries_from(done)
        if until is not None:
            entries = entries[: max(0, until - done)]
        # Those that belong to these entries: more may come of both meanwhile.
        events = self._log.unwritten()
        texts = await texts_of_entries(entries)
        if self._written is None:
            whole = [*self._before, await text_of_header(journal.header), *texts]
            return Unwritten(first=None, texts=whole, count=len(texts), events=events)
        return Unwritten(first=len(self._before) + done + 1, texts=texts, count=done + len(texts), events=events)

    def wrote(self, rest: Unwritten) -> None:
        """Note that it was written."""
        if rest.count is not None:
            self._written = rest.count
        self._log.note_written(rest.events)
