"""Turns sent ahead: those of a replay are known before they are asked for, and several go to a worker in one frame.

What the worker says at their ends is kept until it is asked for, and no more than the engine would wait for anyway:
`wire.AHEAD_BYTES` and one end besides.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sandbox.engines.workers import messages, wire
from sandbox.engines.workers.crossing import LimitReached
from sandbox.engines.workers.turn_ends import TurnEnd, TurnEnds
from sandbox.engines.workers.wire import BadFrame
from sandbox.errors import MisuseError
from sandbox.limits import Limits
from sandbox.turns import Outcome, Turn
from sandbox.weight import weight_of

MOST_TURNS = 64
# A turn that takes more is sent when it is asked for: it is no light work to write, nor to read what it brings.
_LIGHT_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class _Written:
    """A turn as it is sent."""

    told: Turn
    reply: str


class Ahead:
    """What one execution is sent before it is asked for."""

    def __init__(self, limits: Limits) -> None:
        self.is_used = False
        """Whether any turn was foreseen: most executions are no replay."""
        self.ends: deque[TurnEnd] = deque()
        """Of turns that nobody has asked for yet."""
        self._limits = limits
        self._to_come: Iterator[Turn] = iter(())
        self._next: deque[Turn] = deque()
        """Taken from `_to_come`, and not sent."""
        self._sent: deque[_Written] = deque()
        """Sent, and not asked for."""

    def foresee(self, turns: Iterable[Turn]) -> None:
        """Set the turns that follow the first one."""
        self._to_come = iter(turns)
        self.is_used = True

    def batch(self) -> list[wire.Turn]:
        """Return the turns that can be sent now, beyond the one that is asked for."""
        bytes_left = wire.AHEAD_BYTES
        while len(self._sent) < MOST_TURNS and bytes_left > 0:
            written = self._write_next()
            if written is None:
                break
            self._sent.append(written)
            bytes_left -= len(written.reply)
        return [(one.told.now, one.reply) for one in self._sent]

    def hear(self, end: TurnEnd) -> None:
        """Keep the end of a turn that nobody has asked for yet.

        Raises:
            BadFrame: there was none to be ended.
        """
        if len(self.ends) >= len(self._sent):
            raise BadFrame("no turn under way")
        self.ends.append(end)

    def skip(self) -> None:
        """The next turn is sent because it is asked for."""
        self._peek()
        if self._next:
            self._next.popleft()

    def recall(self) -> None:
        """The worker has dropped what it was sent and has not begun."""
        self._next.extendleft(one.told for one in reversed(self._sent))
        self._sent.clear()

    def take(self, outcomes: Sequence[Outcome], *, now: int, so_far: TurnEnds) -> bool:
        """Say whether the turn that is asked for was sent already, and count what it brings, as if it were sent now.

        Raises:
            LimitReached: all values of the run together are too large.
            MisuseError: another one was sent.
        """
        if not self._sent:
            return False
        written = self._sent.popleft()
        if written.told.now != now or _numbers(written.told.outcomes) != _numbers(outcomes):
            raise MisuseError("the execution was told to foresee another turn")
        messages.count_reply(written.reply, outcomes, made=so_far.made, crossing=so_far.crossing)
        return True

    def _peek(self) -> Turn | None:
        if not self._next:
            self._next.extend([one for one in [next(self._to_come, None)] if one is not None])
        return self._next[0] if self._next else None

    def _write_next(self) -> _Written | None:
        """Return the next turn as it is sent; None when there is none, or it has to be asked for first."""
        told = self._peek()
        if told is None or weight_of(_brought(told), enough=_LIGHT_BYTES) >= _LIGHT_BYTES:
            return None
        try:
            reply = messages.reply(told.outcomes, now=told.now, limits=self._limits)
        except LimitReached:
            return None
        self._next.popleft()
        return _Written(told, reply)


def _brought(told: Turn) -> list[object]:
    failures = [one.failure for one in told.outcomes if one.failure is not None]
    return [*(one.value for one in told.outcomes), *([one.message, one.arguments] for one in failures)]


def _numbers(outcomes: Sequence[Outcome]) -> list[int]:
    return [one.number for one in outcomes]
