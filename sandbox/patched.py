"""Replay of a program that may have changed: patched, forked, retried, or on another build of the guest.

As long as the program asks for what was recorded it is told what was recorded, at the recorded times. From the first
difference on, every call is matched by its key (function, arguments, how many equal calls came before): siblings that
change places cannot swap answers. Pure, as `replay` is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.divergence import Divergence, JournalDiverged
from sandbox.entries import Asked, CallKey, MadeCall, OutcomeUnknown, Settled, Told, outcome_unknown
from sandbox.journal import Journal, State
from sandbox.replay import RecordedTurn, recorded_turns, side_of_turn
from sandbox.retry import FINAL
from sandbox.terms import Effect
from sandbox.turns import Call, Outcome, Turn

Verdict = Literal["reused", "again", "unknown", "new"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedCall:
    """A call in the report of a patch; `number` is that of the patched program, `recorded` that of the journal."""

    key: CallKey
    line: int
    number: int | None = None
    recorded: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchReport:
    """What became of the recorded calls, and which calls are new."""

    reused: tuple[ReplayedCall, ...]
    """Answered from the journal."""
    again: tuple[ReplayedCall, ...]
    """Recorded without an answer that counts, and made again."""
    unknown: tuple[ReplayedCall, ...]
    """Raise `OutcomeUnknown`: they write, were sent, and their outcome is not known."""
    new: tuple[ReplayedCall, ...]
    dropped: tuple[ReplayedCall, ...]
    """Recorded, and not made by the patched program so far."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A recorded call, wherever it was recorded."""

    made: MadeCall
    state: State
    sent: bool
    outcome: Outcome | None
    told_at: int
    """When the guest was told of it; 0 when it was not."""

    def is_answer(self, *, errors: bool) -> bool:
        """Say whether its outcome is told again: values and final failures always, other failures if `errors`."""
        if self.outcome is None or self.state == "outcome_unknown":
            return self.outcome is not None
        failure = self.outcome.failure
        return failure is None or errors or failure.type == FINAL


