"""Many executions in one worker: each gets its own turns, whoever reads the channel for it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.workers.execution import WorkerExecution
from sandbox.limits import Limits
from sandbox.turns import Blocked, FunctionSpec, Outcome, Program, Progress, Returned
from tests.play import NOW, run

SUM = "total = 0\nfor n in range(count):\n    total += f(n)\ntotal"
# Long enough that its thread is slowed down, and serves nobody else from then on.
LONG = "x = sum(n * n for n in range(2_000_000)) % 7\nf(x) + f(x)"
FUNCTIONS = (FunctionSpec(name="f"),)


@pytest.fixture
async def engine() -> AsyncIterator[CPythonEngine]:
    """One worker, so that all executions share its channel."""
    opened = CPythonEngine(workers=1)
    await opened.open()
    yield opened
    await opened.close()


async def begin(engine: CPythonEngine, source: str, **inputs: int) -> tuple[WorkerExecution, Progress]:
    """Start a program; it waits in its first call."""
    execution = engine.execution(Program(source=source, functions=FUNCTIONS), limits=Limits(), seed=7)
    return execution, await execution.start(inputs, now=NOW)


async def finish(execution: WorkerExecution, progress: Progress) -> Progress:
    """Answer every call with its own argument and one more."""
    while isinstance(progress, Blocked):
        (call,) = progress.new_calls
        progress = await execution.advance([Outcome(number=call.number, value=call.args[0] + 1)], now=NOW)
    return progress


def value_of(progress: Progress) -> object:
    """Return the value of a program that has ended well."""
    assert isinstance(progress, Returned), progress
    return progress.value


async def test_programs_that_wait_together_are_answered_in_any_order(engine: CPythonEngine) -> None:
    """The one that reads for the others may be the last to be answered."""
    waiting = [await begin(engine, SUM, count=n) for n in range(1, 13)]

    ended = [value_of(await finish(*one)) for one in reversed(waiting)]

    assert ended == [n * (n + 1) // 2 for n in range(12, 0, -1)]


async def test_turns_of_many_programs_cross_each_other(engine: CPythonEngine) -> None:
    """Nobody gets the turn of another, and nobody is forgotten."""

    async def whole(count: int) -> object:
        return value_of(await finish(*await begin(engine, SUM, count=count)))

    assert await asyncio.gather(*(whole(n) for n in range(20, 60))) == [n * (n + 1) // 2 for n in range(20, 60)]


async def test_cancelling_one_program_in_a_call_leaves_the_others_waiting(engine: CPythonEngine) -> None:
    """Also the one that reads, and the one that waits for it."""
    for given_up in range(3):
        waiting = [await begin(engine, SUM, count=3) for _ in range(3)]
        waiting.pop(given_up)[0].close()

        assert [value_of(await finish(*one)) for one in waiting] == [6, 6]


async def test_a_program_that_was_slowed_down_is_still_heard(engine: CPythonEngine) -> None:
    """Its thread may not read for others, so the stand-by does."""
    execution, progress = await begin(engine, LONG)
    second = await begin(engine, LONG)

    assert value_of(await finish(execution, progress)) == value_of(await finish(*second))


async def test_a_program_starts_and_ends_beside_an_endless_loop(engine: CPythonEngine) -> None:
    """The loop's thread does not read; the channel is looked after all the same, and the loop can be cancelled."""
    endless = engine.execution(Program(source="while True: pass"), limits=Limits(fuel=10**15, cpu_seconds=60), seed=7)
    looping = asyncio.create_task(endless.start({}, now=NOW))
    await asyncio.sleep(0)

    before = [value_of(await finish(*await begin(engine, SUM, count=5))) for _ in range(3)]
    looping.cancel()
    await asyncio.wait([looping])
    after = value_of(await finish(*await begin(engine, SUM, count=5)))

    assert (before, after, looping.cancelled()) == ([15, 15, 15], 15, True)


async def test_a_slow_function_does_not_hold_up_quick_ones(engine: CPythonEngine) -> None:
    """A program waits in its call while another makes many."""
    may_go_on = asyncio.Event()

    async def slow() -> str:
        await may_go_on.wait()
        return "slow"

    def quick(n: int) -> int:
        return n

    first = asyncio.create_task(run(engine, "slow()", slow))
    second = await run(engine, "[quick(n) for n in range(50)][-1]", quick)
    still_waiting = not first.done()
    may_go_on.set()

    assert (second.value, still_waiting, (await first).value) == (49, True, "slow")
