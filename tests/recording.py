"""Records an execution turn by turn, and takes a record that was cut up again, comparing whatever a guest can see."""

import random
from dataclasses import dataclass, replace
from typing import Any

from sandbox import journal_text
from sandbox.calls import Calls
from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.entries import Asked, Header, Told
from sandbox.journal import Journal, asked_by, ended_by
from sandbox.limits import Limits
from sandbox.replay import ExactReplay
from sandbox.turns import Blocked, Program, Progress
from tests.play import NOW

LIMITS = Limits()
SEED = 7
_MOST_NANOSECONDS = 10**6
# Of the turns that could begin with an outcome or because it is time, one in so many begins because it is time.
_ITS_TIME = 4


@dataclass(frozen=True)
class Recorded:
    """One execution: its journal and how each turn ended, and what it takes to go on from a part of it.

    `order` decides which of several outcomes each turn is told, and when.
    """

    program: Program
    functions: dict[str, HostFunction]
    limits: Limits
    order: int
    journal: Journal
    turns: list[Progress]

    def cuts(self) -> list[int]:
        """Return after how many entries each turn ended, and each but the first began."""
        return [count for count, entry in enumerate(self.journal.entries, start=1) if isinstance(entry, Asked | Told)]


async def record(
    engine: Engine, source: str, *tasks: Any, inputs: dict[str, Any], order: int = 0, limits: Limits = LIMITS
) -> Recorded:
    """Run a program, telling it one outcome at a time, in an order that `order` decides."""
    functions = {one.name: one for one in map(HostFunction.of, tasks)}
    program = Program(source=source, functions=tuple(one.spec() for one in functions.values()))
    header = Header.of(program, engine=engine.name, engine_version=engine.version, inputs=inputs, seed=SEED, now=NOW)
    recorded = Recorded(program, functions, limits, order, Journal(header), [])
    await _lead(engine, recorded)
    return recorded


async def resume(engine: Engine, recorded: Recorded, *, cut: int) -> Recorded:
    """Take a fresh execution through the first `cut` entries of a record, and lead it on to its end.

    Raises:
        JournalDiverged: it did something else.
    """
    resumed = replace(recorded, journal=recorded.journal.until(cut), turns=[])
    await _lead(engine, resumed)
    return resumed


async def _lead(engine: Engine, recorded: Recorded) -> None:
    """Take a fresh execution through what the journal holds, and on to its end; fills the journal and the turns."""
    journal, turns = recorded.journal, recorded.turns
    # One call at a time: the order of entries is that of the calls, and not of the machine's threads.
    calls = Calls(recorded.functions, 1, journal)
    execution = engine.execution(recorded.program, limits=recorded.limits, seed=journal.header.seed)
    turns.append(await execution.start(journal.header.inputs, now=journal.header.now))
    record_so_far = ExactReplay(journal)
    while (turn := record_so_far.next(turns[-1])) is not None:
        turns.append(await execution.advance(turn.outcomes, now=turn.now))
    calls.send(await calls.take_over())
    while isinstance(blocked := turns[-1], Blocked):
        if journal.phase == "computing":
            made = await calls.bind(blocked.new_calls)
            journal.append(asked_by(blocked, made, journal))
            calls.give_up(blocked.cancelled_calls)
            calls.send([one.call.number for one in made])
        for number in journal.untold():
            await calls.wait((number,), seconds=None)
        told = _choose(blocked, journal.now, random.Random(f"{recorded.order} {len(turns)}"))  # noqa: S311
        journal.append(told)
        turns.append(await execution.advance(calls.outcomes(told.delivered), now=told.now))
    if journal.phase != "ended":
        journal.append(ended_by(turns[-1]))
    execution.close()


def _choose(blocked: Blocked, now: int, chance: random.Random) -> Told:
    """Return what the next turn begins with: the same for the same turn, whoever leads the execution there."""
    soonest = now + chance.randrange(_MOST_NANOSECONDS)
    wake_at = blocked.wake_at
    if wake_at is not None and not (blocked.waiting_for and chance.randrange(_ITS_TIME)):
        return Told(now=max(soonest, wake_at), delivered=())
    return Told(now=soonest, delivered=(chance.choice(blocked.waiting_for),))


def bits(recorded: Recorded) -> str:
    """Return all that is the same in every execution: the journal, and how each turn ended, but for measured time."""
    turns = [replace(turn, spent=replace(turn.spent, cpu_seconds=0.0)) for turn in recorded.turns]
    return f"{journal_text.write(recorded.journal)}\n{turns!r}"
