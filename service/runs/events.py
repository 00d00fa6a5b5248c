"""The events of one run: what those who watch it are told, in order, each with a number that says where to go on.

Any number of readers follow one log, each at its own pace: a reader holds a number and no queue, so a slow one costs
nothing and holds nothing up. A log that grows too large gives up its oldest events; a reader that was that far behind
sees it by a gap in the numbers.
"""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

EventName = Literal[
    "run.queued",
    "run.started",
    "output.delta",
    "call.started",
    "call.completed",
    "call.failed",
    "run.suspended",
    "run.resumed",
    "run.completed",
    "run.failed",
    "run.cancelled",
    "run.expired",
]
NAMES: tuple[EventName, ...] = get_args(EventName)
# After these nothing happens unless somebody does something about it.
AT_REST: frozenset[str] = frozenset({"run.suspended", "run.completed", "run.failed", "run.cancelled", "run.expired"})
MAX_KEPT = 2**20
_WEIGHT_OF_ONE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """Something that happened to a run; the run itself stands with an event that brings it to rest, when it is told."""

    id: int
    """Counts from 1."""
    name: str
    at: datetime
    content: Mapping[str, Any] = field(default_factory=dict)
    """What JSON can carry; no value of the program's but what it printed."""

    def text(self) -> str:
        """Return it as a store keeps it."""
        return json.dumps({"at": self.at.isoformat(), **self.content})

    @staticmethod
    def of_text(number: int, name: str, text: str) -> "RunEvent":
        """Return what `text` gave."""
        content = json.loads(text)
        return RunEvent(id=number, name=name, at=datetime.fromisoformat(content.pop("at")), content=content)


class EventLog:
    """The last events of one run; belongs to one event loop.

    Args:
        last: the number of the event before the first, when an earlier process has told some.
        kept: about how many bytes the events may take.
    """

    def __init__(self, *, last: int = 0, kept: int = MAX_KEPT) -> None:
        self._events: deque[RunEvent] = deque()
        self._last = last
        self._written = last
        self.is_stored = False
        """Whether a store keeps the events: then nobody is told of one before it is there."""
        self._kept = kept
        self._weight = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def last(self) -> int:
        """The number of the newest event; 0 when there is none."""
        return self._last

    @property
    def shown(self) -> int:
        """The number of the newest event that readers see."""
        return self._written if self.is_stored else self._last

    @property
    def first(self) -> int:
        """The number of the oldest event that is here; of the next one when there is none."""
        return self._last - len(self._events) + 1

    @property
    def weight(self) -> int:
        """About how many bytes the events take."""
        return self._weight

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing more happens for now."""
        return bool(self._events) and self.shown == self._last and self._events[-1].name in AT_REST

    def tell(self, name: EventName, at: datetime, content: Mapping[str, Any] | None = None) -> None:
        """Add an event, and wake those who wait for one."""
        self._last += 1
        event = RunEvent(id=self._last, name=name, at=at, content=content or {})
        self._events.append(event)
        self._weight += _weight(event)
        while self._weight > self._kept and len(self._events) > 1:
            self._weight -= _weight(self._events.popleft())
        if not self.is_stored:
            self._wake()

    def take_back(self) -> None:
        """Forget the newest event, of which nobody was told: what it says did not take place."""
        if self._written < self._last and self._events:
            self._last -= 1
            self._weight -= _weight(self._events.pop())

    def after(self, number: int) -> list[RunEvent]:
        """Return the events that follow the one of that number, as far as they are here and readers see them."""
        return [one for one in self._from(number) if one.id <= self.shown]

    async def changed(self, number: int, *, seconds: float) -> bool:
        """Wait until there is an event after the one of that number; False when there is none for so long."""
        if self.shown > number:
            return True
        told = asyncio.get_running_loop().create_future()
        self._waiting.add(told)
        try:
            async with asyncio.timeout(seconds):
                await told
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(told)
        return True

    def unwritten(self) -> list[RunEvent]:
        """Return the events that no store has."""
        return self._from(self._written)

    def note_written(self, events: Iterable[RunEvent]) -> None:
        """Take note that a store has them."""
        self._written = max([self._written, *(one.id for one in events)])
        self._wake()

    def _from(self, number: int) -> list[RunEvent]:
        new = min(max(0, self._last - number), len(self._events))
        return list(itertools.islice(self._events, len(self._events) - new, None))

    def _wake(self) -> None:
        for one in self._waiting:
            if not one.done():
                one.set_result(None)
        self._waiting.clear()


def _weight(event: RunEvent) -> int:
    # What a caller or a function wrote; all else that an event says is short.
    error: Mapping[str, str] = event.content.get("error", {})
    return _WEIGHT_OF_ONE + len(event.content.get("text", "")) + sum(map(len, error.values()))
