"""The library's engines: one of a name per process, each on a thread of its own, for any event loop and thread.

One starts when it is first used.
An engine belongs to one event loop; programs are driven, and their functions run, on the loops of the callers.
`LibraryEngine` carries every turn from the caller's loop to the engine's and back.
"""

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sandbox.choice import Engines
from sandbox.compiled_once import CompiledOnce
from sandbox.engine import Engine, Execution, ImageEngine, WorkerEngine
from sandbox.engines.table import installed, make_engine
from sandbox.errors import HostError, MisuseError
from sandbox.limits import Limits
from sandbox.loops import LoopThread
from sandbox.threads import generation
from sandbox.turns import Compilation, ErrorReport, Outcome, Program, Progress, Turn

# How long the end of the process may wait for the workers' end.
_GRACE_SECONDS = 0.2
_ENGINES: dict[tuple[int, str], "LibraryEngine"] = {}
_CHOICES: dict[int, "Engines[LibraryEngine]"] = {}


def library_engine(name: str = "cpython") -> "LibraryEngine":
    """Return this process's engine of a name; a process made by `fork` gets its own."""
    return _ENGINES.setdefault((generation(), name), LibraryEngine(partial(make_engine, name), name=name))


def library_engines() -> "Engines[LibraryEngine]":
    """Return the engines that this process may start, for choosing one."""
    return _CHOICES.setdefault(generation(), Engines([library_engine(name) for name in installed()]))


def is_initialized() -> bool:
    """Return whether an engine of this process runs. Nothing has to be called for that: the first run starts one."""
    return any(one.is_ready() for (made_in, _), one in [*_ENGINES.items()] if made_in == generation())


class LibraryEngine:
    """An engine that may be used from every event loop and thread of one process."""

    version = ""
    """Known once the engine is open."""

    def __init__(self, make: Callable[[], Engine] = make_engine, *, name: str = "cpython") -> None:
        self.name = name
        self._make = make
        self._lock = threading.Lock()
        self._thread: LoopThread | None = None
        self._engine: Engine | None = None
        self._opening: asyncio.Task[Engine] | None = None
        self._made: Engine | None = None

    async def open(self) -> None:
        """Start the engine when it does not run yet.

        Raises:
            EngineUnavailable: it cannot run here; the message says what is missing.
        """
        if self._engine is None:
            await self.thread().run(self._opened)

    async def close(self) -> None:
        """Do nothing: the engine serves the whole process and ends with it."""

    def is_ready(self) -> bool:
        """Say whether a program would find somebody to run it now."""
        return self._engine is not None and self._engine.is_ready()

    def execution(self, program: Program, *, limits: Limits, seed: int) -> Execution:
        """Return a new execution for the calling loop; nothing runs before its `start`."""
        engine = self._opened_engine()
        return _CarriedExecution(self.thread(), lambda: engine.execution(program, limits=limits, seed=seed))

    async def compile(self, program: Program, *, limits: Limits) -> Compilation:
        """Compile a program; see `sandbox.engine.Engine`."""
        engine = self._opened_engine()
        return await self.thread().run(lambda: engine.compile(program, limits=limits))

    async def suits(self, program: Program) -> bool:
        """Say whether it surely runs a program; starts the engine. See `sandbox.engine.Engine`."""
        await self.open()
        engine = self._opened_engine()
        return await self.thread().run(lambda: engine.suits(program))

    def version_of_image(self, reference: str) -> str:
        """Return the version of the engine as which it runs the programs of an image; see `sandbox.engine`."""
        engine = self._opened_engine()
        return engine.version_of_image(reference) if isinstance(engine, ImageEngine) else engine.version

    def compiled(self, program: CompiledOnce, limits: Limits) -> Program | ErrorReport:
        """Return a program with its compiled code, or why there is none; blocks, and starts the engine if need be.

        Raises:
            HostError: the engine cannot run here, or failed.
        """

        async def ready() -> Program | ErrorReport:
            await self.open()
            return await program.ready(self, limits)

        return self.thread().wait(ready)

    def end(self) -> None:
        """End the workers, because the process ends; a forked child leaves its parent's alone.

        Blocks; not for a thread whose event loop runs.
        """
        if self._thread is not None and self._thread.generation == generation():
            self._thread.stop(self._finish, within_seconds=_GRACE_SECONDS)

    def thread(self) -> LoopThread:
        """Return the engine's loop and thread, started when they do not run yet."""
        with self._lock:
            if self._thread is None:
                self._thread = LoopThread(f"isthmus-{self.name}")
                atexit.register(self.end)
                os.register_at_fork(after_in_child=self._leave_to_parent)
            return self._thread

    def _opened_engine(self) -> Engine:
        if self._engine is None:
            message = "the library's engine was used before it was opened"
            raise MisuseError(message)
        return self._engine

    async def _opened(self) -> None:
        """Open the engine once, however many wait for it; after a failure the next one tries again."""
        if self._opening is None or _in_vain(self._opening):
            self._opening = asyncio.create_task(self._open())
        # Whoever gives up waiting does not stop it for the others, nor for those that come later.
        await asyncio.shield(self._opening)

    async def _open(self) -> Engine:
        # On a thread: it reads the whole guest to know its digest.
        self._made = engine = await asyncio.to_thread(self._make)
        await engine.open()
        self.version, self._engine = engine.version, engine
        return engine

    def _leave_to_parent(self) -> None:
        """In a forked child: let go of the channels to the workers, which end when nobody holds them any more."""
        engine: object = self._made
        if not isinstance(engine, WorkerEngine):
            return
        nothing = os.open(os.devnull, os.O_RDWR)
        # Replaced, not closed: the sockets would close the numbers again, whoever has them by then.
        for descriptor in engine.descriptors():
            os.dup2(nothing, descriptor, inheritable=False)
        os.close(nothing)

    async def _finish(self) -> None:
        opening = self._opening
        if opening is None:
            return
        # Does nothing to one that is done.
        opening.cancel()
        with contextlib.suppress(asyncio.CancelledError, HostError):
            await (await opening).close()


