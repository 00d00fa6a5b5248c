"""Runs that give their isolate up: value, calls, output and fuel are what they would have been."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.calls import Calls
from sandbox.dispatch import HostFunction
from sandbox.driver import Driver, RealClock
from sandbox.engine import Engine
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.execute import Finished, execute
from sandbox.journal import Journal
from sandbox.limits import Limits
from sandbox.start import Start
from sandbox.turns import Program, Returned
from tests.play import NOW

PROGRAM = """
import asyncio, random
first = await step(1)
print("first", first)
pair = await asyncio.gather(later(2), later(3))
await asyncio.sleep(0.001)
try:
    await fail(4)
except ValueError as error:
    pair.append(str(error))
print("then", await step(5))
[first, *pair, random.randrange(1_000)]
"""
VALUE_BEGINS = [1, 2, 3, "no 4"]
OUTPUT = "first 1\nthen 5\n"
CALLS = [1, 2, 3, 4, 5]
QUICK = "sum(range(100))"


class Steps:
    """The functions of the program; `between` is called in the middle of each."""

    def __init__(self, between: Callable[[], Any]) -> None:
        self.made: list[int] = []
        self._between = between

    async def step(self, n: int) -> int:
        return await self._answer(n)

    async def later(self, n: int) -> int:
        return await self._answer(n)

    async def fail(self, n: int) -> int:
        await self._answer(n)
        message = f"no {n}"
        raise ValueError(message)

    async def _answer(self, n: int) -> int:
        self.made.append(n)
        between = self._between()
        if between is not None:
            await between
        return n

    def functions(self) -> dict[str, HostFunction]:
        """Return them by name."""
        return {one.name: one for one in map(HostFunction.of, (self.step, self.later, self.fail))}


def start(steps: Steps, **program: Any) -> Start:
    """Return how the program starts."""
    functions = steps.functions()
    specs = tuple(one.spec() for one in functions.values())
    limits = Limits(wall_seconds=60)
    return Start(
        program=Program(source=PROGRAM, functions=specs, **program), functions=functions, limits=limits, seed=7
    )


async def until_computing(engine: CPythonEngine) -> None:
    """Return as soon as a guest computes: nobody tells."""
    while not engine.computing():  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)


def seen(finished: Finished) -> tuple[Any, ...]:
    """Return what a run came to, without what time has to do with."""
    calls = [(one.number, one.function, one.arguments, one.status) for one in finished.calls]
    return finished.value, finished.error, finished.output, calls, finished.usage.fuel, finished.usage.memory_bytes


async def test_a_run_that_is_parked_at_every_turn_is_the_same_run(engine: Engine) -> None:
    """Whoever waits long holds no isolate; nothing of that is to be seen, and no call is made twice."""
    phases: list[str] = []

    def park() -> None:
        driver.park()
        phases.append(journal.phase)

    steps = Steps(park)
    begun = start(steps)
    journal = Journal(begun.header(engine, now=NOW))
    calls = Calls(begun.whitelist(), 8, journal)
    driver = Driver(engine, begun, calls=calls, clock=RealClock(NOW), journal=journal, replay=None)
    progress = await driver.drive()
    await driver.close(None)
    expected = await execute(engine, start(Steps(lambda: None)), now=NOW)

    assert isinstance(progress, Returned), progress
    assert (progress.value, driver.spent.fuel) == (expected.value, expected.usage.fuel)
    assert progress.value[:4] == VALUE_BEGINS
    assert "".join(driver.output) == OUTPUT
    assert steps.made == CALLS
    assert phases == ["blocked"] * 5
    assert [(one.number, one.attempts, one.status) for one in calls.records()] == [
        (number, 1, "settled") for number in CALLS
    ]


async def test_an_interruptible_run_gives_its_room_to_every_run_that_would_have_to_wait() -> None:
    """With room for one, each call of the outer run is answered by a run that needs this very room."""
    engine = CPythonEngine(workers=1, live_per_worker=1)
    await engine.open()
    inner: list[Finished] = []

    async def run_quick() -> None:
        program = Program(source=QUICK)
        inner.append(await execute(engine, Start(program=program, seed=7, limits=Limits()), now=NOW))

    steps = Steps(run_quick)
    async with asyncio.timeout(60):
        finished = await execute(engine, start(steps, interruptible=True), now=NOW)
        # Compares calls, waits and fuel with what was recorded, turn by turn, and diverges where they differ.
        replayed = await execute(engine, start(Steps(lambda: None)), journal=finished.journal)
    await engine.close()

    assert finished.value[:4] == VALUE_BEGINS
    assert seen(finished) == seen(replayed)
    assert finished.output == OUTPUT
    assert [one.attempts for one in finished.calls] == [1] * 5
    assert steps.made == CALLS
    assert [one.value for one in inner] == [4950] * 5


async def test_a_run_that_is_not_interruptible_keeps_its_room() -> None:
    """The next one waits until it has ended."""
    engine = CPythonEngine(workers=1, live_per_worker=1)
    await engine.open()
    quick: list[asyncio.Task[Finished]] = []
    done: list[bool] = []

    async def begin_quick() -> None:
        quick.append(
            asyncio.create_task(execute(engine, Start(program=Program(source=QUICK), limits=Limits(), seed=7)))
        )
        done.append(quick[0].done())

    steps = Steps(begin_quick)
    finished = await execute(engine, start(steps), now=NOW)
    values = [(await one).value for one in quick]
    await engine.close()

    assert finished.error is None
    assert done == [False] * 5
    assert values == [4950] * 5


COMPUTING = """
total = 0
for n in range(rounds):
    total += n
