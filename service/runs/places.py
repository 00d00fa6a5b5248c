"""Weighted fair queueing: places for runs, and a queue of each tenant before them. Pure: no clock, no event loop.

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
class TenantQueue(Generic[T]):
    """The runs of a tenant."""

    share: int = 1
    max_running: int | None = None
    running: int = 0
    given: float = 0.0
    """Places that it was given, divided by its share; counted from where the others were when it came."""
    waiting: "OrderedDict[T, int]" = field(default_factory=OrderedDict)
    """Ticket -> its number, by which the oldest of all queues is told."""

    def is_full(self) -> bool:
        """Say whether the tenant's own bound is reached."""
        return self.max_running is not None and self.running >= self.max_running


class Places(Generic[T]):
    """A number of places, and the queues before them."""

    def __init__(self, total: int) -> None:
        self._free = total
        self._queues: dict[str, TenantQueue[T]] = {}
        self._waiting: dict[str, TenantQueue[T]] = {}
        self._tickets = 0
        self._given = 0.0
        """Where the others are: what the tenant that was given the last place had been given before."""

    def queue(self, tenant: str) -> TenantQueue[T]:
        """Return the queue of a tenant, whose share and bound may be set."""
        found = self._queues.get(tenant)
        if found is None:
            found = self._queues[tenant] = TenantQueue()
        return found

    def would_wait(self, tenant: str) -> bool:
        """Say whether who asks now gets a place in the queue alone."""
        queue = self.queue(tenant)
        return self._free == 0 or bool(queue.waiting) or queue.is_full()

    def ask(self, tenant: str, ticket: T) -> bool:
        """Take a place, or one in the queue; say whether it is a place."""
        queue = self.queue(tenant)
        if not queue.running and not queue.waiting:
            queue.given = max(queue.given, self._given)
        if not self.would_wait(tenant):
            self._give(queue)
            return True
        self._tickets += 1
        queue.waiting[ticket] = self._tickets
        self._waiting[tenant] = queue
        return False

    def give_up(self, tenant: str, ticket: T) -> None:
        """Leave the queue; does nothing when the ticket is not in it."""
        queue = self.queue(tenant)
        if queue.waiting.pop(ticket, None) is not None and not queue.waiting:
            del self._waiting[tenant]

    def leave(self, tenant: str) -> None:
        """Give a place back; `next` says who has it then."""
        self.queue(tenant).running -= 1
        self._free += 1

    def next(self) -> tuple[str, T] | None:
        """Give a free place to whoever's turn it is, and return tenant and ticket; None when there is none to give."""
        if self._free == 0 or not self._waiting:
            return None
        may = [(tenant, queue) for tenant, queue in self._waiting.items() if not queue.is_full()]
        if not may:
            return None
        tenant, queue = min(may, key=_standing)
        ticket, _ = queue.waiting.popitem(last=False)
        if not queue.waiting:
            del self._waiting[tenant]
        self._give(queue)
        return tenant, ticket

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many runs of each tenant go on, and how many wait."""
        return {tenant: (queue.running, len(queue.waiting)) for tenant, queue in self._queues.items()}

    def _give(self, queue: TenantQueue[T]) -> None:
        self._free -= 1
        self._given = queue.given
        queue.running += 1
        queue.given += 1 / queue.share


def _standing(one: tuple[str, TenantQueue[T]]) -> tuple[float, float, int]:
    queue = one[1]
    return queue.running / queue.share, queue.given, next(iter(queue.waiting.values()))
