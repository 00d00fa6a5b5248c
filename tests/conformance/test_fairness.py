"""Executions leave each other alone: whoever computes, waits or is cancelled does so at nobody else's cost."""

import asyncio
import os
from pathlib import Path

import pytest

from sandbox.engine import Execution
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.limits import Limits
from sandbox.turns import Blocked, FunctionSpec, Outcome, Program, Progress, Returned
from tests.play import NOW, run

ENDLESS = Limits(fuel=10**15, cpu_seconds=600.0, memory_bytes=256 * 2**20)
LOOPS = {
    "a Python loop": "while True: pass",
    "a comprehension": "all(True for _ in iter(int, 1))",
    "big integers": "10 ** (10 ** 8)",
    "a regular expression": "import re\nre.match(r'(a|a)*b', 'a' * 40)",
    "sorting": "while True: sorted(range(10 ** 6, 0, -1), key=str)",
    "an integer as text": "import decimal\nwhile True: str(decimal.Decimal(7) ** 50_000 + 1)",
    "a long sum": "sum(range(10 ** 12))",
    "searching": "while True: (b'a' * 10 ** 7).find(b'ab' * 1000)",
    "printing": "while True: print(end='')",
}
F = (FunctionSpec(name="f"),)
WAITING = Program(source="f(x) + x", functions=F)
CHATTY = Program(source="for n in range(5000):\n    f(n)", functions=F)
HEAVY = Program(source="sum(n * n for n in range(5_000_000))\nf(0)", functions=F)


async def opened(workers: int) -> CPythonEngine:
    """Return an open engine."""
    engine = CPythonEngine(workers=workers)
    await engine.open()
    return engine


async def loop(engine: CPythonEngine, source: str) -> asyncio.Task[Progress]:
    """Start a program that does not end, and let it get going."""
    execution = engine.execution(Program(source=source), limits=ENDLESS, seed=7)
    turn = asyncio.create_task(execution.start({}, now=NOW))
    while not engine.computing():  # noqa: ASYNC110 - the engine tells nobody
        await asyncio.sleep(0.001)
    return turn


async def blocked(engine: CPythonEngine, x: int) -> Execution:
    """Return an execution that waits for its call."""
    execution = engine.execution(WAITING, limits=Limits(), seed=7)
    assert isinstance(await execution.start({"x": x}, now=NOW), Blocked)
    return execution


async def test_short_programs_run_beside_endless_ones() -> None:
    """A queue behind an endless loop would stand still for all that come after it."""
    workers = len(os.sched_getaffinity(0)) + 2
    engine = await opened(workers)
    turns = [await loop(engine, "while True: pass") for _ in range(workers)]

    ended = [(await run(engine, "x * 2", inputs={"x": n}, wall_seconds=30)).value for n in range(20)]

    assert ended == [2 * n for n in range(20)]
    assert engine.computing() == workers
    for turn in turns:
        turn.cancel()
    await asyncio.gather(*turns, return_exceptions=True)
    await engine.close()


@pytest.mark.parametrize("name", LOOPS)
async def test_a_cancelled_loop_ends_and_nothing_else_does(name: str) -> None:
    """Also inside C code: its worker stays, and so does what waits there."""
    engine = await opened(1)
    processes = engine.processes()
    beside = await blocked(engine, 20)
    turn = await loop(engine, LOOPS[name])

    turn.cancel()
    # Its worker would be killed after ten seconds.
    async with asyncio.timeout(5):
        while engine.computing():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
    ended = await beside.advance([Outcome(number=1, value=1)], now=NOW)

    assert isinstance(ended, Returned)
    assert ended.value == 21
    assert engine.processes() == processes
    await engine.close()


async def test_five_hundred_executions_wait_at_once() -> None:
    """Each for a slow function: what waits takes memory and a thread, and no core."""
    engine = await opened(len(os.sched_getaffinity(0)))
    waiting = await asyncio.gather(*(blocked(engine, n) for n in range(500)))
    assert engine.computing() == 0

    ended = await asyncio.gather(*(one.advance([Outcome(number=1, value=1)], now=NOW) for one in waiting))

    assert [one.value for one in ended if isinstance(one, Returned)] == [n + 1 for n in range(500)]
    await engine.close()


async def test_many_short_turns_stay_quick_and_a_long_one_gives_way() -> None:
    """Both compute for long altogether; only one of them keeps a core to itself for long."""
    engine = await opened(1)
    lowered = _lowered_threads(engine)

    chatty = engine.execution(CHATTY, limits=Limits(calls=5000), seed=7)
    progress = await chatty.start({}, now=NOW)
    while isinstance(progress, Blocked) and progress.spent.cpu_seconds < 0.15:
        outcomes = [Outcome(number=number, value=None) for number in progress.waiting_for]
        progress = await chatty.advance(outcomes, now=NOW)
    after_many = _lowered_threads(engine)
    heavy = engine.execution(HEAVY, limits=Limits(), seed=7)
    waiting = await heavy.start({}, now=NOW)

    assert isinstance(progress, Blocked)
    assert isinstance(waiting, Blocked)
    assert (after_many, _lowered_threads(engine)) == (lowered, lowered + 1)
    await engine.close()


def _lowered_threads(engine: CPythonEngine) -> int:
    """Return how many threads of the workers have a lower priority."""
    threads = [thread for one in engine.processes() for thread in Path(f"/proc/{one}/task").iterdir()]
    return sum(os.getpriority(os.PRIO_PROCESS, int(thread.name)) > 0 for thread in threads)
