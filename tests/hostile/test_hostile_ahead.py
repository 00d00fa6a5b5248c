"""Workers that somebody has broken out into, and that were sent turns of a replay ahead: they gain nothing by it."""

import asyncio

import pytest

from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.workers import wire
from sandbox.engines.workers.execution import WorkerExecution
from sandbox.engines.workers.wire import frame
from sandbox.errors import EngineCrashed
from sandbox.turns import Blocked, Note, Progress, Returned
from tests.hostile.impostor import (
    BLOCKED,
    FINISHED,
    FORESEEN,
    FOUND,
    LIMITS,
    NOTE,
    OUTPUT,
    PROGRAM,
    SPARE,
    STOPPED,
    TAKEN,
    Impostor,
    begin,
    blocked,
    engine_of_impostors,
    final,
    until_replaced,
    until_started,
)
from tests.play import NOW


async def foreseeing(engine: CPythonEngine, impostors: list[Impostor]) -> tuple[WorkerExecution, Progress]:
    """Return an execution whose worker was sent two turns ahead, and how its first turn ended."""
    impostors[0].honest = False
    execution = engine.execution(PROGRAM, limits=LIMITS, seed=7)
    execution.foresee(iter(FORESEEN))
    turn = asyncio.ensure_future(execution.start({}, now=NOW))
    await until_started(impostors, 1)
    impostors[0].say(frame(TAKEN, 1, SPARE) + frame(BLOCKED, 1, blocked(1)))
    return execution, await turn


async def test_ends_of_turns_that_were_sent_ahead_are_told_when_they_are_asked_for() -> None:
    """Each with what was printed and noted in it."""
    async with engine_of_impostors(1) as (engine, impostors):
        execution, _ = await foreseeing(engine, impostors)
        noted = frame(NOTE, 1, wire.note_payload("never-awaited", 2))
        impostors[0].say(frame(OUTPUT, 1, b"one") + frame(BLOCKED, 1, blocked(2)))
        impostors[0].say(noted + frame(OUTPUT, 1, b"two") + frame(FINISHED, 1, final()))
        second = await execution.advance(FORESEEN[0].outcomes, now=NOW)
        third = await execution.advance(FORESEEN[1].outcomes, now=NOW)

        assert isinstance(second, Blocked)
        assert ([call.number for call in second.new_calls], second.output, second.notes) == ([2], "one", ())
        assert isinstance(third, Returned)
        assert (third.value, third.output, third.notes) == (FOUND, "two", (Note(code="never-awaited", line=2),))


async def test_a_worker_that_goes_on_beyond_the_turns_it_was_sent_is_replaced() -> None:
    """It was sent three turns in all: a fourth end is none of our worker's."""
    async with engine_of_impostors(1) as (engine, impostors):
        await foreseeing(engine, impostors)

        impostors[0].say(frame(BLOCKED, 1, blocked(2)) + frame(BLOCKED, 1, blocked(3)))
        impostors[0].say(frame(BLOCKED, 1, blocked(4)))
        await until_replaced(impostors, 2)

        assert impostors[0].status == -9


async def test_a_worker_that_goes_on_after_it_has_said_much_is_replaced() -> None:
    """What nobody has asked for yet is kept in the engine's memory: of all turns together no more than of one."""
    async with engine_of_impostors(1) as (engine, impostors):
        execution, _ = await foreseeing(engine, impostors)
        much = blocked(2) + b" " * wire.AHEAD_BYTES

        impostors[0].say(frame(BLOCKED, 1, much) + frame(BLOCKED, 1, blocked(3)))
        await until_replaced(impostors, 2)

        assert impostors[0].status == -9
        with pytest.raises(EngineCrashed):
            await execution.advance(FORESEEN[0].outcomes, now=NOW)


async def test_a_program_that_is_closed_in_turns_that_were_sent_ahead_is_heard_no_more() -> None:
    """Its worker goes on saying what it was asked for until it has noticed, and is in order."""
    async with engine_of_impostors(1) as (engine, impostors):
        execution, _ = await foreseeing(engine, impostors)
        execution.close()

        impostors[0].say(frame(BLOCKED, 1, blocked(2)) + frame(BLOCKED, 1, blocked(3)))
        impostors[0].tell(STOPPED, 1, wire.end_payload(1, 0.1, "cancelled"))
        impostors[0].honest = True
        _, turn = begin(engine)

        assert isinstance(await turn, Returned)
        assert len(impostors) == 1
