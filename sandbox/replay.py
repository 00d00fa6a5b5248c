"""Exact replay: takes a fresh execution of the same program through the recorded turns, and compares everything.

Pure: whoever drives the execution hands in what it asks for, and is told what the next turn begins with. For a program
that may have changed see `patched`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sandbox import values
from sandbox.divergence import Divergence, JournalDiverged, Side
from sandbox.entries import Asked, Ended, MadeCall, Settled, Told
from sandbox.errors import ValueRejected
from sandbox.journal import Journal, asked_by, ended_by
from sandbox.turns import Blocked, Call, Outcome, Progress, Turn

_SHOWN = 200
# Of these types equal values cross alike.
_PLAIN = frozenset({int, str, bool, type(None)})


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """What the guest asked for, and what the next turn then began with; None when the record ends here."""

    asked: Asked
    told: Told | None


def recorded_turns(journal: Journal) -> list[RecordedTurn]:
    """Return the turns of a journal that ended with the guest waiting."""
    waits = [entry for entry in journal.entries if isinstance(entry, Asked)]
    tells: list[Told | None] = [entry for entry in journal.entries if isinstance(entry, Told)]
    tells += [None] * (len(waits) - len(tells))
    return [RecordedTurn(asked, told) for asked, told in zip(waits, tells, strict=True)]


# -- the same program ---------------------------------------------------------------------------------------------


class ExactReplay:
    """Takes a fresh execution of the same program through the recorded turns.

    Args:
        compare_fuel: holds for the same build of the guest alone.
    """

    def __init__(self, journal: Journal, *, compare_fuel: bool = True) -> None:
        self.now = journal.header.now
        """When the first turn begins."""
        self._journal = journal
        self._turns = recorded_turns(journal)
        self._at = 0
        # What the guest was asked and told so far, to know what it can wait for.
        self._shadow = Journal(journal.header)
        self._compare_fuel = compare_fuel

    def turns(self) -> Iterator[Turn]:
        """Yield what the turns after the first one begin with, if the program does what it did."""
        return (self._turn(turn.told) for turn in self._turns if turn.told is not None)

    def next(self, progress: Progress) -> Turn | None:
        """Compare how a turn ended, and return what the next one begins with; None where the record ends.

        Raises:
            JournalDiverged: the program did something else.
        """
        if self._at == len(self._turns):
            self._check_end(progress)
            return None
        turn = self._turns[self._at]
        if not isinstance(progress, Blocked):
            raise self._diverged(side_of_turn(turn.asked), Side(text=f"the end: {ended_by(progress).how}"))
        self._check_turn(turn.asked, progress)
        self._at += 1
        if turn.told is None:
            return None
        self._shadow_turn(turn)
        return self._turn(turn.told)

    def _turn(self, told: Told) -> Turn:
        outcomes = [self._journal.outcome_of(number) for number in told.delivered]
        return Turn(now=told.now, outcomes=tuple([one for one in outcomes if one is not None]))

    def _shadow_turn(self, turn: RecordedTurn) -> None:
        self._shadow.append(turn.asked)
        if turn.told is not None:
            for number in turn.told.delivered:
                self._shadow.append(Settled(outcome=Outcome(number=number)))
            self._shadow.append(turn.told)

    def _check_turn(self, recorded: Asked, blocked: Blocked) -> None:
        observed = asked_by(blocked, (MadeCall(call=call) for call in blocked.new_calls), self._shadow)
        for index in range(max(len(recorded.calls), len(observed.calls))):
            before, now = (one.calls[index].call if index < len(one.calls) else None for one in (recorded, observed))
            if before is None or now is None or not _is_same(before, now):
                raise self._diverged(_side(before), _side(now))
        for what in ("waiting_for", "wake_at", "cancelled", "fuel"):
            expected, found = getattr(recorded, what), getattr(observed, what)
            if expected != found and (what != "fuel" or self._compare_fuel):
                raise self._diverged(Side(text=f"{what} {expected}"), Side(text=f"{what} {found}"))

    def _check_end(self, progress: Progress) -> None:
        entries = self._journal.entries
        recorded = entries[-1] if entries and isinstance(entries[-1], Ended) else None
        if recorded is None or self._journal.phase != "ended":
            return
        if isinstance(progress, Blocked):
            asked = asked_by(progress, _made(progress), self._shadow)
            raise self._diverged(Side(text=f"the end: {recorded.how}"), side_of_turn(asked))
        observed = ended_by(progress)
        # Where a limit of time stopped a program is chance.
        exact = self._compare_fuel and recorded.how != "limit"
        if observed.how != recorded.how or (exact and observed.fuel != recorded.fuel):
            raise self._diverged(
                Side(text=f"the end: {recorded.how}, fuel {recorded.fuel}"),
                Side(text=f"the end: {observed.how}, fuel {observed.fuel}"),
            )

    def _diverged(self, recorded: Side, observed: Side) -> JournalDiverged:
        return JournalDiverged(Divergence(turn=self._at + 1, recorded=recorded, observed=observed))


def _made(blocked: Blocked) -> list[MadeCall]:
    return [MadeCall(call=call) for call in blocked.new_calls]


def _is_same(before: Call, now: Call) -> bool:
    """Say whether the same crossed; of most calls that is known without writing it."""
    kinds = [*map(type, before.args)]
    if before.kwargs or now.kwargs or not _PLAIN.issuperset(kinds):
        return _crossed(before) == _crossed(now)
    same_kinds = kinds == [*map(type, now.args)]
    return same_kinds and (before.number, before.function, before.args) == (now.number, now.function, now.args)


def _crossed(call: Call) -> tuple[int, str, str]:
    """Return what crossed: compared with `==`, NaN would differ from itself, and True would be 1."""
    return call.number, call.function, values.encode([list(call.args), call.kwargs])


def shown(call: Call) -> str:
    """Return a call for a message: `call 3 add(1, y=2)`."""
    return _cut(f"call {call.number} {call.function}({_arguments(call)})")


def _arguments(call: Call) -> str:
    named = (f"{name}={_shown_value(one)}" for name, one in call.kwargs.items())
    return ", ".join([*map(_shown_value, call.args), *named])


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _shown_value(value: object) -> str:
    try:
        return values.encode(value)
    except ValueRejected:
        return "?"


def side_of_turn(asked: Asked) -> Side:
    """Return what a program asked for in a turn; of several calls, the first one stands for itself."""
    calls = [made.call for made in asked.calls]
    if not calls:
        return Side(text="waiting")
    return replace(_side(calls[0]), text=", ".join(map(shown, calls)))


def _side(call: Call | None) -> Side:
    if call is None:
        return Side(text="no call")
    return Side(text=shown(call), function=call.function, arguments=_cut(_arguments(call)), line=call.line or None)
