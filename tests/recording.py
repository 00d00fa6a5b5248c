"""Records an execution turn by turn, and replays a record on another engine, comparing whatever a guest can see."""

import random
from dataclasses import dataclass, replace
from typing import Any

from sandbox.calls import Calls
from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.entries import Header, Told
from sandbox.journal import Journal, asked_by, ended_by
from sandbox.limits import Limits
from sandbox.replay import ExactReplay
from sandbox.turns import Blocked, Program, Progress
from tests.play import NOW

LIMITS = Limits()
SEED = 7


@dataclass(frozen=True)
class Recorded:
    """One execution: its journal, how each turn ended, and after how many entries each further turn began."""

    program: Program
    journal: Journal
    turns: list[Progress]
    begins: list[int]


def program_of(source: str, *tasks: Any) -> tuple[Program, dict[str, HostFunction]]:
    """Return a program, and its functions by name."""
    functions = {one.name: one for one in map(HostFunction.of, tasks)}
    return Program(source=source, functions=tuple(one.spec() for one in functions.values())), functions


async def record(
    engine: Engine, source: str, *tasks: Any, inputs: dict[str, Any], order: int = 0, limits: Limits = LIMITS
) -> Recorded:
    """Run a program, telling it one outcome at a time, in an order that `order` decides."""
    program, functions = program_of(source, *tasks)
    chance = random.Random(order)  # noqa: S311 - any order will do
    header = Header.of(program, engine=engine.name, engine_version=engine.version, inputs=inputs, seed=SEED, now=NOW)
    journal = Journal(header)
    calls = Calls(functions, 8, journal)
    execution = engine.execution(program, limits=limits, seed=SEED)
    turns = [await execution.start(inputs, now=NOW)]
    begins: list[int] = []
    while isinstance(blocked := turns[-1], Blocked):
        made = await calls.bind(blocked.new_calls)
        journal.append(asked_by(blocked, made, journal))
        calls.give_up(blocked.cancelled_calls)
        calls.send([one.call.number for one in made])
        told: tuple[int, ...] = ()
        if blocked.waiting_for:
            told = (chance.choice(blocked.waiting_for),)
            await calls.wait(told, seconds=None)
        soonest = journal.now + chance.randrange(10**6)
        journal.append(Told(now=soonest if told else max(soonest, blocked.wake_at or 0), delivered=told))
        begins.append(len(journal.entries))
        turns.append(await execution.advance(calls.outcomes(told), now=journal.now))
    await calls.abandon()
    journal.append(ended_by(turns[-1]))
    return Recorded(program, journal, turns, begins)


async def replay(engine: Engine, recorded: Recorded, *, until: int | None = None) -> list[Progress]:
    """Take a fresh execution through a record, or through the first entries and then on through the rest.

    Raises:
        JournalDiverged: it did something else.
    """
    journal = recorded.journal
    execution = engine.execution(recorded.program, limits=LIMITS, seed=SEED)
    turns = [await execution.start(journal.header.inputs, now=journal.header.now)]
    steps = [ExactReplay(journal if until is None else journal.until(until)), ExactReplay(journal)]
    if until is not None:
        while (turn := steps[0].next(turns[-1])) is not None:
            # What a journal that was cut leads to, the whole one leads to as well.
            assert turn == steps[1].next(turns[-1])
            turns.append(await execution.advance(turn.outcomes, now=turn.now))
    while (turn := steps[1].next(turns[-1])) is not None:
        turns.append(await execution.advance(turn.outcomes, now=turn.now))
    execution.close()
    return turns


def bits(turns: list[Progress]) -> str:
    """Return all that is the same in every execution: whatever was told and used, but for measured time."""
    return repr([replace(turn, spent=replace(turn.spent, cpu_seconds=0.0)) for turn in turns])
