"""`auto`: a program that the quick engine is given does there what it does in plain Python."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from sandbox.choice import Engines
from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.engines.monty.screening.doubts import has_doubts
from sandbox.engines.table import NAMES, make_engine
from sandbox.turns import FunctionSpec, Program, Returned
from tests.play import Played, play_on, run
from tests.programs import FUNCTIONS, INPUTS, CorpusProgram, corpus
from tests.subset import fragments

SPECS = tuple(HostFunction.of(one).spec() for one in FUNCTIONS)
# Fewer than it could: where words leave a doubt, the other engine runs a program.
QUICK = {
    "agents/classify_subjects", "agents/compare_services", "agents/dedupe_contacts",
    "agents/escalate_in_steps", "agents/hours_billing", "agents/inventory_check", "agents/json_payloads",
    "agents/latency_report", "agents/manager_chain", "agents/merge_sources", "agents/moving_average",
    "agents/paginate_all", "agents/parallel_profiles", "agents/pivot_months", "agents/price_watch",
    "agents/reraise_with_context", "agents/revenue_by_customer", "agents/sales_vs_target", "agents/service_class",
    "agents/split_budget", "agents/tag_counts", "agents/triage_tickets", "agents/two_phase_order",
    "agents/weekly_digest", "asynchronous/gather_users", "asynchronous/sync_inside_async", "classes/observer",
    "language/closures", "language/comprehensions", "language/conditional_expressions", "language/global_state",
    "language/match_events", "library/copies", "library/random_seeded", "orchestration/budget",
    "orchestration/diff_lists", "orchestration/pivot_table", "orchestration/reconcile", "orchestration/triage",
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


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.asyncio(loop_scope="module")
async def test_programs_made_of_fragments_do_the_same_on_both(engines: Engines[Engine], seed: int) -> None:
    """Whatever words leave no doubt about. Of what fails, the words of the error may differ, and nothing before it."""
    drawn, compared = random.Random(seed), 0  # noqa: S311 - it draws programs
    usable = fragments.undoubted(lambda text: has_doubts(_program(text)))
    for _ in range(150):
        source = fragments.program(drawn, *usable)
        if (await engines.chosen("auto", _program(source))).name == "cpython":
            continue
        expected, found = [await play_on(one, source, fragments.inputs(), sync=["f"]) for one in engines.all]
        assert told(found) == told(expected), source
        compared += 1
    assert compared > 100


@pytest.mark.asyncio(loop_scope="module")
async def test_every_fragment_that_leaves_no_doubt_does_the_same_alone(engines: Engines[Engine]) -> None:
    """Beside others, what one does may be hidden: by an error, or because its value is never shown."""
    compared = 0
    for source in fragments.alone():
        if not has_doubts(_program(source)):
            expected, found = [await play_on(one, source, fragments.inputs(), sync=["f"]) for one in engines.all]
            assert told(found) == told(expected), source
            compared += 1
    assert compared > 100


def _program(source: str) -> Program:
    return Program(source=source, functions=(FunctionSpec(name="f"),))


def told(played: Played) -> Any:
    """What a program came to: its value, or that it has none; what it printed, and what it called."""
    value = repr(played.value) if isinstance(played.end, Returned) else None
    return value, played.output, [(call.function, call.args, call.line) for call in played.calls]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_quick_engine_is_chosen_for_some(engines: Engines[Engine]) -> None:
    """Otherwise the test above would say nothing."""
    programs = corpus()
    chosen = await asyncio.gather(
        *(engines.chosen("auto", Program(source=one.source, functions=SPECS)) for one in programs)
    )

    assert {one.name for one, engine in zip(programs, chosen, strict=True) if engine.name == "monty"} == QUICK
