"""Isolates that are kept: what a run finds of the one before, whose isolate it may get, and which are thrown away."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox.compiled import bound
from sandbox.dispatch import HostFunction
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.execute import Finished, execute
from sandbox.journal import Journal
from sandbox.limits import MIB, Limits
from sandbox.start import Start
from sandbox.turns import Program, Reuse
from tests.play import NOW, counted

TERMS = Reuse(owner="shop", fewest=1, most=2, idle_seconds=600, scaledown_seconds=600)
LIMITS = Limits()
# What a module keeps tells whether anything ran in the isolate before.
MARKING = """
import calendar
before = calendar.firstweekday()
calendar.setfirstweekday(mark)
before
"""
FRESH = 0


@pytest.fixture
async def engine() -> AsyncIterator[CPythonEngine]:
    """One worker, so that every run could find the isolate of every other."""
    opened = CPythonEngine(workers=1)
    await opened.open()
    yield opened
    await opened.close()


async def run(engine: CPythonEngine, program: Program, *, limits: Limits = LIMITS, **inputs: Any) -> Finished:
    """Run a program once."""
    return await execute(engine, Start(program=program, inputs=inputs, limits=limits, seed=7), now=NOW)


def marking(**changes: Any) -> Program:
    """Return the program that leaves a mark."""
    return replace(Program(source=MARKING, reuse=TERMS), **changes)


async def test_modules_keep_their_state_from_run_to_run_of_one_program(engine: CPythonEngine) -> None:
    """That is what is reused, beside the program's compiled code."""
    compilation = await engine.compile(marking(), limits=LIMITS)
    compiled = marking(compiled=compilation.code)

    assert [(await run(engine, compiled, mark=mark)).value for mark in (1, 2, 3)] == [FRESH, 1, 2]
    assert [(await run(engine, marking(), mark=mark)).value for mark in (4, 5)] == [FRESH, 4]


OF_A_RUN = """
import asyncio, datetime, decimal, random, time, uuid
found = [name for name in ("left", "given") if name in globals()]
left = 1
class Left:
    def __init__(self): self.me = self
    def __del__(self): print("gone")
loose = Left()
async def wait(): await asyncio.sleep(0)
await wait()
drawn = [random.random(), str(uuid.uuid4()), decimal.getcontext().prec, time.time(), len(sorted(vars()))]
decimal.getcontext().prec = 5
print("line")
found + drawn
"""


async def test_what_a_run_has_of_its_own_is_new_each_time(engine: CPythonEngine) -> None:
    """Names, random numbers, context, clock, output: the second run gives what the first gave."""
    program = Program(source=OF_A_RUN, reuse=TERMS, guarded=False)
    first, second = [await run(engine, program) for _ in "12"]

    assert first.error is None
    assert first.value == second.value
    assert first.output == second.output == "line\ngone\n"
    assert first.notes == second.notes
    assert second.usage.memory_bytes == first.usage.memory_bytes
    assert 0 < counted(second.usage.fuel) < counted(first.usage.fuel)


CALLING = """
import asyncio
seen = [ask(1)]
try:
    ask(-1)
except ValueError as error:
    seen.append(str(error))
seen + await asyncio.gather(later(2), later(3))
"""


async def test_calls_are_numbered_and_answered_anew(engine: CPythonEngine) -> None:
    """What the run before asked for, and was told, is over."""

    def ask(n: int) -> int:
        if n < 0:
            raise ValueError("no")
        return n

    async def later(n: int) -> int:
        return n

    functions = {one.name: one for one in map(HostFunction.of, (ask, later))}
    specs = tuple(one.spec() for one in functions.values())
    start = Start(
        program=Program(source=CALLING, functions=specs, reuse=TERMS), functions=functions, limits=LIMITS, seed=7
    )
    runs = [await execute(engine, start) for _ in "123"]

    assert [one.value for one in runs] == [[1, "no", 2, 3]] * 3
    assert [[call.number for call in one.calls] for one in runs] == [[1, 2, 3, 4]] * 3


