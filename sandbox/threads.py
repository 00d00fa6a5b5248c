"""Threads for functions that block: made when needed, kept for the next call, never in the way of the process's exit.

The standard library's pools are joined when a process ends; a function that hangs would then hang the exit.
"""

import asyncio
import contextlib
import contextvars
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

IDLE_SECONDS = 10.0
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
    """As many threads as there are calls at once. A process made by `fork` starts with none."""

    def __init__(self) -> None:
        self._pools: dict[int, _Pool] = {}

    async def run(self, call: Callable[[], _T]) -> _T:
        """Call on a thread, with the context variables of here, and return the value or raise what it raised."""
        loop = asyncio.get_running_loop()
        settled: asyncio.Future[tuple[_T | None, BaseException | None]] = loop.create_future()
        inside = contextvars.copy_context()

        def job() -> Callable[[], None]:
            outcome = _outcome(lambda: inside.run(call))
            return lambda: tell(outcome)

        def tell(outcome: tuple[_T | None, BaseException | None]) -> None:
            # A closed loop means that nobody waits any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, outcome)

        def settle(outcome: tuple[_T | None, BaseException | None]) -> None:
            if not settled.done():
                settled.set_result(outcome)

        self.submit(job)
        value, error = await settled
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # without an error there is a value

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
