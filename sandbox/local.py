"""The library's engine: one per process, started on first use on a thread of its own, for any event loop and thread.

An engine belongs to one event loop; programs are driven, and their functions run, on the loops of the callers.
`LibraryEngine` carries every turn from the caller's loop to the engine's and back.
"""

import asyncio
import atexit
import contextlib
import os
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from secrets import randbelow
from typing import Any, TypeVar

from sandbox.answers import Answers
from sandbox.dispatch import HostFunction
from sandbox.engine import Engine, Execution
from sandbox.engines.table import make_engine
from sandbox.errors import HostError
from sandbox.execute import Finished, execute
from sandbox.limits import Limits
from sandbox.retry import decide
from sandbox.threads import DaemonExecutor
from sandbox.turns import Outcome, Program, Progress

_SEEDS = 2**53
# How long the end of the process may wait for the workers' end.
_FAREWELL_SECONDS = 0.2
_T = TypeVar("_T")
_ENGINES: dict[int, "LibraryEngine"] = {}


def library_engine() -> "LibraryEngine":
    """Return this process's engine; a process made by `fork` gets its own."""
    return _ENGINES.setdefault(os.getpid(), LibraryEngine())


async def run_attempts(
    engine: "LibraryEngine",
    program: Program,
    *,
    inputs: Mapping[str, Any],
    functions: Mapping[str, HostFunction],
    limits: Limits,
    retries: int,
) -> Finished:
    """Run a program, again after a failure that may pass; calls that were answered with a value are not made again.

    Raises:
        ValueRejected: an input cannot cross.
        EngineUnavailable: no engine can be started.
    """
    answers = Answers()
    seed, now, attempt = randbelow(_SEEDS), time.time_ns(), 1
    while True:
        known = answers.begin_attempt(functions) if retries else functions
        try:
            await engine.open()
            finished = await execute(engine, program, inputs=inputs, functions=known, limits=limits, seed=seed, now=now)
        except HostError as error:
            decision = decide("platform", type(error).__name__, calls=0, attempt=attempt, retries=retries)
            if decision is None:
                raise
        else:
            error_report = finished.error
            if error_report is None:
                return finished
            decision = decide(
                error_report.kind, error_report.type, calls=len(finished.calls), attempt=attempt, retries=retries
            )
            if decision is None:
                return finished
        attempt = decision.attempt


class LibraryEngine:
    """An engine that may be used from every event loop and thread of one process."""

    name = "cpython"
    version = ""
    """Known once the engine is open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._engine: Engine | None = None
        self._opening: asyncio.Task[Engine] | None = None
        self._leaving = False

    async def open(self) -> None:
        """Start the engine when it does not run yet.

        Raises:
            EngineUnavailable: it cannot run here; the message says what is missing.
        """
        if self._engine is None:
            await self.on_engine_loop(self._opened)

    async def close(self) -> None:
        """Do nothing: the engine serves the whole process and ends with it."""

    def execution(self, program: Program, *, limits: Limits, seed: int) -> Execution:
        """Return a new execution for the calling loop; nothing runs before its `start`."""
        return _Execution(self, lambda: self._running().execution(program, limits=limits, seed=seed))

    async def on_engine_loop(self, make: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Run a coroutine on the engine's loop and wait for it on this one.

        When this process ends meanwhile, nobody is told: whoever still waits is a daemon thread.
        """
        here = asyncio.get_running_loop()
        there = self._running_loop()
        settled: asyncio.Future[_T] = here.create_future()
        tasks: list[asyncio.Task[_T]] = []

        def begin() -> None:
            task = there.create_task(make())
            tasks.append(task)
            task.add_done_callback(tell)

        def tell(task: asyncio.Task[_T]) -> None:
            error = asyncio.CancelledError() if task.cancelled() else task.exception()
            # A closed loop means that nobody waits any more.
            with contextlib.suppress(RuntimeError):
                if not self._leaving:
                    here.call_soon_threadsafe(settle, task, error)

        def settle(task: asyncio.Task[_T], error: BaseException | None) -> None:
            if settled.done():
                return
            if isinstance(error, asyncio.CancelledError):
                settled.cancel()
            elif error is not None:
                settled.set_exception(error)
            else:
                settled.set_result(task.result())

        self.soon(begin)
        try:
            return await settled
        except asyncio.CancelledError:
            self.soon(lambda: [task.cancel() for task in tasks])
            raise

    def soon(self, callback: Callable[[], Any]) -> None:
        """Call something on the engine's loop, unless the process is ending."""
        with contextlib.suppress(RuntimeError):
            self._running_loop().call_soon_threadsafe(callback)

    def _running(self) -> Engine:
        assert self._engine is not None, "open() comes first"
        return self._engine

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = _EngineLoop()
                self._loop.set_default_executor(DaemonExecutor())
                self._thread = threading.Thread(target=self._loop.run_forever, name="isthmus-engine", daemon=True)
                self._thread.start()
                atexit.register(self._leave, os.getpid())
            return self._loop

    async def _opened(self) -> None:
        """Open the engine once, however many wait for it; after a failure the next one tries again."""
        if self._engine is not None:
            return
        if self._opening is None:
            self._opening = asyncio.create_task(_open())
        opening = self._opening
        try:
            engine = await asyncio.shield(opening)
        except BaseException:
            if opening.done():
                self._opening = None
            raise
        self.version, self._engine = engine.version, engine

    def _leave(self, process: int) -> None:
        """End the workers and the loop; the process ends."""
        loop, thread = self._loop, self._thread
        if process != os.getpid() or loop is None or thread is None:
            return
        self._leaving = True
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_FAREWELL_SECONDS)
        if thread.is_alive():
            return
        if self._opening is not None:
            loop.run_until_complete(_close(self._opening))
        _cancel_all(loop)
        loop.close()


class _Execution:
    """An execution of the engine's loop, used from another one."""

    def __init__(self, engine: LibraryEngine, make: Callable[[], Execution]) -> None:
        self._engine = engine
        self._make = make
        self._execution: Execution | None = None
        self._closed = False

    async def start(self, inputs: Mapping[str, Any], *, now: int) -> Progress:
        async def start() -> Progress:
            if self._closed:
                raise asyncio.CancelledError
            self._execution = self._make()
            return await self._execution.start(inputs, now=now)

        return await self._engine.on_engine_loop(start)

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        execution = self._execution
        assert execution is not None, "start() comes first"
        return await self._engine.on_engine_loop(lambda: _coroutine(execution.advance(outcomes, now=now)))

    def close(self) -> None:
        self._engine.soon(self._close)

    def _close(self) -> None:
        self._closed = True
        if self._execution is not None:
            self._execution.close()


class _EngineLoop(asyncio.SelectorEventLoop):
    """An event loop that a forked child may inherit and drop without a word: it still belongs to the parent."""

    def __del__(self) -> None:
        """Do nothing."""


async def _open() -> Engine:
    engine = make_engine()
    await engine.open()
    return engine


async def _close(opening: "asyncio.Task[Engine]") -> None:
    if not opening.done():
        opening.cancel()
    with contextlib.suppress(asyncio.CancelledError, HostError, TimeoutError):
        engine = await opening
        await asyncio.wait_for(engine.close(), _FAREWELL_SECONDS)


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left on the loop and give it one round to notice."""
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))


async def _coroutine(awaitable: Awaitable[_T]) -> _T:
    return await awaitable