total
"""


async def test_an_interruptible_run_gives_way_while_it_computes() -> None:
    """It begins again when there is room, and comes to the same; the time that it waited for room is not its own."""
    engine = CPythonEngine(workers=1, live_per_worker=1)
    await engine.open()
    program = Program(source=COMPUTING, interruptible=True)
    long = Start(program=program, inputs={"rounds": 3_000_000}, limits=Limits(wall_seconds=60), seed=7)
    short = Start(program=Program(source=QUICK), limits=Limits(), seed=7)

    computing = asyncio.create_task(execute(engine, long, now=NOW))
    await until_computing(engine)
    first = await execute(engine, short)
    was_done = computing.done()
    finished = await computing
    again = await execute(engine, replace(long, program=replace(program, interruptible=False)), now=NOW)
    await engine.close()

    assert (first.value, was_done) == (4950, False)
    assert finished.value == 3_000_000 * 2_999_999 // 2
    assert seen(finished) == seen(again)


async def test_of_several_interruptible_runs_one_that_waits_gives_way_first() -> None:
    """What it computed is repeated then, so the one that waits for a function loses least."""
    engine = CPythonEngine(workers=1, live_per_worker=2)
    await engine.open()
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def wait() -> int:
        begun.set()
        await may_end.wait()
        return 1

    function = HostFunction.of(wait)
    waiting = Program(source="wait()", functions=(function.spec(),), interruptible=True)
    computing = Program(source="while True: pass", interruptible=True)
    first = asyncio.create_task(
        execute(engine, Start(program=waiting, functions={"wait": function}, limits=Limits(), seed=7))
    )
    await begun.wait()
    endless = asyncio.create_task(execute(engine, Start(program=computing, limits=Limits(fuel=10**13), seed=7)))
    await until_computing(engine)
    quick = await execute(engine, Start(program=Program(source=QUICK), limits=Limits(), seed=7))
    still_computes = engine.computing()
    may_end.set()
    ended = await first
    endless.cancel()
    await asyncio.gather(endless, return_exceptions=True)
    await engine.close()

    assert (quick.value, still_computes, ended.value) == (4950, 1, 1)
