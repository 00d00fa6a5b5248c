"""The same program, inputs, seed and turns give the same calls and value on `monty`, bit by bit, in any worker."""

import itertools

import pytest

from sandbox import values
from sandbox.engines.table import make_engine
from sandbox.turns import Outcome
from tests.play import Played, play_on

EVERYTHING = """
import asyncio, datetime, random, time

class Row:
    def __init__(self, n):
        self.n = n

row, names = Row(3), {str(i) for i in range(50)} | {1.5, None, (1, 2)}
drawn = [random.random(), random.sample(range(100), 5), random.Random().random()]
clocks = [time.time(), time.monotonic(), time.process_time(), str(datetime.datetime.now())]
shown = [str(row) + "!", id(row), hash("a"), hash(row), list(names)]
print(drawn, clocks, shown)
found = await asyncio.gather(*[f(n, list(given)) for n in range(3)])
await asyncio.sleep(1.5)
[drawn, clocks, shown, list(given), [list(one) for one in found], time.time()]
"""
FILLS = "rows = [{'n': n} for n in range(1000)]\nlen(rows)"
NAMES = ["ä", "b", "Zoë", "d", "\n", "f" * 100]


@pytest.mark.parametrize("given", [{*NAMES}, frozenset(NAMES)], ids=["set", "frozenset"])
async def test_a_program_does_the_same_in_every_worker(given: set[str]) -> None:
    """Replay stands on it: nothing of the machine, the worker, or the programs before shows."""
    seen = set()
    for _ in range(2):
        engine = make_engine("monty", workers=2)
        await engine.open()
        for _ in range(3):
            played = await play_on(
                engine,
                EVERYTHING,
                {"given": given},
                asynchronous=["f"],
                answer=lambda call: Outcome(number=call.number, value=given),
            )
            seen.add(told(played))
            await play_on(engine, FILLS)
        await engine.close()

    assert len(seen) == 1


async def test_another_seed_gives_other_chances() -> None:
    """And nothing but the seed does."""
    engine = make_engine("monty", workers=1)
    await engine.open()
    drawn = [(await play_on(engine, "import random\nrandom.random()", seed=seed)).value for seed in (1, 2, 1)]
    await engine.close()

    assert drawn[0] == drawn[2] != drawn[1]


def told(played: Played) -> str:
    """Return everything that a program did, as text."""
    calls = [[one.number, one.function, list(one.args), one.kwargs, one.line] for one in played.calls]
    return "\n".join(itertools.chain([values.encode([played.value, calls])], (turn.output for turn in played.turns)))
