"""A run that a limit of its values or calls ended ends the same when it is replayed, wherever its journal is cut."""

from dataclasses import replace
from typing import Any

import pytest

from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.entries import Ended
from sandbox.execute import Finished, execute
from sandbox.journal_text import read, write
from sandbox.limits import Limits
from sandbox.patched import PatchedReplay
from sandbox.start import Start
from sandbox.terms import Terms
from sandbox.turns import Program

CAUGHT = "import asyncio\nprint('said')\nx = await f(1)\ntry:\n    {}\nexcept BaseException:\n    pass\n'went on'"
ENDINGS = {
    "arguments": CAUGHT.format("await asyncio.gather(f(2), f('a' * 200))"),
    "an outcome": CAUGHT.format("await asyncio.gather(f(2), give(200))"),
    "levels of an outcome": CAUGHT.format("await asyncio.gather(f(2), nest(200))"),
    "calls": CAUGHT.format("await asyncio.gather(*[f(n) for n in range(20)])"),
    "all values": CAUGHT.format("while True: await give(50_000)").replace("'went on'", ""),
    "the value": "print('said')\nx = await f(1)\n'a' * 200",
}
LIMITS = Limits(value_bytes=100, calls=10)
MANY = Limits(value_bytes=50_000)


async def f(n: Any) -> Any:
    """Return what it is given."""
    return n


async def give(n: int) -> str:
    """Return a text that takes so many bytes."""
    return "a" * (n - 2)


async def nest(n: int) -> Any:
    """Return lists in one another."""
    value: Any = 1
    for _ in range(n):
        value = [value]
    return value


def start_of(name: str) -> Start:
    """Return a program that ends so; its functions may be called again."""
    functions = {one.__name__: HostFunction.of(one, terms=Terms(effect="read")) for one in (f, give, nest)}
    program = Program(source=ENDINGS[name], functions=tuple(one.spec() for one in functions.values()))
    return Start(program=program, functions=functions, limits=MANY if name == "all values" else LIMITS, seed=7)


def ending_of(finished: Finished) -> tuple[Any, ...]:
    """Return what is the same in every replay; fuel is compared by the replay itself, as far as the record goes."""
    journal = finished.journal
    assert journal is not None
    end = journal.entries[-1]
    assert isinstance(end, Ended)
    calls = [(call.number, call.function, call.status, call.value, call.failure) for call in finished.calls]
    return finished.error, finished.output, calls, end.how


@pytest.mark.parametrize("name", [name for name in ENDINGS if name != "all values"])
async def test_it_ends_the_same_wherever_its_journal_is_cut(engine: Engine, name: str) -> None:
    """Through the stored text, too, which holds outcomes that were never told."""
    whole = await execute(engine, start_of(name))
    assert whole.journal is not None
    assert whole.error is not None
    assert whole.error.kind == "limit"

    for count in range(len(whole.journal.entries) + 1):
        resumed = await execute(engine, start_of(name), journal=read(write(whole.journal.until(count))))

        assert (count, ending_of(resumed)) == (count, ending_of(whole))


async def test_the_sum_of_all_values_is_reached_again_in_the_same_place(engine: Engine) -> None:
    """What was told before counts in a replay as it did."""
    start = start_of("all values")
    whole = await execute(engine, replace(start, limits=replace(start.limits, fuel=10**12)))
    assert whole.journal is not None
    entries = len(whole.journal.entries)

    for count in (entries // 2, entries - 1, entries):
        resumed = await execute(engine, start, journal=read(write(whole.journal.until(count))))

        assert ending_of(resumed) == ending_of(whole)


@pytest.mark.parametrize("name", ["arguments", "an outcome", "levels of an outcome", "the value"])
async def test_a_patch_makes_no_answered_call_again(engine: Engine, name: str) -> None:
    """Corrected source, or another limit, goes on from the calls that were settled."""
    whole = await execute(engine, start_of(name))
    assert whole.journal is not None
    start = start_of(name)
    source = start.program.source.replace("200", "20")

    patched = await execute(
        engine,
        replace(start, program=replace(start.program, source=source)),
        replay=PatchedReplay.patch(read(write(whole.journal))),
    )

    assert patched.error is None
    assert patched.report is not None
    assert patched.report.reused[0].key.function == "f"
