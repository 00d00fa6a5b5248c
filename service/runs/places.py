"""Whose turn it is: places for runs, and a line of each tenant before them. Pure: no clock, no event loop.

The rule: a free place goes to the tenant that has the fewest places for its share (running / share) among those that
wait and are below their own bound; of equals, to the one that was given the fewest for its share (given / share) since
it came; of equals again, to the one that waits longest. Within a tenant it is first come, first served. Who comes with
nothing running and nothing waiting begins where the others are: there is no saving up.

What follows: no place is free while somebody waits who may have it. However much a tenant sends, it holds up nobody but
itself: of two tenants that both wait, neither gets a place while it has more for its share than the other, and where
they have as much, as with a single place, they take turns by their shares. So places settle at the proportion of the
shares, to within one, as fast as runs end; a run that goes on is not taken its place.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Line(Generic[T]):
    """The runs of a tenant."""

    share: int = 1
    max_running: int | None = None
    running: int = 0
    given: float = 0.0
    """Places that it was given, divided by its share; counted from where the others were when it came."""
    waiting: "OrderedDict[T, int]" = field(default_factory=OrderedDict)
    """Ticket -> its number, by which the oldest of all lines is told."""

    def is_full(self) -> bool:
        """Say whether the tenant's own bound is reached."""
        return self.max_running is not None and self.running >= self.max_running


class Places(Generic[T]):
    """A number of places, and the lines before them."""

    def __init__(self, total: int) -> None:
        self._free = total
        self._lines: dict[str, Line[T]] = {}
        self._waiting: dict[str, Line[T]] = {}
        self._tickets = 0
        self._given = 0.0
        """Where the others are: what the tenant that was given the last place had been given before."""

    def line(self, tenant: str) -> Line[T]:
        """Return the line of a tenant, whose share and bound may be set."""
        found = self._lines.get(tenant)
        if found is None:
            found = self._lines[tenant] = Line()
        return found

    def would_wait(self, tenant: str) -> bool:
        """Say whether who asks now gets a place in the line alone."""
        line = self.line(tenant)
        return self._free == 0 or bool(line.waiting) or line.is_full()

    def ask(self, tenant: str, ticket: T) -> bool:
        """Take a place, or one in the line; say whether it is a place."""
        line = self.line(tenant)
        if not line.running and not line.waiting:
            line.given = max(line.given, self._given)
        if not self.would_wait(tenant):
            self._give(line)
            return True
        self._tickets += 1
        line.waiting[ticket] = self._tickets
        self._waiting[tenant] = line
        return False

    def give_up(self, tenant: str, ticket: T) -> None:
        """Leave the line; does nothing when the ticket is not in it."""
        line = self.line(tenant)
        if line.waiting.pop(ticket, None) is not None and not line.waiting:
            del self._waiting[tenant]

    def leave(self, tenant: str) -> None:
        """Give a place back; `next` says who has it then."""
        self.line(tenant).running -= 1
        self._free += 1

    def next(self) -> tuple[str, T] | None:
        """Give a free place to whoever's turn it is, and return tenant and ticket; None when there is none to give."""
        if self._free == 0 or not self._waiting:
            return None
        may = [(tenant, line) for tenant, line in self._waiting.items() if not line.is_full()]
        if not may:
            return None
        tenant, line = min(may, key=_standing)
        ticket, _ = line.waiting.popitem(last=False)
        if not line.waiting:
            del self._waiting[tenant]
        self._give(line)
        return tenant, ticket

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many runs of each tenant go on, and how many wait."""
        return {tenant: (line.running, len(line.waiting)) for tenant, line in self._lines.items()}

    def _give(self, line: Line[T]) -> None:
        self._free -= 1
        self._given = line.given
        line.running += 1
        line.given += 1 / line.share


def _standing(one: tuple[str, Line[T]]) -> tuple[float, float, int]:
    line = one[1]
    return line.running / line.share, line.given, next(iter(line.waiting.values()))
