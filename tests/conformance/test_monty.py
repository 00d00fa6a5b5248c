"""The `monty` engine runs programs of its subset as the `cpython` engine does."""

from collections.abc import AsyncIterator

import pytest

from sandbox.engine import Engine
from sandbox.engines.table import make_engine
from sandbox.turns import Blocked, Frame, LimitExceeded, Outcome
from tests.play import play_on

GATHER = """
import asyncio

async def main():
    return await asyncio.gather(*[slow(n) for n in range(3)])

asyncio.run(main())
"""
FAILS = """
def ratio(rows):
    return 1 / len(rows)

ratio([])
"""


@pytest.fixture
async def monty() -> AsyncIterator[Engine]:
    """The engine, opened."""
    opened = make_engine("monty", workers=2)
    await opened.open()
    yield opened
    await opened.close()


async def test_a_program_gives_the_value_of_its_last_expression(monty: Engine) -> None:
    """The least that an engine does."""
    played = await play_on(monty, "print('doubling')\nx * 2", {"x": 21})

    assert (played.value, played.output) == (42, "doubling\n")


async def test_a_sync_function_gives_its_value_and_waits_alone(monty: Engine) -> None:
    """In a blocking call `waiting_for` is that call alone."""
    played = await play_on(monty, "f(1) + f(n=2)", sync=["f"], answer=lambda call: Outcome(number=call.number, value=2))

    assert played.value == 4
    assert [(call.number, call.args, call.kwargs, call.line) for call in played.calls] == [
        (1, (1,), {}, 1),
        (2, (), {"n": 2}, 1),
    ]


async def test_calls_of_siblings_arrive_together(monty: Engine) -> None:
    """What `gather` starts is one turn, so that the host can run it in parallel."""
    played = await play_on(monty, GATHER, asynchronous=["slow"])

    first = played.turns[0]
    assert isinstance(first, Blocked)
    assert (played.value, len(played.turns), first.waiting_for) == ([0, 1, 2], 2, (1, 2, 3))


async def test_an_exception_tells_the_lines_of_the_program(monty: Engine) -> None:
    """Whoever repairs it sees where it failed."""
    played = await play_on(monty, FAILS)

    assert (played.error.kind, played.error.type, played.error.message) == (
        "runtime",
        "ZeroDivisionError",
        "division by zero",
    )
    assert played.error.traceback == (
        Frame(line=5, column=1, function="<module>", source="ratio([])"),
        Frame(line=3, column=12, function="ratio", source="return 1 / len(rows)"),
    )


async def test_an_endless_loop_ends_by_its_processor_time(monty: Engine) -> None:
    """Nothing a program does keeps a worker for ever."""
    played = await play_on(monty, "while True:\n    pass", cpu_seconds=0.2)

    assert isinstance(played.end, LimitExceeded)
    assert (played.end.limit, played.end.allowed) == ("cpu_seconds", 0.2)
