"""How many runs go on at once, how many wait, and when a further one is refused: at once, never after a wait."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from service.errors import Overloaded, RateReached, Stopping, TenantBusy
from service.rights import Caller, RunRate
from service.runs.places import Places, TenantQueue

REFUSALS = (Overloaded, TenantBusy, RateReached, Stopping)
"""What a run is refused with for which there is no place."""
_T = TypeVar("_T")


class Admission:
    """Counts the runs of one service; belongs to one event loop."""

    def __init__(self, *, max_running: int, max_queued: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._places: Places[asyncio.Future[None]] = Places(max_running)
        self._max_running = max_running
        self._max_queued = max_queued
        self._clock = clock
        self._rates: dict[str, _Tokens] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self.is_stopping = False

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many runs of each tenant go on, and how many wait."""
        return self._places.counts()

    def check(self, caller: Caller) -> None:
        """Refuse now what would be refused anyway, before work is put into it.

        Raises:
            Overloaded: as many runs of the tenant wait as the service lets wait.
            TenantBusy: as many runs of it wait as it may have waiting.
            RateReached: it has submitted as many as it may for now.
            Stopping: `stop` was called.
        """
        if self.is_stopping:
            raise Stopping
        queue, rights = self._queue_of(caller), caller.rights
        own = rights.max_queued
        most = self._max_queued if own is None else min(own, self._max_queued)
        if len(queue.waiting) >= most and self._places.would_wait(caller.tenant):
            if queue.is_full() or most < self._max_queued:
                raise TenantBusy(queue.running, len(queue.waiting))
            raise Overloaded(self._max_running, len(queue.waiting))
        if rights.rate is not None:
            self._tokens(caller.tenant, rights.rate).check(self._clock())

    async def place(self, caller: Caller) -> "Place":
        """Wait for a place among the running, which is held until the block of what is returned ends.

        The current task is what `stop` cancels until then.

        Raises:
            Overloaded, TenantBusy, RateReached, Stopping: there will be no place.
        """
        self.check(caller)
        if caller.rights.rate is not None:
            self._tokens(caller.tenant, caller.rights.rate).take()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._tasks.add(task)
        try:
            await self._wait(caller.tenant, task)
        except BaseException:
            self._tasks.discard(task)
            raise
        return Place(lambda: self._vacate(caller.tenant, task))

    async def hold(self, caller: Caller, work: Callable[[], Awaitable[_T]]) -> _T:
        """Do work that is no run in a place among the running, and return what it gives.

        Raises:
            Overloaded, TenantBusy, RateReached, Stopping: there will be no place, or `stop` was called meanwhile.
        """
        with await self.place(caller):
            try:
                return await work()
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not self.is_stopping or task is None:
                    raise
                task.uncancel()
        raise Stopping

    def stop(self) -> None:
        """Admit no more runs and cancel those that are here; each of them sees `CancelledError` in its block."""
        self.is_stopping = True
        for task in self._tasks:
            task.cancel()

    def _queue_of(self, caller: Caller) -> TenantQueue[asyncio.Future[None]]:
        """Return the queue of the caller's tenant, with the rights that it has now."""
        queue = self._places.queue(caller.tenant)
        queue.share, queue.max_running = caller.rights.share, caller.rights.max_running
        return queue

    async def _wait(self, tenant: str, task: asyncio.Task[object]) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._places.ask(tenant, turn):
            return
        # A bound of the tenant's may have been raised since somebody left.
        self._call()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave(tenant)
            self._places.give_up(tenant, turn)
            if not self.is_stopping:
                raise
            task.uncancel()
            raise Stopping from None

    def _vacate(self, tenant: str, task: asyncio.Task[object]) -> None:
        self._leave(tenant)
        self._tasks.discard(task)

    def _leave(self, tenant: str) -> None:
        self._places.leave(tenant)
        self._call()

    def _call(self) -> None:
        """Call whoever's turn it is."""
        while (called := self._places.next()) is not None:
            tenant, turn = called
            if turn.cancelled():
                # Whoever waited has gone, and has not come to say so yet.
                self._places.leave(tenant)
            else:
                turn.set_result(None)

    def _tokens(self, tenant: str, rate: RunRate) -> "_Tokens":
        found = self._rates.get(tenant)
        if found is None or found.rate != rate:
            found = self._rates[tenant] = _Tokens(rate, self._clock())
        return found


class Place:
    """A place among the running, given up at the end of the block."""

    def __init__(self, give_up: Callable[[], None]) -> None:
        self._give_up = give_up

    def __enter__(self) -> None:
        """Hold it."""

    def __exit__(self, *_: object) -> None:
        self._give_up()


class _Tokens:
    """A token for each run that may be submitted now."""

    def __init__(self, rate: RunRate, now: float) -> None:
        self.rate = rate
        self._tokens = float(rate.runs)
        self._filled_at = now

    def check(self, now: float) -> None:
        """Refuse when there is none.

        Raises:
            RateReached: it says in how many seconds there will be one.
        """
        per_second = self.rate.runs / self.rate.per_seconds
        self._tokens = min(self.rate.runs, self._tokens + (now - self._filled_at) * per_second)
        self._filled_at = now
        if self._tokens < 1:
            wait = (1 - self._tokens) / per_second
            raise RateReached(self.rate.runs, self.rate.per_seconds, max(1, math.ceil(wait)))

    def take(self) -> None:
        """Take one, after `check`."""
        self._tokens -= 1
