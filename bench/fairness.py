"""Whether executions leave each other alone: short ones beside endless ones, cancelling, many that wait at once."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from operator import itemgetter

from bench import samples
from bench.table import Row
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.limits import Limits
from sandbox.turns import Blocked, FunctionSpec, Outcome, Program, Progress, Returned

SHORT, CANCELLED, WAITING, WAIT_SECONDS = 300, 5, 500, 2.0
# What keeps an interpreter busy where it does not look up: in its own loop, and in C code.
LOOPS = {
    "a Python loop": "while True: pass",
    "big integers": "10 ** (10 ** 8)",
    "a regular expression": "import re\nre.match(r'(a|a)*b', 'a' * 40)",
    "sorting": "while True: sorted(range(10 ** 6, 0, -1), key=str)",
    "an integer as text": "import decimal\nwhile True: str(decimal.Decimal(7) ** 50_000 + 1)",
    "a long sum": "sum(range(10 ** 12))",
}
_ENDLESS = Limits(fuel=10**15, cpu_seconds=600.0, memory_bytes=256 * 2**20)
_P50_MS, _P99_MS, _CANCEL_MS, _WAITING_SECONDS = 10.0, 50.0, 100.0, 3.5
_SECONDS_TO_GET_GOING = 0.2


class WrongEnd(Exception):
    """A program ended in another way than is measured."""


def rows() -> Iterator[Row]:
    """Measure, and yield what is claimed."""
    short = beside_loops()
    for name, taken, aim in (
        ("p50", samples.median(short), _P50_MS),
        ("p99", samples.quantile(short, 0.99), _P99_MS),
    ):
        yield Row(
            what=f"x*2 beside endless loops, two more than cores, {name}",
            figure=f"{taken:.1f} ms",
            aim=f"at most {aim} ms",
            met=taken <= aim,
        )
    slowest, taken = max(((name, max(times)) for name, times in cancelling().items()), key=itemgetter(1))
    yield Row(
        what=f"cancelling a loop, the slowest of {len(LOOPS) * CANCELLED} ({slowest})",
        figure=f"{taken:.0f} ms",
        aim=f"at most {_CANCEL_MS} ms",
        met=taken <= _CANCEL_MS,
    )
    taken = waiting()
    yield Row(
        what=f"{WAITING} executions at once, each in a call of {WAIT_SECONDS:.0f} s",
        figure=f"{taken:.2f} s",
        aim=f"at most {_WAITING_SECONDS} s",
        met=taken <= _WAITING_SECONDS,
    )


def beside_loops() -> list[float]:
    """Return latencies of `x * 2` in milliseconds, beside an endless loop for every core and two more."""
    return asyncio.run(_beside_loops())


def cancelling() -> dict[str, list[float]]:
    """Return after how many milliseconds a cancelled loop no longer computes, by what it does."""
    return asyncio.run(_cancelling())


def waiting() -> float:
    """Return the seconds that many executions take together that wait at once, each for one call."""
    return asyncio.run(_waiting())


async def _beside_loops() -> list[float]:
    engine = CPythonEngine()
    await engine.open()
    loops = await _start(engine, ["while True: pass"] * (len(os.sched_getaffinity(0)) + 2))
    taken = [await _short(engine) for _ in range(SHORT)]
    await _stop(loops)
    await engine.close()
    return taken


async def _cancelling() -> dict[str, list[float]]:
    engine = CPythonEngine()
    await engine.open()
    taken: dict[str, list[float]] = {}
    for _ in range(CANCELLED):
        for name, source in LOOPS.items():
            before = engine.processes()
            (turn,) = await _start(engine, [source])
            begin = time.perf_counter()
            await _stop([turn])
            while engine.computing():  # noqa: ASYNC110 - the engine tells nobody
                await asyncio.sleep(0.001)
            taken.setdefault(name, []).append((time.perf_counter() - begin) * 1000)
            if engine.processes() != before:
                raise WrongEnd(name)
    await engine.close()
    return taken


async def _waiting() -> float:
    engine = CPythonEngine()
    await engine.open()
    begin = time.perf_counter()
    ended = await asyncio.gather(*(_one_call(engine) for _ in range(WAITING)))
    taken = time.perf_counter() - begin
    await engine.close()
    if not all(isinstance(one, Returned) and one.value == 42 for one in ended):
        raise WrongEnd(ended)
    return taken


async def _one_call(engine: CPythonEngine) -> Progress:
    program = Program(source="f(x)", functions=(FunctionSpec(name="f"),))
    execution = engine.execution(program, limits=Limits(), seed=7)
    blocked = await execution.start({"x": 1}, now=time.time_ns())
    if not isinstance(blocked, Blocked):
        raise WrongEnd(blocked)
    await asyncio.sleep(WAIT_SECONDS)
    return await execution.advance([Outcome(number=1, value=42)], now=time.time_ns())


async def _start(engine: CPythonEngine, sources: Sequence[str]) -> list[asyncio.Task[Progress]]:
    executions = [engine.execution(Program(source=source), limits=_ENDLESS, seed=7) for source in sources]
    turns = [asyncio.create_task(one.start({}, now=time.time_ns())) for one in executions]
    await asyncio.sleep(_SECONDS_TO_GET_GOING)
    for turn in turns:
        if turn.done():
            raise WrongEnd(turn.result())
    return turns


async def _stop(turns: Sequence[asyncio.Task[Progress]]) -> None:
    for turn in turns:
        turn.cancel()
    await asyncio.gather(*turns, return_exceptions=True)


async def _short(engine: CPythonEngine) -> float:
    begin = time.perf_counter()
    execution = engine.execution(Program(source="x * 2"), limits=Limits(), seed=7)
    ended = await execution.start({"x": 21}, now=time.time_ns())
    if not isinstance(ended, Returned):
        raise WrongEnd(ended)
    return (time.perf_counter() - begin) * 1000
