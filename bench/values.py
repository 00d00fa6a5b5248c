"""How quickly large values cross, into a guest and out of it, through the engine; the program itself does nothing."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from bench import samples
from bench.table import Row
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.limits import Limits
from sandbox.turns import Blocked, FunctionSpec, Outcome, Program, Returned
from sandbox.values import encode

ROUNDS = 5
MEGABYTES = 10
_AIM = 50
_LIMITS = Limits(value_bytes=128 * 2**20, memory_bytes=1024 * 2**20)
_FUNCTIONS = (FunctionSpec(name="give"), FunctionSpec(name="take"))
_IN = Program(source="give()\n0", functions=_FUNCTIONS)
_OUT = Program(source="take(give())\n0", functions=_FUNCTIONS)
_ROW = {"id": 4711, "name": "Ada Byron", "email": "ada@example.com", "amount": 12.5, "paid": True, "tags": ["a", "b"]}


def rows() -> Iterator[Row]:
    """Measure text, bytes and rows of dictionaries, in both directions."""
    for name, value in _values().items():
        into, out = asyncio.run(_seconds(value))
        for direction, seconds in (("in", into), ("out", out)):
            speed = MEGABYTES / samples.median(seconds)
            yield Row(
                what=f"{MEGABYTES} MB of {name}, {direction}",
                figure=f"{speed:.0f} MB/s",
                aim=f"at least {_AIM} MB/s",
                met=speed >= _AIM,
                noise=samples.noise(seconds),
            )


def _values() -> dict[str, Any]:
    """Return values whose wire text takes that many megabytes; of bytes, the bytes themselves are counted."""
    size = MEGABYTES * 10**6
    return {
        "text": "Ångström, 12.5 km; " * (size // 21),
        "bytes": bytes(range(256)) * (size // 256),
        "rows of dictionaries": [_ROW] * (size // (len(encode(_ROW)) + 1)),
    }


async def _seconds(value: Any) -> tuple[list[float], list[float]]:
    """Return what handing the value in, and handing it out again, adds to a turn."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    into, out = [], []
    for _ in range(ROUNDS + 1):
        into.append(await _turn(engine, _IN, value, last=1))
        out.append(await _turn(engine, _OUT, value, last=2) - into[-1])
    await engine.close()
    return into[1:], out[1:]


async def _turn(engine: CPythonEngine, program: Program, value: Any, *, last: int) -> float:
    execution = engine.execution(program, limits=_LIMITS, seed=7)
    progress = await execution.start({}, now=time.time_ns())
    begin = time.perf_counter()
    end = begin
    for number in range(1, last + 1):
        assert isinstance(progress, Blocked), progress  # noqa: S101 - what is measured has to be what is meant
        answer = value if number == 1 else None
        progress = await execution.advance([Outcome(number=number, value=answer)], now=time.time_ns())
        end = time.perf_counter() if number == 1 else end
    assert isinstance(progress, Returned), progress  # noqa: S101 - as above
    return end - begin