class PatchedReplay:
    """Takes a program that may have changed through the record of another one; see `patch`, `fork`, `retry`, `rebuilt`.

    Args:
        journal: of the run that is taken over.
        earlier: journals of runs before it, from which it took over in its turn, the latest last.
        follow: take the recorded turns as long as the program asks for the same.
        errors: tell failures that may pass, rather than make the call again.
        repeat_abandoned: make a call of a `write` again that was under way when nobody waited for it any more.
        strict: the program is the same, and a difference is `JournalDiverged`.
        changed: told instead of what a call was told; by its recorded number.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        earlier: Iterable[Journal] = (),
        follow: bool = True,
        errors: bool = False,
        repeat_abandoned: bool = False,
        strict: bool = False,
        changed: Outcome | None = None,
    ) -> None:
        self.now = journal.header.now
        """When the first turn begins."""
        self.not_before = journal.header.now
        """The latest recorded time that the program has seen: its clock does not fall behind it."""
        self.is_following = follow
        """Whether the program has done nothing else yet than what was recorded."""
        self._turns = recorded_turns(journal) if follow else []
        self._at = 0
        self._errors, self._repeat_abandoned, self._strict = errors, repeat_abandoned, strict
        self._changed = changed
        self._known: dict[CallKey, _Recorded] = {}
        for one in (*earlier, journal):
            self._learn(one)
        self._keys = [journal.key_of(made.call.number) for made in journal.made()]
        if changed is not None:
            self._change(changed)
        self._observed: dict[int, int] = {}
        self._key_by_number: dict[int, CallKey] = {}
        self._met: dict[CallKey, tuple[MadeCall, Verdict | None]] = {}

    @staticmethod
    def patch(journal: Journal, *, earlier: Iterable[Journal] = ()) -> "PatchedReplay":
        """Return a replay for corrected source: failures that may pass are tried again."""
        return PatchedReplay(journal, earlier=earlier)

    @staticmethod
    def fork(journal: Journal, changed: Outcome) -> "PatchedReplay":
        """Return a replay of the same program in which one call is told something else.

        Raises:
            LookupError: the journal has no call of that number.
        """
        return PatchedReplay(journal, errors=True, changed=changed)

    @staticmethod
    def retry(
        journals: Iterable[Journal | None], *, changed: tuple[CallKey, Outcome] | None = None
    ) -> "PatchedReplay | None":
        """Return a replay for another attempt of the same program, from its start and at its own time.

        None for the first attempt, and when none before it came as far as to have a journal.

        Args:
            journals: of the attempts before it, and before these, of the runs from which it took over.
            changed: told to a call instead of what it was told.
        """
        known = [one for one in journals if one is not None]
        if not known:
            return None
        replay = PatchedReplay(known[-1], earlier=known[:-1], follow=False, repeat_abandoned=True)
        if changed is not None:
            replay._tell(*changed)
        return replay

    @staticmethod
    def rebuilt(journal: Journal) -> "PatchedReplay":
        """Return a replay for the same program on another build of the guest, which may order siblings otherwise."""
        return PatchedReplay(journal, errors=True, strict=True)

    def follow(self, asked: Asked, keys: Mapping[int, CallKey]) -> Turn | None:
        """Return the next turn as it was recorded, None when the program is on its own from here on.

        Args:
            asked: what the program asks for.
            keys: of the calls that it makes there.

        Raises:
            JournalDiverged: it asks for something else than it did, and the replay is strict.
        """
        if not self.is_following:
            return None
        turn = self._turns[self._at] if self._at < len(self._turns) else None
        if turn is None or not self._is_same(turn.asked, asked, keys):
            self._leave(turn, asked)
            return None
        for made in asked.calls:
            key = self._key_by_number[made.call.number] = keys[made.call.number]
            self._met[key] = made, None
        outcomes = self._outcomes(turn.told)
        if turn.told is None or outcomes is None:
            self.is_following = False
            return None
        self._at += 1
        self.not_before = turn.told.now
        return Turn(now=turn.told.now, outcomes=outcomes, unknown=self._unknown(outcomes))

    def settle(self, made: MadeCall, key: CallKey, effect: Effect) -> Settled | OutcomeUnknown | None:
        """Return what a call is told that is matched by its key; None when it has to be made."""
        known = self._known.get(key)
        verdict, entry = self._judge(known, made.call, effect)
        self._met[key] = made, verdict
        if known is not None and entry is not None:
            self.not_before = max(self.not_before, known.told_at)
        return entry

    def report(self) -> PatchReport:
        """Return what became of the calls up to now."""
        lists: dict[Verdict, list[ReplayedCall]] = {"reused": [], "again": [], "unknown": [], "new": []}
        for key, (made, verdict) in self._met.items():
            known = self._known.get(key)
            lists[verdict or "reused"].append(
                ReplayedCall(
                    key=key,
                    line=made.call.line,
                    number=made.call.number,
                    recorded=None if known is None else known.made.call.number,
                )
            )
        dropped = [
            ReplayedCall(key=key, line=self._known[key].made.call.line, recorded=self._known[key].made.call.number)
            for key in self._keys
            if key not in self._met
        ]
        return PatchReport(
            reused=tuple(lists["reused"]),
            again=tuple(lists["again"]),
            unknown=tuple(lists["unknown"]),
            new=tuple(lists["new"]),
            dropped=tuple(dropped),
        )

    # -- the record -----------------------------------------------------------------------------------------------

    def _learn(self, journal: Journal) -> None:
        told_at = {
            number: turn.told.now for turn in recorded_turns(journal) if turn.told for number in turn.told.delivered
        }
        for made in journal.made():
            number = made.call.number
            key = journal.key_of(number)
            found = _Recorded(
                made,
                journal.state_of(number),
                journal.was_sent(number),
                journal.outcome_of(number),
                told_at.get(number, 0),
            )
            before = self._known.get(key)
            # A later attempt that got nothing does not take the answer of an earlier one away.
            if before is None or not before.is_answer(errors=False) or found.is_answer(errors=False):
                self._known[key] = found

    def _change(self, changed: Outcome) -> None:
        if not 0 < changed.number <= len(self._keys):
            message = f"there is no call {changed.number}: the journal has {len(self._keys)} calls"
            raise LookupError(message)
        self._tell(self._keys[changed.number - 1], changed)

    def _tell(self, key: CallKey, outcome: Outcome) -> None:
        known = self._known[key]
        self._known[key] = _Recorded(known.made, "settled", known.sent, outcome, known.told_at)

    # -- following ------------------------------------------------------------------------------------------------

    def _is_same(self, recorded: Asked, asked: Asked, keys: Mapping[int, CallKey]) -> bool:
        """Say whether a turn ended as recorded; siblings may have changed places."""
        before = {self._keys[made.call.number - 1]: made.call.number for made in recorded.calls}
        now = {keys[made.call.number]: made.call.number for made in asked.calls}
        if before.keys() != now.keys() or recorded.wake_at != asked.wake_at:
            return False
        self._observed.update((number, now[key]) for key, number in before.items())
        return self._renumbered(recorded.waiting_for) == _as_set(asked.waiting_for) and (
            self._renumbered(recorded.cancelled) == _as_set(asked.cancelled)
        )

    def _renumbered(self, numbers: tuple[int, ...] | None) -> frozenset[int] | None:
        return None if numbers is None else frozenset(self._observed[number] for number in numbers)

    def _outcomes(self, told: Told | None) -> tuple[Outcome, ...] | None:
        """Return what a recorded turn told, None when one of it is to be asked for again."""
        found: list[Outcome] = []
        for number in () if told is None else told.delivered:
            known = self._known[self._keys[number - 1]]
            if known.outcome is None or not known.is_answer(errors=self._errors):
                return None
            found.append(_numbered(known.outcome, self._observed[number]))
        for outcome in found:
            key = self._key_by_number[outcome.number]
            is_unknown = self._known[key].state == "outcome_unknown"
            self._met[key] = self._met[key][0], "unknown" if is_unknown else "reused"
        return tuple(sorted(found, key=lambda outcome: outcome.number))

    def _unknown(self, outcomes: Iterable[Outcome]) -> frozenset[int]:
        keys = ((one.number, self._key_by_number[one.number]) for one in outcomes)
        return frozenset(number for number, key in keys if self._known[key].state == "outcome_unknown")

    def _leave(self, turn: RecordedTurn | None, asked: Asked) -> None:
        self.is_following = False
        if self._strict and turn is not None:
            recorded, observed = side_of_turn(turn.asked), side_of_turn(asked)
            raise JournalDiverged(Divergence(turn=self._at + 1, recorded=recorded, observed=observed))

    # -- by key ---------------------------------------------------------------------------------------------------

    def _judge(
        self, known: _Recorded | None, call: Call, effect: Effect
    ) -> tuple[Verdict, Settled | OutcomeUnknown | None]:
        if known is None:
            return "new", None
        if known.outcome is not None and known.is_answer(errors=self._errors):
            outcome = _numbered(known.outcome, call.number)
            if known.state == "outcome_unknown":
                return "unknown", OutcomeUnknown(outcome=outcome)
            return "reused", Settled(outcome=outcome)
        if known.sent and effect == "write" and self._is_in_doubt(known.state):
            return "unknown", outcome_unknown(call)
        return "again", None

    def _is_in_doubt(self, state: State) -> bool:
        return state == "sent" or (state == "abandoned" and not self._repeat_abandoned)


def _as_set(numbers: tuple[int, ...] | None) -> frozenset[int] | None:
    return None if numbers is None else frozenset(numbers)


def _numbered(outcome: Outcome, number: int) -> Outcome:
    return Outcome(number=number, value=outcome.value, failure=outcome.failure)
