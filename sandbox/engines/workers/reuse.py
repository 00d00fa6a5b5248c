"""Which isolates are kept between the runs of a program, which run gets one, and when they go.

An isolate that has run a program runs that program only, for the tenant and the owner that it ran it for, under the
same memory limit: `key_of` is all of this, and there is one `Pool` per key. Nothing here is known to a guest.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from sandbox.engines.workers.process import WorkerProcess
from sandbox.limits import Limits
from sandbox.turns import Program, Progress, Raised, Returned, Reuse

# What all isolates of a worker that wait for a run may be, before the one that waits longest is dropped.
MAX_KEPT_PER_WORKER = 50
# After these a program has ended by itself: nothing was cut off in the middle.
_ENDED_BY_ITSELF = frozenset({"runtime", "function", "type"})


class Key(NamedTuple):
    """What isolates are kept under."""

    program: tuple[Any, ...]
    """All that there is to say of it."""
    memory_bytes: int
    terms: Reuse


class Kept(NamedTuple):
    """An isolate that waits for a run."""

    worker: WorkerProcess
    number: int
    """Of the execution that ended in it: how the worker knows it."""
    since: float
    """On the loop's clock."""


class Reusing(Protocol):
    """An execution of a program whose isolates are reused."""

    number: int
    worker: WorkerProcess | None
    key: Key | None
    takes_over: Kept | None
    """The isolate that was kept and it is going to run in, until it does."""
    leaves_isolate: bool
    """Whether it has ended, and its isolate is kept."""


E = TypeVar("E", bound=Reusing)


def key_of(program: Program, limits: Limits) -> Key | None:
    """Return what isolates that run a program are kept under; None when they are thrown away."""
    if program.reuse is None:
        return None
    # Every field, so that what is added to programs one day tells isolates apart, too.
    parts = (getattr(program, field.name) for field in fields(program))
    return Key(
        tuple(tuple(sorted(part.items())) if isinstance(part, Mapping) else part for part in parts),
        limits.memory_bytes,
        program.reuse,
    )


def may_be_kept(progress: Progress, *, fresh_bytes: int, allowed_bytes: int) -> bool:
    """Say whether another run may begin in the isolate in which one ended so.

    It may not where a limit was reached or the interpreter died, nor where memory has grown by more than half of what
    it may grow: memory never shrinks, and the next run is promised as much as the first.
    """
    if (progress.spent.memory_bytes or 0) - fresh_bytes > (allowed_bytes - fresh_bytes) / 2:
        return False
    if isinstance(progress, Raised):
        return progress.error.kind in _ENDED_BY_ITSELF and progress.error.type != "InterpreterAborted"
    return isinstance(progress, Returned)


@dataclass(slots=True)
class Pool(Generic[E]):
    """The isolates of one key, and the runs that wait for one."""

    terms: Reuse
    idle: list[Kept]
    """The one used last is the last."""
    running: set[int]
    waiting: deque[E]
    last_run: float

    def is_empty(self) -> bool:
        """Say whether there is nothing to remember."""
        return not (self.idle or self.running or self.waiting)

    def expiry(self) -> float | None:
        """Return when the next isolate goes; None when none does."""
        if not self.idle:
            return None
        times = [] if self.running else [self.last_run + self.terms.idle_seconds]
        if len(self.idle) + len(self.running) > self.terms.fewest:
            times.append(self.idle[0].since + self.terms.scaledown_seconds)
        return min(times, default=None)


class Pools(Generic[E]):
    """All isolates of an engine that are kept.

    Args:
        place: is told an execution as soon as it may have an isolate: the one in `takes_over`, else a fresh one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, place: Callable[[E], None]) -> None:
        self._loop = loop
        self._place = place
        self._pools: dict[Key, Pool[E]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return how many isolates wait for a run."""
        return sum(len(pool.idle) for pool in self._pools.values())

    def admit(self, execution: E, key: Key) -> None:
        """Give an execution an isolate, as soon as one of those that its program may have is free."""
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = Pool(key.terms, [], set(), deque(), 0.0)
        pool.waiting.append(execution)
        self._serve(pool)

    def release(self, execution: E, key: Key) -> None:
        """Take note that an execution has ended, or needs no isolate any more; what it leaves is kept."""
        pool = self._pools.get(key)
        if pool is None:
            return
        if execution.number in pool.running:
            pool.running.discard(execution.number)
            pool.last_run = self._loop.time()
            self._take_back(pool, execution)
        elif execution in pool.waiting:
            pool.waiting.remove(execution)
        self._serve(pool)
        if pool.is_empty():
            self._pools.pop(key, None)
        self._set_timer()

    def drop_of(self, worker: WorkerProcess) -> None:
        """Drop every isolate that a worker keeps: it is gone, or needs the room."""
        for pool in self._pools.values():
            for kept in [one for one in pool.idle if one.worker is worker]:
                self._drop(pool, kept)
        self._forget_empty()

    def close(self) -> None:
        """Forget everything: the workers are about to end."""
        if self._timer is not None:
            self._timer.cancel()
        self._pools.clear()

    def _serve(self, pool: Pool[E]) -> None:
        while pool.waiting and len(pool.running) < pool.terms.most:
            execution = pool.waiting.popleft()
            pool.running.add(execution.number)
            execution.takes_over = pool.idle.pop() if pool.idle else None
            self._place(execution)

    def _take_back(self, pool: Pool[E], execution: E) -> None:
        if execution.takes_over is not None:  # it never began
            pool.idle.append(execution.takes_over)
            execution.takes_over = None
        elif execution.leaves_isolate and execution.worker is not None:
            pool.idle.append(Kept(execution.worker, execution.number, self._loop.time()))
            self._hold_to_most(execution.worker)

    def _hold_to_most(self, worker: WorkerProcess) -> None:
        found = [(kept.since, pool, kept) for pool, kept in self._all() if kept.worker is worker]
        if len(found) > MAX_KEPT_PER_WORKER:
            _, pool, kept = min(found, key=lambda one: one[0])
            self._drop(pool, kept)

    def _all(self) -> Iterator[tuple[Pool[E], Kept]]:
        for pool in self._pools.values():
            for kept in pool.idle:
                yield pool, kept

    def _drop(self, pool: Pool[E], kept: Kept) -> None:
        pool.idle.remove(kept)
        kept.worker.drop_isolate(kept.number)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        times = [time for pool in self._pools.values() if (time := pool.expiry()) is not None]
        self._timer = self._loop.call_at(min(times), self._expire) if times else None

    def _expire(self) -> None:
        now = self._loop.time()
        for pool in self._pools.values():
            while (time := pool.expiry()) is not None and time <= now:
                self._drop(pool, pool.idle[0])
        self._forget_empty()
        self._set_timer()

    def _forget_empty(self) -> None:
        self._pools = {key: pool for key, pool in self._pools.items() if not pool.is_empty()}
