"""After a limit the answer still has what was printed, called and used, and an error that says which limit it was."""

import asyncio
from typing import Any

import pytest

from sandbox.engine import Engine
from sandbox.execute import Finished
from sandbox.limits import MIB
from tests.play import counted, of_cpython, run

# Every program says and does something first, and tries to keep what ends it from ending it.
FIRST = "print('said')\nprint('more', end='')\nf(1)\n"
SWALLOWED = FIRST + "while True:\n    try:\n        {body}\n    except BaseException:\n        pass\n"
ENOUGH: dict[str, Any] = {"fuel": 10**13, "cpu_seconds": 20, "wall_seconds": 20}
# limit -> a statement that reaches it, the limits of the run, what the message says of it, what the hint says was used.
REACHED: dict[str, tuple[str, dict[str, Any], str]] = {
    "fuel": ("while True: pass", {"fuel": 30_000_000}, "30,000,000"),
    "cpu_seconds": ("while True: pass", {**ENOUGH, "cpu_seconds": 0.1}, "0.1"),
    "wall_seconds": ("while True: pass", {**ENOUGH, "wall_seconds": 0.3}, "0.3"),
    "output_bytes": ("print('a' * 200)", {"output_bytes": 100}, "100"),
    "calls": ("f(2)", {"calls": 1}, "1 with one more call, of f()"),
}


def f(n: int) -> int:
    """Return what it is given."""
    return n


def _told(finished: Finished) -> str:
    assert finished.error is not None
    assert (finished.error.kind, finished.error.type) == ("limit", "LimitExceeded")
    return finished.error.message


@pytest.mark.parametrize("limit", [of_cpython(one) if one == "fuel" else one for one in REACHED])
async def test_a_limit_cannot_be_swallowed_and_loses_nothing(engine: Engine, limit: str) -> None:
    """What was printed without a line's end is there too, when the program had called a function since."""
    body, limits, allowed = REACHED[limit]

    finished = await run(engine, SWALLOWED.format(body=body), f, **limits)

    assert _told(finished) == f"the program reached the limit {limit} of {allowed}"
    assert finished.error is not None
    assert "; it used " in (finished.error.hint or "")
    assert finished.output.startswith("said\nmore")
    assert [(call.function, call.value) for call in finished.calls] == [("f", 1)]
    usage = finished.usage
    assert (usage.calls, usage.output_bytes) == (1, len(finished.output))
    used = (usage.fuel, usage.cpu_seconds, usage.wall_seconds, usage.memory_bytes)
    assert min(one for one in used if one is not None) > 0


async def test_memory_that_is_not_given_loses_nothing(engine: Engine) -> None:
    """What is caught does not end a program; what is not caught does, and the limit held either way."""
    held = FIRST + "x = []\n{attempt}\nlen(x)"
    caught = held.format(attempt="try:\n    while True: x.append(bytes(500_000))\nexcept MemoryError: pass")
    uncaught = held.format(attempt="while True: x.append(bytes(500_000))")

    finished = await run(engine, caught, f, memory_bytes=40 * MIB)
    assert finished.error is None
    assert counted(finished.usage.memory_bytes) <= 40 * MIB
    finished = await run(engine, uncaught, f, memory_bytes=40 * MIB)
    assert _told(finished) == f"the program reached the limit memory_bytes of {40 * MIB:,}"
    assert (finished.output, len(finished.calls)) == ("said\nmore", 1)
    assert 30 * MIB < counted(finished.usage.memory_bytes) <= 40 * MIB


async def test_memory_is_given_up_to_the_limit(engine: Engine) -> None:
    """A piece that fits below it, and one that does not."""
    fits = "len(bytes({size}))"

    assert (await run(engine, fits.format(size=20 * MIB), memory_bytes=48 * MIB)).value == 20 * MIB
    finished = await run(engine, fits.format(size=32 * MIB), memory_bytes=48 * MIB)
    assert _told(finished) == f"the program reached the limit memory_bytes of {48 * MIB:,}"


@pytest.mark.parametrize("source", ["wait()", "import time\ntime.sleep(5)"])
async def test_waiting_costs_wall_time_and_no_processor_time(engine: Engine, source: str) -> None:
    """A program may wait for longer than it may compute, and not for longer than it may take."""

    seconds = 0.5

    async def wait() -> None:
        """Take a while."""
        await asyncio.sleep(seconds)

    waits = "wait()" if source == "wait()" else "import time\ntime.sleep(0.5)"
    finished = await run(engine, f"{waits}\n'done'", wait, cpu_seconds=0.3)
    assert (finished.error, finished.value) == (None, "done")
    assert finished.usage.wall_seconds > 0.4
    assert finished.usage.cpu_seconds < 0.3

    seconds = 5
    finished = await run(engine, f"print('said')\n{source}", wait, wall_seconds=0.8)
    assert _told(finished) == "the program reached the limit wall_seconds of 0.8"
    assert finished.output == "said\n"


async def test_a_source_is_measured_in_bytes(engine: Engine) -> None:
    """Not in characters."""
    source = "'ü'"

    assert (await run(engine, source, source_bytes=4)).value == "ü"
    finished = await run(engine, source, source_bytes=3)
    assert _told(finished) == "the program reached the limit source_bytes of 3"
