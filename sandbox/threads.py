"""Threads for functions that block: made when needed, kept for the next call, never in the way of the process's exit.

The standard library's pools are joined when a process ends; a function that hangs would then hang the exit.
"""

import asyncio
import contextlib
import contextvars
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from sandbox.adaptive_wait import AdaptiveWait

IDLE_SECONDS = 10.0
BRISK_SECONDS = 0.00005
# Also the thread has to wake up.
_MOMENT_SECONDS = 0.0001

_T = TypeVar("_T")
# Does its work and returns what tells of it: that comes when the thread is free for the next job.
_Job = Callable[[], Callable[[], None]]
_FORKS: list[None] = []
os.register_at_fork(after_in_child=lambda: _FORKS.append(None))


def generation() -> int:
    """Return how many forks lie between the first process and this one.

    Tells a process from all that it was forked from. Its id would not: the system gives those of the dead again.
    """
    return len(_FORKS)


class DaemonThreads:
    """As many threads as there are calls at once. A process made by `fork` starts with none.

    Where nobody else is held up by it, and calls are over in less than `BRISK_SECONDS`, the loop waits for the next
    one for a moment, as it would for work that it does itself: to turn to others and be called back takes longer.
    """

    def __init__(self) -> None:
        self._pools: dict[int, _Pool] = {}
        self._is_brisk = False
        self._adaptive = AdaptiveWait()

    async def run(self, call: Callable[[], _T], *, wait: bool = False) -> _T:
        """Call on a thread, with the context variables of here, and return the value or raise what it raised.

        Args:
            wait: let the loop wait for a moment, where that is worth it.
        """
        inside = contextvars.copy_context()
        errand = _Errand(lambda: inside.run(call), asyncio.get_running_loop())
        self.submit(errand.make)
        if not (wait and self._is_brisk and self._adaptive.is_worth_it() and self._waited_for(errand)):
            await errand.is_told_of()
        self._is_brisk = errand.seconds < BRISK_SECONDS
        value, error = errand.outcome
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # without an error there is a value

    def _waited_for(self, errand: "_Errand[Any]") -> bool:
        """Wait for an errand for a moment, and say whether it is over."""
        is_over = errand.is_over_within(_MOMENT_SECONDS)
        self._adaptive.learn(came=is_over)
        return is_over

    def submit(self, job: _Job) -> None:
        """Run a job, which must not raise, on a thread."""
        pool = self._pools.get(generation()) or self._pools.setdefault(generation(), _Pool())
        pool.submit(job)


class DaemonExecutor(ThreadPoolExecutor):
    """What an event loop runs blocking calls on, with threads that do not hold up the exit."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self._daemons = DaemonThreads()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call on a thread."""
        future: Future[Any] = Future()

        def job() -> Callable[[], None]:
            if not future.set_running_or_notify_cancel():
                return lambda: None
            value, error = _outcome(lambda: fn(*args, **kwargs))
            return lambda: future.set_result(value) if error is None else future.set_exception(error)

        self._daemons.submit(job)
        return future


class _Errand(Generic[_T]):
    """A call that a thread makes for an event loop, which waits for it or is told of its end."""

    def __init__(self, call: Callable[[], _T], loop: asyncio.AbstractEventLoop) -> None:
        self.outcome: tuple[_T | None, BaseException | None] = (None, None)
        self.seconds = 0.0
        """How long it took."""
        self._call = call
        self._loop = loop
        self._told: asyncio.Future[None] = loop.create_future()
        self._over = threading.Lock()
        self._over.acquire()
        # Whoever comes first decides whether the loop is to be called; setting a default cannot be interrupted.
        self._first: dict[None, _Errand[_T] | asyncio.Future[None]] = {}

    def make(self) -> Callable[[], None]:
        """Make the call; on the thread."""
        began = time.perf_counter()
        self.outcome = _outcome(self._call)
        self.seconds = time.perf_counter() - began
        return self._tell

    def is_over_within(self, seconds: float) -> bool:
        """Wait for the end for so long, and do nothing else; on the loop."""
        return self._over.acquire(timeout=seconds)

    async def is_told_of(self) -> None:
        """Return when it is over, and let the loop do other things meanwhile."""
        if self._first.setdefault(None, self._told) is self._told:
            await self._told

    def _tell(self) -> None:
        self._over.release()
        if self._first.setdefault(None, self) is not self:
            # A closed loop means that nobody waits any more.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if not self._told.done():
            self._told.set_result(None)


class _Pool:
    """The threads of one process. `_idle` counts those that wait for a job and are not yet promised to one."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0

    def submit(self, job: _Job) -> None:
        with self._lock:
            waiting = self._idle > 0
            self._idle -= waiting
        if not waiting:
            threading.Thread(target=self._work, name="isthmus-function", daemon=True).start()
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                if self._may_leave():
                    return
                continue
            tell = job()
            with self._lock:
                self._idle += 1
            tell()
            # Not kept alive while there is nothing to do.
            del job, tell

    def _may_leave(self) -> bool:
        with self._lock:
            # With none idle, a job on its way has this thread's name on it.
            unclaimed = self._idle > 0
            self._idle -= unclaimed
        return unclaimed


def _outcome(call: Callable[[], _T]) -> tuple[_T | None, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the call
        return None, error