LEAVING = """
class Left:
    def __init__(self): self.me = self
    def __del__(self): tell("gone")
Left()
tell("here")
"""


async def test_what_a_run_leaves_ends_with_it(engine: CPythonEngine) -> None:
    """An object of the run before would make its calls in the name of the next."""
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)

    function = HostFunction.of(tell)
    program = Program(source=LEAVING, functions=(function.spec(),), guarded=False, reuse=TERMS)
    start = Start(program=program, functions={"tell": function}, limits=LIMITS, seed=7)
    runs = [await execute(engine, start) for _ in "12"]

    assert [one.error for one in runs] == [None, None]
    assert told == ["here", "gone"] * 2
    assert [[call.number for call in one.calls] for one in runs] == [[1, 2]] * 2


OTHERS = {
    "owner": {"reuse": replace(TERMS, owner="other")},
    "tenant": {"tenant": "other"},
    "source": {"source": MARKING + "# other\nbefore"},
    "policy": {"guarded": False},
    "stack depth": {"stack_depth": 100},
    "not reused": {"reuse": None},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
async def test_an_isolate_serves_nobody_else(engine: CPythonEngine, other: dict[str, Any]) -> None:
    """Neither another tenant, nor another template with the same source, nor another program of the same template."""
    await run(engine, marking(), mark=3)
    values = [(await run(engine, marking(**other), mark=4)).value for _ in "12"]

    assert values[0] == FRESH
    assert values[1] == (FRESH if other.get("reuse", TERMS) is None else 4)
    assert (await run(engine, marking(), mark=5)).value == 3


async def test_an_isolate_keeps_the_memory_limit_that_it_was_made_under(engine: CPythonEngine) -> None:
    """Memory never shrinks, so a smaller limit could be exceeded already."""
    await run(engine, marking(), mark=3)

    assert (await run(engine, marking(), limits=Limits(memory_bytes=40 * MIB), mark=4)).value == FRESH


ENDINGS = {
    "fuel": ("while True: pass", {"fuel": 10**8}),
    "output": ("while True: print('x' * 1000)", {}),
    "memory": ("x = bytearray(10**9)", {}),
    "stack": ("deep = []\nfor _ in range(300_000): deep = [deep]\nrepr(deep)", {}),
    "much memory": ("x = bytearray(30_000_000)\n0", {}),
}


@pytest.mark.parametrize(("ending", "limits"), ENDINGS.values(), ids=ENDINGS.keys())
async def test_an_isolate_whose_run_was_cut_off_is_thrown_away(
    engine: CPythonEngine, ending: str, limits: dict[str, float]
) -> None:
    """Nobody knows what it was in the middle of; nor does one go on that has little memory left."""
    program = marking(source=MARKING.replace("\nbefore\n", "\n") + "if mark == 6:\n    exec_me\nbefore")
    source = program.source.replace("exec_me", ending.replace("\n", "\n    "))
    program = replace(program, source=source)
    bounds = Limits(**limits)  # type: ignore[arg-type]
    values = [(await run(engine, program, limits=bounds, mark=mark)).value for mark in (2, 6, 3, 4)]

    assert values == [FRESH, 2 if ending.startswith("x = bytearray(30") else None, FRESH, 3]


async def test_an_exception_of_the_program_does_not_cost_the_isolate(engine: CPythonEngine) -> None:
    """The program ended by itself, and nothing of it is left."""
    program = marking(source=MARKING + "1 / (mark - 2)\nbefore")
    runs = [await run(engine, program, mark=mark) for mark in (1, 2, 3)]

    assert [one.value for one in runs] == [FRESH, None, 2]
    assert runs[1].error is not None
    assert runs[1].error.type == "ZeroDivisionError"
    assert runs[1].error.traceback[0].source == "1 / (mark - 2)"


async def test_no_more_runs_are_under_way_than_there_may_be_isolates(engine: CPythonEngine) -> None:
    """The others wait, and get the isolates of those that have ended."""
    under_way: list[int] = []
    most: list[int] = []
    may_end = asyncio.Event()

    async def hold(n: int) -> int:
        under_way.append(n)
        most.append(len(under_way))
        if len(most) == TERMS.most:
            may_end.set()
        await may_end.wait()
        under_way.remove(n)
        return n

    function = HostFunction.of(hold)
    program = Program(source=MARKING + "hold(mark)\nbefore", functions=(function.spec(),), reuse=TERMS)
    starts = [
        Start(program=program, inputs={"mark": mark}, functions={"hold": function}, limits=LIMITS, seed=7)
        for mark in range(1, 7)
    ]
    runs = await asyncio.gather(*(execute(engine, one) for one in starts))

    assert max(most) == TERMS.most
    assert [one.value for one in runs].count(FRESH) == TERMS.most
    assert len(engine._pools) == TERMS.most


async def test_a_run_that_is_given_up_leaves_no_isolate(engine: CPythonEngine) -> None:
    """Neither one that computes, nor one that waits for an isolate; those behind them go on."""
    terms = replace(TERMS, most=1)
    endless = marking(reuse=terms, source=MARKING + "while mark == 6: pass\nbefore")
    bounds = Limits(fuel=10**13)
    computing, waiting, last = (
        asyncio.create_task(run(engine, endless, limits=bounds, mark=mark)) for mark in (6, 6, 3)
    )
    while not engine.computing():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    waiting.cancel()
    computing.cancel()
    await asyncio.gather(computing, waiting, return_exceptions=True)

    assert (await last).value == FRESH
    assert (await run(engine, endless, limits=bounds, mark=4)).value == 3


async def test_a_worker_that_dies_takes_its_isolates_with_it_and_no_run(engine: CPythonEngine) -> None:
    """The run under way goes on in an isolate in which nothing has run; no call is made twice."""
    made: list[int] = []

    async def step(n: int) -> int:
        made.append(n)
        if n == 2:
            for process in engine.processes():
                os.kill(process, signal.SIGKILL)
        return n

    function = HostFunction.of(step)
    source = MARKING.replace("\nbefore\n", "\n[before] + [step(n) for n in range(mark)]\n")
    program = Program(source=source, functions=(function.spec(),), reuse=TERMS)
    starts = [
        Start(program=program, inputs={"mark": mark}, functions={"step": function}, limits=LIMITS, seed=7)
        for mark in (1, 4, 2, 2)
    ]
    values = [(await execute(engine, one)).value for one in starts]

    assert values == [[FRESH, 0], [FRESH, 0, 1, 2, 3], [FRESH, 0, 1], [2, 0, 1]]
    assert made == [0, 0, 1, 2, 3, 0, 1, 0, 1]


async def test_the_journal_of_a_reused_run_is_gone_on_with_by_the_keys_of_its_calls(engine: CPythonEngine) -> None:
    """Fuel is not compared: it depends on what ran there before."""
    made: list[int] = []

    def step(n: int) -> int:
        made.append(n)
        return n

    function = HostFunction.of(step)
    program = Program(source="[step(n) for n in range(3)]", functions=(function.spec(),), reuse=TERMS)
    start = Start(program=program, functions={"step": function}, limits=LIMITS, seed=7)
    first = await execute(engine, start)
    again = await execute(engine, start)
    assert isinstance(again.journal, Journal)
    replayed = await execute(engine, start, journal=again.journal)

    assert counted(again.usage.fuel) < counted(first.usage.fuel)
    assert replayed.value == [0, 1, 2]
    assert made == [0, 1, 2] * 2


async def test_code_that_was_not_compiled_here_is_not_taken_over(engine: CPythonEngine) -> None:
    """What is compiled for another program is refused as ever, whether isolates are kept or not."""
    await run(engine, marking(), mark=3)
    other = replace(marking(), compiled=bound("text", Program(source="1"), engine_version=engine.version))

    with pytest.raises(Exception, match="the compiled code is of another program"):
        await run(engine, other, mark=4)