class _CarriedExecution:
    """An execution of the engine's loop, used from another one."""

    def __init__(self, thread: LoopThread, make: Callable[[], Execution]) -> None:
        self._thread = thread
        self._make = make
        self._execution: Execution | None = None
        self._foreseen: Iterator[Turn] = iter(())
        self._closed = False

    def foresee(self, turns: Iterator[Turn]) -> None:
        self._foreseen = turns

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        here = asyncio.get_running_loop()

        def placed_there() -> None:
            # A closed loop means that nobody waits any more.
            with contextlib.suppress(RuntimeError):
                if placed is not None:
                    here.call_soon_threadsafe(placed)

        async def start() -> Progress:
            if self._closed:
                raise asyncio.CancelledError
            self._execution = self._make()
            self._execution.foresee(self._foreseen)
            return await self._execution.start(inputs, now=now, placed=placed_there)

        return await self._thread.run(start)

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        async def advance() -> Progress:
            if self._execution is None:
                message = "the execution was not started"
                raise MisuseError(message)
            return await self._execution.advance(outcomes, now=now)

        return await self._thread.run(advance)

    def is_alone(self) -> bool:
        return self._execution is not None and self._execution.is_alone()

    def close(self) -> None:
        self._thread.soon(self._close)

    async def stop(self) -> Progress | None:
        async def stop() -> Progress | None:
            self._closed = True
            return None if self._execution is None else await self._execution.stop()

        return await self._thread.run(stop)

    def _close(self) -> None:
        self._closed = True
        if self._execution is not None:
            self._execution.close()


def _in_vain(opening: asyncio.Task[Engine]) -> bool:
    return opening.done() and (opening.cancelled() or opening.exception() is not None)
