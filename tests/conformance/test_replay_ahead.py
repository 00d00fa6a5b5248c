"""Replays whose turns an engine takes before it is asked for them: nobody can tell."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.entries import Asked, Entry, Settled
from sandbox.execute import Finished, execute
from sandbox.journal import Journal
from sandbox.journal_text import read, write
from sandbox.limits import Limits
from sandbox.start import Start
from sandbox.terms import Terms
from sandbox.turns import Blocked, FunctionSpec, Outcome, Program, Turn
from tests.play import NOW, counted

# Among light turns some that are not: arguments and results that are large, and hours of sleep.
MIXED = """\
import asyncio
found = []
for n in range(90):
    if n % 20 == 7:
        found.append(len(await give("a" * 80_000, 2)))
    elif n % 20 == 13:
        found.append(len(await give("b", 70_000)))
    elif n % 20 == 17:
        await asyncio.sleep(0.001)
    else:
        found += await asyncio.gather(give(n, 1), give(-n, 1))
    print(n)
found
"""
COUNTING = "for n in range(1, 31):\n    give(n, 1)\n'done'"
ENDLESS = (
    "async def main():\n    await give(1, 1)\n    while await give(2, 1): pass\n    while True: pass\nawait main()"
)


async def give(value: Any, times: int) -> Any:
    """Return what it is given, so many times."""
    return value * times


FUNCTIONS = {"give": HostFunction.of(give, terms=Terms(effect="read"))}


def start_of(source: str, **limits: float) -> Start:
    """Return a program that calls `give`."""
    program = Program(source=source, functions=(FunctionSpec(name="give", is_async=True),))
    return Start(program=program, functions=FUNCTIONS, limits=Limits(**limits), seed=7)  # type: ignore[arg-type]


def kept(finished: Finished) -> Journal:
    """Return the journal of a run as it is read back."""
    assert finished.journal is not None
    return read(write(finished.journal))


def seen(finished: Finished) -> tuple[Any, ...]:
    """Return what a run did."""
    return finished.value, finished.error, finished.output, [*map(_call, finished.calls)]


def _call(call: Any) -> tuple[Any, ...]:
    return call.number, call.arguments, call.status, call.value


async def test_light_and_heavy_turns_are_replayed_as_they_were(engine: Engine) -> None:
    """Values, text and calls; fuel as well, where the record goes to the end: later turns have a time of their own."""
    whole = await execute(engine, start_of(MIXED))
    assert whole.error is None
    journal = kept(whole)
    count = len(journal.entries)

    again = [await execute(engine, start_of(MIXED), journal=journal.until(end)) for end in (count, count - 1)]
    halfway = await execute(engine, start_of(MIXED), journal=journal.until(count // 2))

    assert [*map(seen, again)] == [seen(whole)] * 2
    assert [one.usage.fuel for one in again] == [whole.usage.fuel] * 2
    assert seen(halfway) == seen(whole)


async def test_a_program_that_does_something_else_is_told_where(engine: Engine) -> None:
    """Turn and calls are those of the first difference, though the program has gone on beyond it."""
    journal = kept(await execute(engine, start_of(COUNTING)))

    def other(entry: Entry) -> Entry:
        if not isinstance(entry, Asked) or entry.calls[0].call.number != 10:
            return entry
        return replace(entry, calls=(replace(entry.calls[0], call=replace(entry.calls[0].call, args=(99, 1))),))

    changed = Journal.of(journal.header, [*map(other, journal.entries[:-1])])
    finished = await execute(engine, start_of(COUNTING), journal=changed)

    assert finished.error is not None
    assert (finished.error.kind, finished.error.message) == (
        "divergence",
        "the program did not do what it had done: turn 10 of the replay differs: "
        "recorded call 10 give(99, 1), observed call 10 give(10, 1)",
    )


async def test_a_program_that_computes_in_a_turn_that_it_was_sent_is_stopped(engine: Engine) -> None:
    """As soon as anywhere else, and its last words are heard."""
    start = start_of(ENDLESS, fuel=10**15, cpu_seconds=30)
    execution = engine.execution(start.program, limits=start.limits, seed=7)
    turns = [
        Turn(now=NOW + number, outcomes=(Outcome(number=number, value=value),))
        for number, value in enumerate([1, 1, 0], 1)
    ]
    execution.foresee(iter(turns))
    progress = await execution.start({}, now=NOW)
    for turn in turns[:-1]:
        assert isinstance(progress, Blocked)
        progress = await execution.advance(turn.outcomes, now=turn.now)
    last = asyncio.ensure_future(execution.advance(turns[-1].outcomes, now=turns[-1].now))
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        cut = await execution.stop()

    assert cut is not None
    assert counted(cut.spent.fuel) > counted(progress.spent.fuel)
    with pytest.raises(asyncio.CancelledError):
        await last


async def test_the_processor_time_of_turns_that_were_sent_ahead_counts(engine: Engine) -> None:
    """A program that computes for too long ends by its limit in whatever turn it does."""
    start = start_of(ENDLESS, fuel=10**15, cpu_seconds=0.1)
    journal = kept(await execute(engine, start))

    def endless(entry: Entry) -> Entry:
        return (
            Settled(outcome=Outcome(number=2, value=0)) if isinstance(entry, Settled) and entry.number == 2 else entry
        )

    entries = [*map(endless, journal.entries[:8])]
    finished = await execute(engine, start, journal=Journal.of(journal.header, entries))

    assert finished.error is not None
    assert finished.error.message == "the program reached the limit cpu_seconds of 0.1"
