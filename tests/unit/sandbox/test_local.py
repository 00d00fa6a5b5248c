"""The library's engine, seen with an engine that does what it is told."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from sandbox.errors import EngineCrashed, EngineUnavailable, MisuseError
from sandbox.execute import Finished
from sandbox.limits import Limits
from sandbox.local import LibraryEngine
from sandbox.options import RetryStrategy, Timeout
from sandbox.run_attempts import RunAttempts
from sandbox.turns import Compilation, Outcome, Program, Progress, Returned, Turn

PROGRAM = Program(source="x")


class ObedientEngine:
    """Fails to open as often as it is told to, loses as many executions, and returns the inputs of the others."""

    name = "obedient"
    version = "1"

    def __init__(self, *, failing_opens: int = 0, crashes: int = 0) -> None:
        self.failing_opens = failing_opens
        self.crashes = crashes
        self.opened: list[asyncio.AbstractEventLoop] = []
        self.started: list[asyncio.AbstractEventLoop] = []
        self.closed = threading.Event()
        self.opening = threading.Event()
        self.may_open = threading.Event()
        self.may_open.set()
        self.may_place = threading.Event()
        self.placed = threading.Event()

    async def open(self) -> None:
        """Open, when it may."""
        self.opened.append(asyncio.get_running_loop())
        self.opening.set()
        await asyncio.to_thread(self.may_open.wait, 10)
        if len(self.opened) <= self.failing_opens:
            raise EngineUnavailable("no guest")

    async def close(self) -> None:
        """Do nothing."""

    def is_ready(self) -> bool:
        """Take whatever comes."""
        return True

    def execution(self, program: Program, *, limits: Limits, seed: int) -> "ObedientExecution":  # noqa: ARG002 - any will do
        """Return an execution."""
        return ObedientExecution(self)

    async def compile(self, program: Program, *, limits: Limits) -> Compilation:
        """Never asked for."""
        raise NotImplementedError

    async def suits(self, program: Program) -> bool:
        """Never asked for."""
        raise NotImplementedError


class ObedientExecution:
    """Returns its inputs; an input `wait` is waited for, with `late` it is placed after it was given up."""

    def __init__(self, engine: ObedientEngine) -> None:
        self._engine = engine

    async def start(
        self,
        inputs: Mapping[str, Any],
        *,
        now: int,  # noqa: ARG002 - time does not matter
        placed: Callable[[], None] | None = None,
    ) -> Progress:
        """Return the inputs."""
        assert placed is not None
        if "late" in inputs:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            await asyncio.to_thread(self._engine.may_place.wait, 10)
        placed()
        self._engine.placed.set()
        self._engine.started.append(asyncio.get_running_loop())
        if len(self._engine.started) <= self._engine.crashes:
            raise EngineCrashed("its worker process died", under_way=True)
        await asyncio.sleep(inputs.get("wait", 0))
        return Returned(value=dict(inputs))

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        """Never asked for."""
        raise NotImplementedError

    def foresee(self, turns: Iterator[Turn]) -> None:
        """Take no turn before it is asked for."""

    def is_alone(self) -> bool:
        """Say that others may be there."""
        return False

    def close(self) -> None:
        """Note it."""
        self._engine.closed.set()

    async def stop(self) -> Progress | None:
        """Say what it printed."""
        self.close()
        return Progress(output="printed\n")


Make = Callable[[ObedientEngine], LibraryEngine]


@pytest.fixture
def library_with() -> Iterator[Make]:
    """Make a library's engine of another one; it is ended after the test."""
    made: list[LibraryEngine] = []

    def make(engine: ObedientEngine) -> LibraryEngine:
        made.append(LibraryEngine(lambda: engine))
        return made[-1]

    yield make
    for library in made:
        library.end()


async def run(library: LibraryEngine, *, retries: int = 0, wall_seconds: float = 30, **inputs: Any) -> Finished:
    """Run the program."""
    limits = Limits(wall_seconds=wall_seconds)
    attempts = RunAttempts(
        engine=library,
        program=PROGRAM,
        inputs=inputs,
        functions={},
        limits=limits,
        retries=RetryStrategy(retries),
        bounds=Timeout(),
    )
    return await attempts.run()


