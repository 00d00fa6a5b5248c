"""`auto`: a program that the quick engine is given does there what it does in plain Python."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.choice import Engines
from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.engines.table import NAMES, make_engine
from sandbox.turns import Program
from tests.play import run
from tests.programs import FUNCTIONS, INPUTS, CorpusProgram, corpus

SPECS = tuple(HostFunction.of(one).spec() for one in FUNCTIONS)
# Fewer than it could: where words leave a doubt, the other engine runs a program.
QUICK = {
    "asynchronous/sync_inside_async", "classes/observer", "language/closures", "language/conditional_expressions",
    "language/global_state", "language/loops", "language/match_events", "library/copies", "library/random_seeded",
    "orchestration/budget", "orchestration/diff_lists", "orchestration/triage",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines() -> AsyncIterator[Engines[Engine]]:
    """Both engines, opened once for all programs."""
    made: Engines[Engine] = Engines([make_engine(name, workers=1) for name in NAMES])
    await made.open()
    yield made
    await made.close()


@pytest.mark.parametrize("program", corpus(), ids=lambda program: program.name)
@pytest.mark.asyncio(loop_scope="module")
async def test_the_chosen_engine_runs_the_program_as_plain_python_does(
    engines: Engines[Engine], program: CorpusProgram
) -> None:
    """Whoever asks for `auto` does not know which engine it is, and need not."""
    engine = await engines.chosen("auto", Program(source=program.source, functions=SPECS))
    finished = await run(engine, program.source, *FUNCTIONS, inputs=INPUTS)

    assert finished.error is None
    assert (repr(finished.value), finished.output) == (repr(program.value), program.output)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_quick_engine_is_chosen_for_some(engines: Engines[Engine]) -> None:
    """Otherwise the test above would say nothing."""
    programs = corpus()
    chosen = await asyncio.gather(
        *(engines.chosen("auto", Program(source=one.source, functions=SPECS)) for one in programs)
    )

    assert {one.name for one, engine in zip(programs, chosen, strict=True) if engine.name == "monty"} == QUICK
