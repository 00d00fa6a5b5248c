"""Exact replay: takes a fresh execution of the same program through the recorded turns, and compares everything.

Pure: whoever drives the execution hands in what it asks for, and is told what the next turn begins with. For a program
that may have changed see `patched`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox import values
from sandbox.entries import Asked, Ended, MadeCall, Settled, Told
from sandbox.errors import SandboxError, ValueRejected
from sandbox.journal import Journal, asked_by, ended_by
from sandbox.turns import Blocked, Call, Outcome, Progress, Turn

_SHOWN = 200


class JournalDiverged(SandboxError):
    """A replayed program does not do what it did.

    Attributes:
        turn: in which turn, the first one is 1.
        recorded: what it did, as text: a call, what it waited for, how it ended.
        observed: what it does now.
    """

    code = "journal_diverged"

    def __init__(self, turn: int, recorded: str, observed: str) -> None:
        super().__init__(f"turn {turn} of the replay differs: recorded {recorded}, observed {observed}")
        self.turn = turn
        self.recorded = recorded
        self.observed = observed


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
            raise self._diverged(shown_turn(turn.asked), f"the end: {ended_by(progress).how}")
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
            if before is None or now is None or _crossed(before) != _crossed(now):
                raise self._diverged(shown(before), shown(now))
        for what in ("waiting_for", "wake_at", "cancelled", "fuel"):
            expected, found = getattr(recorded, what), getattr(observed, what)
            if expected != found and (what != "fuel" or self._compare_fuel):
                raise self._diverged(f"{what} {expected}", f"{what} {found}")

    def _check_end(self, progress: Progress) -> None:
        entries = self._journal.entries
        recorded = entries[-1] if entries and isinstance(entries[-1], Ended) else None
        if recorded is None or self._journal.phase != "ended":
            return
        if isinstance(progress, Blocked):
            raise self._diverged(
                f"the end: {recorded.how}", shown_turn(asked_by(progress, _made(progress), self._shadow))
            )
        observed = ended_by(progress)
        # Where a limit of time stopped a program is chance.
        exact = self._compare_fuel and recorded.how != "limit"
        if observed.how != recorded.how or (exact and observed.fuel != recorded.fuel):
            raise self._diverged(
                f"the end: {recorded.how}, fuel {recorded.fuel}", f"the end: {observed.how}, fuel {observed.fuel}"
            )

    def _diverged(self, recorded: str, observed: str) -> JournalDiverged:
        return JournalDiverged(self._at + 1, recorded, observed)


def _made(blocked: Blocked) -> list[MadeCall]:
    return [MadeCall(call=call) for call in blocked.new_calls]


def _crossed(call: Call) -> tuple[int, str, str]:
    """Return what crossed: compared with `==`, NaN would differ from itself, and True would be 1."""
    return call.number, call.function, values.encode([list(call.args), call.kwargs])


def shown(call: Call | None) -> str:
    """Return a call for a message: `call 3 add(1, y=2)`."""
    if call is None:
        return "no call"
    arguments = [*map(_shown_value, call.args), *(f"{name}={_shown_value(one)}" for name, one in call.kwargs.items())]
    text = f"call {call.number} {call.function}({', '.join(arguments)})"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _shown_value(value: object) -> str:
    try:
        return values.encode(value)
    except ValueRejected:
        return "?"


def shown_turn(asked: Asked) -> str:
    return ", ".join(shown(made.call) for made in asked.calls) or "waiting"
