"""What an engine is: it makes executions. Every engine passes `tests/conformance`.

An engine belongs to one event loop, and so do its executions; `sandbox.local` serves the other loops and threads.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol, runtime_checkable

from sandbox.limits import Limits
from sandbox.turns import Compilation, Outcome, Program, Progress, Turn


class Execution(Protocol):
    """One live interpreter working on one program."""

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        """Begin the first turn at `now` (nanoseconds since the epoch) and return how it ended.

        `placed` is called when the program leaves the queue and starts to run.

        Raises:
            ValueRejected: an input cannot cross, or is larger than `value_bytes`.
            EngineCrashed: the worker died; the execution is lost, the engine goes on.
        """

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        """Begin the next turn with the outcomes of calls and return how it ended.

        Raises:
            EngineCrashed: the worker died.
            ExecutionParked: it gave its isolate up to others; so does a first turn that is under way.
            MisuseError: the execution is not blocked.
        """

    def foresee(self, turns: Iterator[Turn]) -> None:
        """Be told, before `start`, what `advance` will be told if the program does what it did: a replay.

        An engine may take these turns before it is asked for them, several on one way to the interpreter. What
        `advance` returns does not depend on it.
        """

    def is_alone(self) -> bool:
        """Say whether no other program is at work where it is, so that nobody is held up by waiting for it."""

    def close(self) -> None:
        """End the execution wherever it is, also in the middle of a turn; does nothing when it has ended."""

    async def stop(self) -> Progress | None:
        """Close it, and return what the turn that was cut off printed, noted and used, also after `close`.

        None when there was no turn under way, or nothing is heard of it any more.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCounts:
    """What an engine has in hand now."""

    workers: int
    """Processes that live."""
    worker_deaths: int
    """Processes that ended though nobody had asked for it, since the engine was opened."""
    computing: int
    """Isolates whose guest computes."""
    waiting: int
    """Isolates whose guest waits for its host."""
    ready: int
    """Isolates made ahead of need, as each worker had them when it last took a program."""


def counted(engines: "Iterable[CountingEngine]") -> EngineCounts:
    """Return what several engines have in hand together."""
    counts = [one.counts() for one in engines]
    names = [one.name for one in fields(EngineCounts)]
    return EngineCounts(**{name: sum(getattr(one, name) for one in counts) for name in names})


class Engine(Protocol):
    """Makes executions."""

    name: str
    version: str
    """Changes whenever the same program could behave differently, as in `3.14.0+sha256:...`."""

    async def open(self) -> None:
        """Make the engine ready.

        Raises:
            EngineUnavailable: it cannot run here; the message says what is missing.
        """

    async def close(self) -> None:
        """End all executions and processes."""

    def is_ready(self) -> bool:
        """Say whether a program would find somebody to run it now."""

    def execution(self, program: Program, *, limits: Limits, seed: int) -> Execution:
        """Return a new execution; nothing runs before its `start`."""

    async def compile(self, program: Program, *, limits: Limits) -> Compilation:
        """Compile a program in an interpreter that has executed nothing, without running any of it.

        Raises:
            EngineCrashed: the worker died.
        """

    async def suits(self, program: Program) -> bool:
        """Say whether it surely runs a program as `cpython` does, as far as that is known before anything of it runs.

        Raises:
            EngineCrashed: the worker died.
        """


@runtime_checkable
class ImageEngine(Protocol):
    """An engine that runs programs of guest images."""

    def version_of_image(self, reference: str) -> str:
        """Return the version of the engine as which it runs the programs of an image.

        Raises:
            ImageNotBuilt: it is not here.
        """


@runtime_checkable
class WorkerEngine(Protocol):
    """An engine whose executions live in processes of their own."""

    def descriptors(self) -> list[int]:
        """Return the descriptors of the channels to them; a forked child has to close these."""


def version_for(engine: Engine, program: Program) -> str:
    """Return the version of what runs a program: that of its guest image, where it has one.

    Raises:
        ImageNotBuilt: the image is not here.
    """
    if program.image is None or not isinstance(engine, ImageEngine):
        return engine.version
    return engine.version_of_image(program.image)


class CountingEngine(Engine, Protocol):
    """An engine that says what it has in hand."""

    def counts(self) -> EngineCounts:
        """Return what it has in hand now."""
