"""An event loop on a thread of its own, which coroutines of other loops can have work done on."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from sandbox.threads import DaemonExecutor, generation

T = TypeVar("T")


class LoopThread:
    """A loop that runs until the process ends; a daemon thread, so that it does not hold up the end.

    Once `stop` was called nobody is told anything any more: whoever still waits is a daemon thread itself, and ends
    with the process without a word.
    """

    def __init__(self, name: str) -> None:
        self.generation = generation()
        self._stopping = False
        self._loop = _InheritableLoop()
        self._loop.set_default_executor(DaemonExecutor())
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    async def run(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the loop of this thread and wait for it on the loop of the caller."""
        hop = _Hop(self._loop, make, asyncio.get_running_loop(), lambda: self._stopping)
        self.soon(hop.begin)
        try:
            return await hop.settled
        except asyncio.CancelledError:
            self.soon(hop.cancel)
            raise

    def wait(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the loop of this thread and block until it has ended; not for that thread itself."""
        return asyncio.run_coroutine_threadsafe(make(), self._loop).result()

    def soon(self, callback: Callable[[], Any]) -> None:
        """Call something on the loop, unless the process is ending."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback)

    def stop(self, finish: Callable[[], Coroutine[Any, Any, None]], *, within_seconds: float) -> None:
        """Stop the loop, run what finishes its work on the calling thread, and close it."""
        if not self._stopping:
            self._stopping = True
            self.soon(self._loop.stop)
        self._thread.join(within_seconds)
        if self._thread.is_alive() or self._loop.is_closed():
            return
        with contextlib.suppress(TimeoutError):
            self._loop.run_until_complete(asyncio.wait_for(finish(), within_seconds))
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class _Hop(Generic[T]):
    """One coroutine on its way from one loop to another and back."""

    def __init__(
        self,
        there: asyncio.AbstractEventLoop,
        make: Callable[[], Coroutine[Any, Any, T]],
        here: asyncio.AbstractEventLoop,
        stopping: Callable[[], bool],
    ) -> None:
        self.settled: asyncio.Future[T] = here.create_future()
        self._there = there
        self._make = make
        self._here = here
        self._stopping = stopping
        self._task: asyncio.Task[T] | None = None

    def begin(self) -> None:
        """There: start the coroutine."""
        self._task = self._there.create_task(self._make())
        self._task.add_done_callback(self._tell)

    def cancel(self) -> None:
        """There: give it up."""
        if self._task is not None:
            self._task.cancel()

    def _tell(self, task: asyncio.Task[T]) -> None:
        # Looked at in any case, so that it does not count as an exception that nobody ever saw.
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        # A closed loop means that nobody waits any more.
        with contextlib.suppress(RuntimeError):
            if not self._stopping():
                self._here.call_soon_threadsafe(self._settle, task, error)

    def _settle(self, task: asyncio.Task[T], error: BaseException | None) -> None:
        if self.settled.done():
            return
        if error is None:
            self.settled.set_result(task.result())
        elif isinstance(error, asyncio.CancelledError):
            self.settled.cancel()
        else:
            self.settled.set_exception(error)


class _InheritableLoop(asyncio.SelectorEventLoop):
    """A loop that a forked child inherits and drops without a word: it still belongs to the parent."""

    def __del__(self) -> None:
        """Do nothing: `stop` closes the loop."""
