"""The `cpython` engine with guest images: programs of an image run in workers that hold that image's component.

Those are started when the first program asks for them, and ended when they were idle for long, or others need the
place: an engine of its own for each image, beside the one for the guest that ships.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine import EngineCounts, Execution, counted
from sandbox.engines.cpython import artifact
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.errors import EngineCrashed, EngineUnavailable, MisuseError
from sandbox.images.kept import KeptImage, KnownImages
from sandbox.limits import Limits
from sandbox.turns import Compilation, Outcome, Program, Progress, Turn

MOST_IMAGES = 4
IDLE_SECONDS = 600.0

Make = Callable[[KeptImage], CPythonEngine]


@dataclass(slots=True, eq=False)
class _Place:
    """The engine of one image, from when it is wanted."""

    engine: CPythonEngine
    opening: "asyncio.Task[None]"
    wanted: int = 0
    """How many wait for it to open."""
    used: float = field(default=0.0)

    def is_idle(self) -> bool:
        return not self.wanted and self.opening.done() and not self.engine.hosted()


class ImagesEngine:
    """The `cpython` engine: one for the guest that ships, and one for each image that programs ask for.

    Args:
        shipped: the first of them.
        make: gives a new engine for an image.
        most: of how many images workers live at one time.
        idle_seconds: after how long without a program the workers of an image end.
    """

    name = "cpython"

    def __init__(
        self, shipped: CPythonEngine, make: Make, *, most: int = MOST_IMAGES, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._shipped = shipped
        self._make = make
        self._most, self._idle_seconds = most, idle_seconds
        self._known = KnownImages(artifact.guest_digest())
        self._places: dict[str, _Place] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False
        self.version = shipped.version

    async def open(self) -> None:
        """Start the workers of the guest that ships; raises as `CPythonEngine.open` does."""
        await self._shipped.open()

    async def close(self) -> None:
        """End all executions and processes."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        places = [*self._places.values()]
        self._places.clear()
        await asyncio.gather(self._shipped.close(), *map(_close, places), *self._closing, return_exceptions=True)

    def is_ready(self) -> bool:
        """Say whether a program of the guest that ships would find a worker."""
        return self._shipped.is_ready()

    def counts(self) -> EngineCounts:
        """Return what all workers have in hand."""
        return counted(self._all())

    def processes(self) -> list[int]:
        """Return the ids of all worker processes."""
        return [number for engine in self._all() for number in engine.processes()]

    def descriptors(self) -> list[int]:
        """Return the descriptors of the channels to all workers; a forked child has to close them."""
        return [number for engine in self._all() for number in engine.descriptors()]

    def _all(self) -> list[CPythonEngine]:
        return [self._shipped, *(place.engine for place in self._places.values())]

    def version_of_image(self, reference: str) -> str:
        """Return the version of the engine that runs the programs of an image.

        Raises:
            ImageNotBuilt: it is not here.
        """
        return artifact.engine_version(self._known.needed(reference).guest_digest)

    def execution(self, program: Program, *, limits: Limits, seed: int) -> Execution:
        """Return a new execution; nothing runs before its `start`."""
        if program.image is None:
            return self._shipped.execution(program, limits=limits, seed=seed)
        return _ImageExecution(self, program.image, program, limits, seed)

    async def suits(self, program: Program) -> bool:
        """Say that it runs every program."""
        return await self._shipped.suits(program)

    async def compile(self, program: Program, *, limits: Limits) -> Compilation:
        """Compile a program in the guest that it runs on; see `sandbox.engine.Engine`.

        Raises:
            ImageNotBuilt, EngineUnavailable: as an execution.
        """
        engine = self._shipped if program.image is None else await self.engine_of(program.image)
        return await engine.compile(program, limits=limits)

    async def engine_of(self, reference: str) -> CPythonEngine:
        """Return the engine of an image, with its workers started.

        Raises:
            ImageNotBuilt: the image is not here.
            EngineUnavailable: its workers cannot be started, or all places are taken.
            EngineCrashed: the engine was closed.
        """
        if self._closed:
            raise EngineCrashed("the engine was closed")
        image = self._known.needed(reference)
        place = self._places.get(image.guest_digest)
        if place is None:
            place = self._places[image.guest_digest] = self._new_place(image)
        place.wanted += 1
        try:
            # Whoever gives up waiting does not stop it for the others.
            await asyncio.shield(place.opening)
        except BaseException:
            if place.opening.done() and self._places.get(image.guest_digest) is place:
                del self._places[image.guest_digest]
            raise
        finally:
            place.wanted -= 1
            place.used = asyncio.get_running_loop().time()
        return place.engine

    def _new_place(self, image: KeptImage) -> _Place:
        if len(self._places) >= self._most:
            self._give_up_idle(image)
        engine = self._make(image)
        loop = asyncio.get_running_loop()
        if self._sweep is None:
            self._sweep = loop.call_later(self._idle_seconds, self._end_idle)
        return _Place(engine, loop.create_task(engine.open()), used=loop.time())

    def _give_up_idle(self, image: KeptImage) -> None:
        idle = {digest: place.used for digest, place in self._places.items() if place.is_idle()}
        if not idle:
            raise EngineUnavailable(
                f"workers of {self._most} guest images run programs already, and {', '.join(image.requirements)} "
                "would be one more; try again when one of them is idle"
            )
        self._end(min(idle, key=lambda digest: idle[digest]))

    def _end_idle(self) -> None:
        loop = asyncio.get_running_loop()
        for digest, place in [*self._places.items()]:
            if place.is_idle() and place.used + self._idle_seconds <= loop.time():
                self._end(digest)
        self._sweep = loop.call_later(self._idle_seconds / 10, self._end_idle) if self._places else None

    def _end(self, digest: str) -> None:
        task = asyncio.get_running_loop().create_task(_close(self._places.pop(digest)))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _close(place: _Place) -> None:
    place.opening.cancel()
    await asyncio.gather(place.opening, return_exceptions=True)
    await place.engine.close()


class _ImageExecution:
    """An execution whose engine is started first, if need be."""

    def __init__(self, engines: ImagesEngine, reference: str, program: Program, limits: Limits, seed: int) -> None:
        self._engines = engines
        self._reference = reference
        self._asked = program, limits, seed
        self._execution: Execution | None = None
        self._foreseen: Iterator[Turn] | None = None
        self._closed = False

    def foresee(self, turns: Iterator[Turn]) -> None:
        self._foreseen = turns

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        program, limits, seed = self._asked
        engine = await self._engines.engine_of(self._reference)
        if self._closed:
            raise asyncio.CancelledError
        self._execution = engine.execution(program, limits=limits, seed=seed)
        if self._foreseen is not None:
            self._execution.foresee(self._foreseen)
        return await self._execution.start(inputs, now=now, placed=placed)

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        if self._execution is None:
            raise MisuseError("the execution was not started")
        return await self._execution.advance(outcomes, now=now)

    def is_alone(self) -> bool:
        return self._execution is not None and self._execution.is_alone()

    def close(self) -> None:
        self._closed = True
        if self._execution is not None:
            self._execution.close()

    async def stop(self) -> Progress | None:
        self._closed = True
        return None if self._execution is None else await self._execution.stop()
