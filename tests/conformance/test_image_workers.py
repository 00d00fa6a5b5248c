"""Workers of guest images: started when they are wanted, ended when they are not, and no more of them than allowed."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sandbox.engines.cpython.by_image import ImagesEngine
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.errors import EngineCrashed, EngineUnavailable
from sandbox.images.kept import KeptImage
from sandbox.limits import Limits
from sandbox.turns import Blocked, FunctionSpec, Outcome, Program, Progress, Returned
from tests.guest_images import dates, leaky
from tests.play import NOW
from tests.waiting import until

__all__ = ["dates", "leaky"]

WAITS = FunctionSpec(name="wait", is_async=True)


@asynccontextmanager
async def opened(*, most: int = 4, idle_seconds: float = 600.0) -> AsyncIterator[ImagesEngine]:
    def make(image: KeptImage) -> CPythonEngine:
        return CPythonEngine(workers=1, guest=image.guest())

    engine = ImagesEngine(CPythonEngine(workers=1), make, most=most, idle_seconds=idle_seconds)
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


async def run(engine: ImagesEngine, image: KeptImage) -> Progress:
    program = Program(source="x * 2", image=image.reference)
    return await engine.execution(program, limits=Limits(), seed=7).start({"x": 21}, now=NOW)


async def test_workers_of_an_image_live_from_its_first_program_on(dates: KeptImage) -> None:
    """An image that nobody uses costs nothing; one that is used is counted with the rest."""
    async with opened() as engine:
        before = engine.counts().workers
        await run(engine, dates)

        assert (before, engine.counts().workers) == (1, 2)
        assert len(engine.processes()) == len(engine.descriptors()) == 2


async def test_workers_of_an_idle_image_end(dates: KeptImage) -> None:
    """And start again with its next program."""
    async with opened(idle_seconds=0.2) as engine:
        await run(engine, dates)
        await until(lambda: engine.counts().workers == 1)
        again = await run(engine, dates)

        assert isinstance(again, Returned)
        assert again.value == 42


async def test_no_worker_is_started_once_the_engine_is_closed(dates: KeptImage) -> None:
    """Nobody would end it."""
    async with opened() as engine:
        pass

    with pytest.raises(EngineCrashed, match=r"^the engine was closed$"):
        await run(engine, dates)


async def test_an_idle_image_makes_room_for_another(dates: KeptImage, leaky: KeptImage) -> None:
    """Memory is bounded by how many images have workers, not by how many there are."""
    async with opened(most=1) as engine:
        await run(engine, dates)
        await run(engine, leaky)
        await until(lambda: engine.counts().workers == 2)


async def test_an_image_that_is_in_use_makes_no_room(dates: KeptImage, leaky: KeptImage) -> None:
    """A program that waits there would be lost; whoever comes is told, at once."""
    async with opened(most=1) as engine:
        program = Program(source="wait()", functions=(WAITS,), image=dates.reference)
        execution = engine.execution(program, limits=Limits(), seed=7)
        blocked = await execution.start({}, now=NOW)

        with pytest.raises(EngineUnavailable) as raised:
            await run(engine, leaky)
        ended = await execution.advance([Outcome(number=1, value=5)], now=NOW + 1)

        assert isinstance(blocked, Blocked)
        assert isinstance(ended, Returned)
        assert ended.value == 5
        assert str(raised.value) == (
            f"workers of 1 guest images run programs already, and {leaky.requirements[0]} would be one more; try again "
            "when one of them is idle"
        )


async def test_a_worker_of_an_image_that_dies_is_replaced(dates: KeptImage) -> None:
    """As one of the guest that ships is, and the programs beside it notice nothing."""
    async with opened() as engine:
        await run(engine, dates)
        [shipped, of_image] = engine.processes()
        program = Program(source="wait()", functions=(WAITS,), image=dates.reference)
        execution = engine.execution(program, limits=Limits(), seed=7)
        await execution.start({}, now=NOW)

        os.kill(of_image, signal.SIGKILL)

        with pytest.raises(EngineCrashed):
            await execution.advance([Outcome(number=1)], now=NOW + 1)
        again = await run(engine, dates)
        assert isinstance(again, Returned)
        assert engine.processes()[0] == shipped
        assert of_image not in engine.processes()
