"""The journal: what a run asked of its host, what it was told and when. Pure: no storage, no clock, no event loop.

A journal is a header and entries in their order. The first turn begins with the header's time; a turn ends with `Asked`
(the guest waits) or `Ended`; the next one begins with `Told`, which hands the guest the time and outcomes.

    computing -Asked-> blocked -Told-> computing -Ended-> ended
    a call:  intended -Sent-> sent -Settled-> settled | -OutcomeUnknown-> outcome_unknown | -Abandoned-> abandoned
             intended -Announced-> announced -Settled-> settled | -Approved-> approved -Sent-> sent

Write before telling: `Told` may only name outcomes that the journal holds, so a crash can repeat a call, but never lose
an answer. What the two tables and the checks below do not allow is refused, and a refused entry changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.entries import (
    Abandoned,
    Announced,
    Approved,
    Asked,
    CallEntry,
    CallKey,
    Ended,
    Entry,
    Header,
    How,
    MadeCall,
    OutcomeUnknown,
    Sent,
    Settled,
    Told,
)
from sandbox.errors import MisuseError
from sandbox.turns import Blocked, LimitExceeded, Outcome, Progress, Raised

Phase = Literal["computing", "blocked", "ended"]
State = Literal["intended", "announced", "approved", "sent", "settled", "outcome_unknown", "abandoned"]


_PHASES: dict[tuple[Phase, str], Phase] = {
    ("computing", "asked"): "blocked",
    ("blocked", "told"): "computing",
    ("computing", "ended"): "ended",
    ("blocked", "ended"): "ended",
}
_STATES: dict[tuple[State, str], State] = {
    ("intended", "sent"): "sent",
    ("intended", "settled"): "settled",
    ("intended", "outcome_unknown"): "outcome_unknown",
    ("intended", "abandoned"): "abandoned",
    ("intended", "announced"): "announced",
    ("announced", "approved"): "approved",
    ("announced", "settled"): "settled",
    ("announced", "abandoned"): "abandoned",
    ("approved", "sent"): "sent",
    ("approved", "settled"): "settled",
    ("approved", "abandoned"): "abandoned",
    ("sent", "sent"): "sent",
    ("sent", "settled"): "settled",
    ("sent", "outcome_unknown"): "outcome_unknown",
    ("sent", "abandoned"): "abandoned",
}


# Nobody here has anything to do about such a call.
_ANSWERED: frozenset[State] = frozenset({"announced", "settled", "outcome_unknown"})


class JournalRefused(MisuseError):
    """An entry does not follow what a journal holds; a bug on the host's side.

    Attributes:
        entry: what was to be appended.
        state: what the journal's run, or the call, is.
        rule: what would be allowed.
    """

    code = "journal_refused"

    def __init__(self, entry: Entry, state: str, rule: str) -> None:
        number = getattr(entry, "number", None)
        what = entry.kind if number is None else f"{entry.kind} of call {number}"
        super().__init__(f'entry "{what}" cannot follow: {state}; {rule}')
        self.entry = entry
        self.state = state
        self.rule = rule


@dataclass(slots=True)
class _Fate:
    """A call and what became of it."""

    made: MadeCall
    state: State = "intended"
    outcome: Outcome | None = None
    sends: int = 0
    told: bool = False
    announced: Announced | None = None


class Journal:
    """The journal of one run, in memory: append-only."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.phase: Phase = "computing"
        self.now = header.now
        """The time of the last turn that began."""
        self._entries: list[Entry] = []
        self._fates: dict[int, _Fate] = {}
        self._open: set[int] = set()
        self.asked = Asked()
        """What the guest asked for last."""
        self.watch: Callable[[Entry], None] | None = None
        """Told of every entry that is added from now on."""
        self._keys: dict[int, CallKey] = {}
        self._equal: Counter[tuple[str, str]] = Counter()

    @staticmethod
    def of(header: Header, entries: Iterable[Entry]) -> "Journal":
        """Return a journal of these entries.

        Raises:
            JournalRefused: their order is not that of a run.
        """
        journal = Journal(header)
        for entry in entries:
            journal.append(entry)
        return journal

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in order."""
        return tuple(self._entries)

    def entries_from(self, index: int) -> list[Entry]:
        """Return the entries that were added after the first `index`."""
        return self._entries[index:]

    def append(self, entry: Entry) -> None:
        """Add an entry.

        Raises:
            JournalRefused: it does not follow; nothing was changed.
        """
        _CHANGES[type(entry)](self, entry)
        self._entries.append(entry)
        if self.watch is not None:
            self.watch(entry)

    def waits_for_all(self, asked_for: tuple[int, ...], *, new: tuple[int, ...], cancelled: tuple[int, ...]) -> bool:
        """Say whether a guest that makes and gives up these calls waits for every one that it can wait for."""
        if not self._open and not cancelled and asked_for == new:
            return True
        rest = self._rest(new, cancelled)
        return len(asked_for) == len(rest) and rest.issuperset(asked_for)

    def state_of(self, number: int) -> State:
        """Return what is known of a call."""
        return self._fates[number].state

    def outcome_of(self, number: int) -> Outcome | None:
        """Return the outcome of a call, None while it has none."""
        return self._fates[number].outcome

    def was_sent(self, number: int) -> bool:
        """Say whether the function was called, whatever became of it."""
        return self._fates[number].sends > 0

    def sends_of(self, number: int) -> int:
        """Return how often the function was called, by every process that had the run."""
        return self._fates[number].sends

    def announcement_of(self, number: int) -> Announced | None:
        """Return how a call was announced, None when it was not."""
        return self._fates[number].announced

    def announced(self) -> list[Announced]:
        """Return the announcements that nobody has answered yet and the guest waits for."""
        found = [self._fates[number] for number in sorted(self._open)]
        return [one.announced for one in found if one.state == "announced" and one.announced is not None]

    def made(self) -> Iterator[MadeCall]:
        """Yield the calls in the order in which the guest made them."""
        return (fate.made for fate in self._fates.values())

    def made_call(self, number: int) -> MadeCall:
        """Return a call."""
        return self._fates[number].made

    def untold(self) -> list[int]:
        """Return the calls that the guest made, was not told of and did not give up."""
        return sorted(self._open)

    def to_be_told(self) -> list[int]:
        """Return the calls that a waiting guest can be told of; none while one that it made is still to be called."""
        if self.phase != "blocked" or not _ANSWERED.issuperset([self._fates[number].state for number in self._open]):
            return []
        waited_for = self._open if self.asked.waiting_for is None else self.asked.waiting_for
        return [number for number in sorted(waited_for) if self._fates[number].outcome is not None]

    def key_of(self, number: int) -> CallKey:
        """Return the key of a call; walks over the arguments of all calls before it, once."""
        for one in range(len(self._keys) + 1, number + 1):
            self._keys[one] = self._count(self._fates[one].made)
        return self._keys[number]

    def until(self, entry_count: int) -> "Journal":
        """Return the journal as it was with so many entries."""
        return Journal.of(self.header, self._entries[:entry_count])

    def _count(self, made: MadeCall) -> CallKey:
        kind = made.call.function, made.digest()
        nth = self._equal[kind]
        self._equal[kind] += 1
        return CallKey(function=kind[0], digest=kind[1], nth=nth)

    def _rest(self, new: Collection[int], cancelled: Collection[int]) -> set[int]:
        """Return what a guest can wait for; no copy where nothing changes: a wide gather has as many turns as calls."""
        return self._open.union(new).difference(cancelled) if new or cancelled else self._open

    def _change_call(self, entry: CallEntry) -> None:
        if self.phase == "ended":
            raise JournalRefused(entry, "the run is ended", _allowed(_PHASES, "ended"))
        fate = self._fates.get(entry.number)
        if fate is None:
            raise JournalRefused(entry, f"there are {len(self._fates)} calls", "a call is made by an entry asked")
        state = _STATES.get((fate.state, entry.kind))
        if state is None:
            raise JournalRefused(entry, f"the call is {fate.state}", _allowed(_STATES, fate.state))
        fate.state = state
        if isinstance(entry, Announced):
            fate.announced = entry
        elif state == "sent":
            fate.sends += 1
        elif isinstance(entry, Settled | OutcomeUnknown):
            fate.outcome = entry.outcome

    def _next_phase(self, entry: Asked | Told | Ended) -> Phase:
        phase = _PHASES.get((self.phase, entry.kind))
        if phase is None:
            raise JournalRefused(entry, f"the run is {self.phase}", _allowed(_PHASES, self.phase))
        return phase

    def _end(self, entry: Ended) -> None:
        self.phase = self._next_phase(entry)

    def _ask(self, entry: Asked) -> None:
        phase = self._next_phase(entry)
        numbers = [made.call.number for made in entry.calls]
        first = len(self._fates) + 1
        if numbers != [*range(first, first + len(numbers))]:
            raise JournalRefused(entry, f"it makes the calls {numbers}", f"calls are numbered on from {first}")
        self._check_named(entry, first + len(numbers))
        waits = bool(numbers or self._open) if entry.waiting_for is None else bool(entry.waiting_for)
        if entry.cancelled and entry.waiting_for is None:
            waits = bool(self._rest(numbers, entry.cancelled))
        if entry.wake_at is None and not waits:
            raise JournalRefused(entry, "it waits for nothing", "a guest waits for calls or a time")
        for made in entry.calls:
            self._fates[made.call.number] = _Fate(made)
        self._open.update(numbers)
        self._open.difference_update(entry.cancelled)
        self.asked, self.phase = entry, phase

    def _check_named(self, entry: Asked, next_number: int) -> None:
        for numbers, may_be_told in ((entry.waiting_for or (), False), (entry.cancelled, True)):
            for number in numbers:
                fate = self._fates.get(number)
                if not 0 < number < next_number or (fate is not None and fate.told and not may_be_told):
                    raise JournalRefused(entry, f"it names call {number}", "it names calls that were made and not told")

    def _tell(self, entry: Told) -> None:
        phase = self._next_phase(entry)
        if entry.now < self.now:
            raise JournalRefused(entry, f"its time is {entry.now}", f"time does not run backward from {self.now}")
        wake_at = self.asked.wake_at
        if not entry.delivered and (wake_at is None or entry.now < wake_at):
            raise JournalRefused(entry, "it brings nothing", "it brings an outcome, or comes when wake_at is reached")
        expected = self._open if self.asked.waiting_for is None else self.asked.waiting_for
        for number in entry.delivered:
            if number not in expected:
                raise JournalRefused(entry, f"it brings call {number}", "it brings calls that the guest waits for")
            if self._fates[number].outcome is None:
                raise JournalRefused(
                    entry, f"call {number} has no outcome", "outcomes are written before they are told"
                )
        for number in entry.delivered:
            self._fates[number].told = True
        self._open.difference_update(entry.delivered)
        self.now, self.phase = entry.now, phase


_CHANGES: dict[type, Callable[[Journal, Any], None]] = {
    Asked: Journal._ask,  # noqa: SLF001 - one module
    Told: Journal._tell,  # noqa: SLF001
    Ended: Journal._end,  # noqa: SLF001
    **dict.fromkeys((Announced, Approved, Sent, Settled, OutcomeUnknown, Abandoned), Journal._change_call),  # noqa: SLF001
}


def asked_by(blocked: Blocked, made: Iterable[MadeCall], journal: Journal) -> Asked:
    """Return the entry for what a guest asks for, to follow what the journal holds."""
    calls = tuple(made)
    everything = journal.waits_for_all(
        blocked.waiting_for, new=tuple([one.call.number for one in calls]), cancelled=blocked.cancelled_calls
    )
    return Asked(
        calls=calls,
        waiting_for=None if everything else tuple(sorted(blocked.waiting_for)),
        wake_at=blocked.wake_at,
        cancelled=blocked.cancelled_calls,
        fuel=blocked.spent.fuel,
    )


def ended_by(progress: Progress) -> Ended:
    """Return the entry for how a program ended."""
    how: How = "returned"
    if isinstance(progress, Raised):
        how = "raised"
    elif isinstance(progress, LimitExceeded):
        how = "limit"
    return Ended(how=how, fuel=progress.spent.fuel)


def _allowed(table: Mapping[tuple[Any, str], object], state: str) -> str:
    kinds = [kind for before, kind in table if before == state]
    return f"{state} may be followed by {', '.join(kinds) or 'nothing'}"
