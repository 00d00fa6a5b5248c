"""Compiled programs: run as their source does, made without running anything, refused where they do not belong."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox import GuestRaised, SourceRejected, orchestrator_from_str
from sandbox.compiled import bound, fits
from sandbox.dispatch import HostFunction
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.errors import MisuseError
from sandbox.execute import execute
from sandbox.limits import Limits
from sandbox.start import Start
from sandbox.terms import Terms
from sandbox.turns import (
    Blocked,
    FunctionSpec,
    Outcome,
    Program,
    Progress,
    Raised,
    Returned,
    Spent,
)
from tests.play import NOW

FUNCTIONS = (FunctionSpec(name="f"), FunctionSpec(name="g", is_async=True))
SOURCES = {
    "value": "x * 2",
    "sets, hashes and identities": "[sorted({'a', 'b', str(x)}), [*{'a', 'b', 'c', 'd'}], id(object()), hash('a')]",
    "calls": "import asyncio\n[f(x), *await asyncio.gather(g(1), g(2))]",
    "notes": "def main():\n    return x\n\nif __name__ == '__main__':\n    main()",
    "an exception": "def inner(n):\n    return [n][1]\n\ninner(x)",
    "a name that is not there": "y = 1\nff(x)",
    "a class": "class A:\n    def __init__(self):\n        self._n = x\n    def n(self): return self._n\nA().n()",
}
REFUSED = {
    "syntax": "x = 1\ny = (2\n",
    "policy": "import sys\nx.__class__.__subclasses__()\nprint(x.gi_frame)",
}


@pytest.fixture
async def engine() -> AsyncIterator[CPythonEngine]:
    """An engine."""
    opened = CPythonEngine(workers=2)
    await opened.open()
    yield opened
    await opened.close()


async def compiled(engine: CPythonEngine, program: Program) -> Program:
    """Return the program with its compiled code."""
    made = await engine.compile(program, limits=Limits())
    assert made.code is not None, made.error
    return replace(program, compiled=made.code)


async def play(engine: CPythonEngine, program: Program) -> list[Progress]:
    """Run a program; every call is answered with its argument."""
    execution = engine.execution(program, limits=Limits(), seed=7)
    turns = [await execution.start({"x": 21}, now=NOW)]
    known: dict[int, Any] = {}
    while isinstance(blocked := turns[-1], Blocked):
        known |= {call.number: call.args[0] for call in blocked.new_calls}
        outcomes = [Outcome(number=number, value=known[number]) for number in blocked.waiting_for]
        turns.append(await execution.advance(outcomes, now=NOW))
    return turns


def told(turns: list[Progress]) -> list[Progress]:
    """Return what a run told, without what it used."""
    return [replace(turn, spent=Spent()) for turn in turns]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
async def test_compiled_code_tells_what_its_source_tells(engine: CPythonEngine, source: str) -> None:
    """Values, calls, notes, and of errors the lines, the quoted source and the hints; identities may differ."""
    program = Program(source=source.replace("id(object())", "0"), functions=FUNCTIONS)

    from_code = await play(engine, await compiled(engine, program))

    assert told(from_code) == told(await play(engine, program))


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
async def test_every_run_of_compiled_code_is_the_same(engine: CPythonEngine, source: str) -> None:
    """Fuel, order and identities: in whichever worker, from whichever compilation."""
    programs = [await compiled(engine, Program(source=source, functions=FUNCTIONS)) for _ in range(2)]

    runs = [await play(engine, program) for program in programs for _ in range(3)]

    assert programs[0] == programs[1]
    assert [(told(run), run[-1].spent.fuel) for run in runs] == [(told(runs[0]), runs[0][-1].spent.fuel)] * 6


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
async def test_compiling_reports_what_running_would(engine: CPythonEngine, source: str) -> None:
    """All violations, with their places."""
    program = Program(source=source)

    made = await engine.compile(program, limits=Limits())
    (ran,) = await play(engine, program)

    assert isinstance(ran, Raised)
    assert (made.code, made.error) == (None, ran.error)


async def test_compiling_runs_nothing(engine: CPythonEngine) -> None:
    """Not even a loop without end; and no function is called."""
    made = await engine.compile(Program(source="f(1)\nwhile True: pass", functions=FUNCTIONS), limits=Limits())

    assert made.error is None
    assert made.code is not None


async def test_compiling_is_bounded(engine: CPythonEngine) -> None:
    """Source that is too long, or that the parser needs too much for."""
    long = await engine.compile(Program(source="x = 1\n" * 100), limits=Limits(source_bytes=100))
    costly = await engine.compile(Program(source="x = [1, 2]\n" * 5_000), limits=Limits(fuel=1_000_000))

    assert [one.error and one.error.message for one in (long, costly)] == [
        "compiling the program reached the limit source_bytes of 100",
        "compiling the program reached the limit fuel of 1,000,000",
    ]


async def test_compiled_code_is_refused_where_it_does_not_belong(engine: CPythonEngine) -> None:
    """Another guest, tenant, policy, whitelist or source; and a text that is not what was made."""
    program = await compiled(engine, Program(source="x * 2", functions=FUNCTIONS, tenant="one"))
    assert program.compiled is not None
    others = [
        replace(program, tenant="two"),
        replace(program, guarded=False),
        replace(program, functions=()),
        replace(program, source="x * 3"),
        replace(program, compiled=replace(program.compiled, text=program.compiled.text[:-4])),
        replace(program, compiled=bound(program.compiled.text, program, engine_version="3.14.0+sha256:0")),
    ]

    for other in others:
        with pytest.raises(MisuseError, match="compile it again"):
            await play(engine, other)
    assert fits(program.compiled, program, engine_version=engine.version)


@pytest.mark.parametrize(
    "poison",
    ["", "!", "AAAA", base64.b64encode(b"\xe3" * 2_000).decode(), base64.b64encode(b"c" + b"\xff" * 400).decode()],
)
async def test_text_that_no_guest_wrote_ends_its_own_isolate(engine: CPythonEngine, poison: str) -> None:
    """Whoever can bind a text of his own has what a program has; the next one is none the worse for it."""
    program = Program(source="x * 2")
    forged = replace(program, compiled=bound(poison, program, engine_version=engine.version))

    (ended,) = await play(engine, forged)
    (after,) = await play(engine, program)

    assert isinstance(ended, Raised)
    assert (ended.error.kind, ended.error.type) == ("runtime", "InterpreterAborted")
    assert isinstance(after, Returned)
    assert after.value == 42


async def test_a_program_is_compiled_to_the_same_text_whoever_compiles_it(engine: CPythonEngine) -> None:
    """A journal names the program and the build of the guest, not the code: the two decide it."""
    padding = "\n".join(f"def unused_{n}(a, b=({n}, 'x')):\n    return {{a: {n}, 'b': b}}" for n in range(40))
    sources = [*SOURCES.values(), f"{padding}\nx"]
    other = CPythonEngine(workers=1)
    await other.open()

    for source in sources:
        program = Program(source=source, functions=FUNCTIONS)
        await play(other, program)
        made = {(await compiled(one, program)).compiled for one in (engine, engine, other)}
        assert len(made) == 1
    await other.close()


async def test_code_that_its_program_does_not_compile_to_is_found_when_a_run_goes_on(engine: CPythonEngine) -> None:
    """Whoever can write to where code is kept can put another one there; the journal does not fit it."""
    function = HostFunction.of(lambda x: x, name="f", terms=Terms(effect="read"))
    program = Program(source="f(1)\nf(2)", functions=(function.spec(),))
    foreign = await compiled(engine, replace(program, source="f(1)\nf(3)"))
    assert foreign.compiled is not None
    put_there = replace(program, compiled=bound(foreign.compiled.text, program, engine_version=engine.version))
    start = Start(program=await compiled(engine, program), functions={"f": function}, seed=7)
    whole = await execute(engine, start)
    assert whole.journal is not None

    resumed = await execute(engine, replace(start, program=put_there), journal=whole.journal)

    assert resumed.error is not None
    assert (resumed.error.kind, resumed.error.type) == ("divergence", "JournalDiverged")


def test_a_template_runs_from_compiled_code_from_its_first_run_on() -> None:
    """Fuel that parsing would use up is enough for each of its runs."""
    padding = "\n".join(f"def unused_{n}(a, b):\n    return [a * {n}, b]" for n in range(60))
    template = orchestrator_from_str(f"{padding}\nx * 2", inputs={"x": int}, output=int, limits={"fuel": 6_000_000})

    assert [template(x=n) for n in (1, 2, 3)] == [2, 4, 6]


async def test_first_runs_at_once_are_all_answered() -> None:
    """Each may compile; they make the same."""
    template = orchestrator_from_str("x * 2", inputs={"x": int}, output=int)

    assert await asyncio.gather(*(template.aio(x=n) for n in range(8))) == [n * 2 for n in range(8)]


def test_errors_of_a_template_are_those_of_its_source() -> None:
    """Refused where the template is made; raised with line and source at each run."""
    with pytest.raises(SourceRejected, match=r"^syntax: invalid syntax\n  line 1: 1 \+$"):
        orchestrator_from_str("1 +", inputs={}, output=int)
    raising = orchestrator_from_str("x = 1\n[x][2]", inputs={}, output=int)

    for _ in range(2):
        with pytest.raises(GuestRaised) as caught:
            raising()
        assert str(caught.value) == "IndexError: list index out of range\n  line 2: [x][2]"