async def test_the_engine_is_opened_once_and_lives_on_a_loop_of_its_own(library_with: Make) -> None:
    """However many callers come first at the same time."""
    engine = ObedientEngine()
    library = library_with(engine)

    finished = await asyncio.gather(*(run(library, x=n) for n in range(5)))

    assert [one.value for one in finished] == [{"x": n} for n in range(5)]
    assert len(engine.opened) == 1
    assert {*engine.started} == {engine.opened[0]}
    assert engine.opened[0] is not asyncio.get_running_loop()
    assert library.version == "1"


async def test_an_engine_that_could_not_be_opened_is_tried_again_by_the_next_caller(library_with: Make) -> None:
    """A guest may have been built meanwhile."""
    engine = ObedientEngine(failing_opens=1)
    engine.may_open.clear()
    library = library_with(engine)

    both = [asyncio.create_task(run(library)) for _ in range(2)]
    await asyncio.to_thread(engine.opening.wait, 10)
    # What is asked of the engine's loop now, it does after what both have asked of it.
    await library.thread().run(lambda: asyncio.sleep(0))
    engine.may_open.set()
    failed = await asyncio.gather(*both, return_exceptions=True)

    assert [type(one) for one in failed] == [EngineUnavailable, EngineUnavailable]
    assert (await run(library, x=1)).value == {"x": 1}
    assert len(engine.opened) == 2


async def test_a_failure_of_the_platform_is_retried(library_with: Make) -> None:
    """It may pass: at opening, and when workers die."""
    assert (await run(library_with(ObedientEngine()), retries=1, x=1)).value == {"x": 1}

    unavailable = ObedientEngine(failing_opens=2)
    assert (await run(library_with(unavailable), retries=2, x=1)).value == {"x": 1}

    # A run goes on in another worker by itself once; the second crash ends the attempt.
    crashing = ObedientEngine(crashes=2)
    assert (await run(library_with(crashing), retries=1, x=1)).value == {"x": 1}
    crashing = ObedientEngine(crashes=2)
    ended = await run(library_with(crashing), x=1)
    assert ended.error is not None
    assert ended.error.kind == "platform"


async def test_a_caller_that_gives_up_closes_its_execution(library_with: Make) -> None:
    """The isolate is free for others."""
    engine = ObedientEngine()
    library = library_with(engine)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run(library, wait=60), 0.1)

    assert await asyncio.to_thread(engine.closed.wait, 5)


async def test_a_turn_that_is_cut_off_says_what_it_printed(library_with: Make) -> None:
    """Also across two loops."""
    finished = await run(library_with(ObedientEngine()), wall_seconds=0.1, wait=60)

    assert finished.error is not None
    assert (finished.error.type, finished.output) == ("LimitExceeded", "printed\n")


def test_a_caller_whose_loop_closed_meanwhile_is_told_nothing(library_with: Make) -> None:
    """The engine, which serves the others, must not fail on it."""
    engine = ObedientEngine()
    library = library_with(engine)

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run(library, late=True), 0.1)

    asyncio.run(give_up())
    engine.may_place.set()

    assert engine.placed.wait(5)


async def test_a_caller_that_gives_up_while_the_engine_opens_does_not_stop_it_for_others(library_with: Make) -> None:
    """They wait for the same opening."""
    engine = ObedientEngine()
    library = library_with(engine)
    engine.may_open.clear()
    hasty = asyncio.create_task(run(library))
    patient = asyncio.create_task(run(library, x=1))
    assert await asyncio.to_thread(engine.opening.wait, 10)

    hasty.cancel()
    engine.may_open.set()

    assert (await patient).value == {"x": 1}
    assert len(engine.opened) == 1


async def test_an_opening_that_nobody_waits_for_any_more_is_there_for_the_next_caller(library_with: Make) -> None:
    """A second engine would never be ended."""
    engine = ObedientEngine()
    library = library_with(engine)
    engine.may_open.clear()
    hasty = asyncio.create_task(run(library))
    assert await asyncio.to_thread(engine.opening.wait, 10)

    hasty.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hasty
    engine.may_open.set()
    # Whatever was on its way has arrived when these are through.
    await library.thread().run(lambda: asyncio.sleep(0.05))

    assert (await run(library, x=1)).value == {"x": 1}
    assert len(engine.opened) == 1
    assert library.version == "1"


def test_an_engine_that_was_not_opened_makes_no_executions() -> None:
    """That would be our own mistake."""
    with pytest.raises(MisuseError, match=r"^the library's engine was used before it was opened$"):
        LibraryEngine().execution(PROGRAM, limits=Limits(), seed=1)
