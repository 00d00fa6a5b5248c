"""Every program of the corpus does in the guest what it does in plain Python."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.engine import Engine
from sandbox.engines.table import NAMES, make_engine
from tests.play import run
from tests.programs import FUNCTIONS, INPUTS, CorpusProgram, corpus


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=NAMES)
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Each engine, opened once for all programs."""
    engine = make_engine(request.param, workers=2)
    await engine.open()
    yield engine
    await engine.close()


@pytest.mark.parametrize("program", corpus(), ids=lambda program: program.name)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_program_does_what_it_does_in_plain_python(opened: Engine, program: CorpusProgram) -> None:
    """Models know Python and nothing else, so whatever differs is a bug of ours or a line in docs/guest-python.md."""
    finished = await run(opened, program.source, *FUNCTIONS, inputs=INPUTS)

    assert finished.error is None
    assert finished.value == program.value
    assert repr(finished.value) == repr(program.value)
    assert finished.output == program.output
