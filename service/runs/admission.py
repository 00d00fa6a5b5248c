"""How many runs go on at once, how many wait, and when a further one is refused: at once, never after a wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import Overloaded, Stopping


class Admission:
    """Counts the runs of one service; belongs to one event loop."""

    def __init__(self, *, max_running: int, max_queued: int) -> None:
        self._slots = asyncio.Semaphore(max_running)
        self._max_running = max_running
        self._max_queued = max_queued
        self._admitted = 0
        self._tasks: set[asyncio.Task[object]] = set()
        self.is_stopping = False

    @property
    def admitted(self) -> int:
        """How many runs are running or waiting."""
        return self._admitted

    def check(self) -> None:
        """Refuse now what would be refused anyway, before work is put into it.

        Raises:
            Overloaded: as many runs as may be are running and waiting.
            Stopping: `stop` was called.
        """
        if self.is_stopping:
            raise Stopping
        if self._admitted >= self._max_running + self._max_queued:
            raise Overloaded(self._max_running, self._max_queued)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a place among the running for as long as the block takes; the current task is what `stop` cancels.

        Raises:
            Overloaded, Stopping: there will be no place.
        """
        self.check()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._admitted += 1
        self._tasks.add(task)
        try:
            await self._wait(task)
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._admitted -= 1
            self._tasks.discard(task)

    def stop(self) -> None:
        """Admit no more runs and cancel those that are here; each of them sees `CancelledError` in its block."""
        self.is_stopping = True
        for task in self._tasks:
            task.cancel()

    async def _wait(self, task: asyncio.Task[object]) -> None:
        try:
            await self._slots.acquire()
        except asyncio.CancelledError:
            if not self.is_stopping:
                raise
            task.uncancel()
            raise Stopping from None
