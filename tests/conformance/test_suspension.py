"""Runs that wait for somebody outside: they suspend once nothing else can go on, and go on as if they never had."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from sandbox.dispatch import HostFunction
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.entries import Sent, Settled, Told
from sandbox.execute import Finished, LiveRun
from sandbox.external import Suspended
from sandbox.journal import Journal
from sandbox.journal_text import read, write
from sandbox.limits import Limits
from sandbox.start import Start
from sandbox.terms import Terms
from sandbox.turns import Failure, Outcome, Program

MADE: list[str] = []


async def ask(question: str) -> str:
    """Ask the caller."""
    raise AssertionError(question)


def add(x: int, y: int) -> int:
    """Add."""
    MADE.append(f"add {x} {y}")
    return x + y


async def slow(seconds: float) -> str:
    """Take some time."""
    await asyncio.sleep(seconds)
    MADE.append("slow")
    return "slow"


def pay(amount: int) -> str:
    """Pay, once somebody agrees."""
    MADE.append(f"pay {amount}")
    return f"paid {amount}"


FUNCTIONS = {
    one.name: one
    for one in (
        replace(HostFunction.of(ask), kind="client"),
        HostFunction.of(add),
        HostFunction.of(slow),
        HostFunction.of(pay, terms=Terms(requires_approval=True)),
    )
}


@pytest_asyncio.fixture(loop_scope="function")
async def engine() -> AsyncIterator[CPythonEngine]:
    """One worker."""
    opened = CPythonEngine(workers=1)
    await opened.open()
    MADE.clear()
    yield opened
    await opened.close()


def live(engine: CPythonEngine, source: str, journal: Journal | None = None, **how: Any) -> LiveRun:
    """Return a run that can wait."""
    program = Program(source=source, functions=tuple(one.spec() for one in FUNCTIONS.values()))
    start = Start(program=program, functions=FUNCTIONS, limits=Limits(wall_seconds=10), seed=7)
    return LiveRun(engine, start, journal=journal, can_ask=True, **how)


async def suspended(run: LiveRun) -> Suspended:
    """Drive a run until it waits."""
    progress = await run.drive()
    assert isinstance(progress, Suspended), progress
    return progress


async def ended(run: LiveRun) -> Finished:
    """Drive a run to its end."""
    progress = await run.drive()
    assert isinstance(progress, Finished), progress
    return progress


def arguments(waiting: Suspended) -> list[Mapping[str, Any]]:
    """Return what is asked."""
    return [one.arguments for one in waiting.pending]


async def test_siblings_are_announced_together_and_answered_one_by_one(engine: CPythonEngine) -> None:
    """A caller that sees one question at a time pays a round trip for each."""
    run = live(engine, 'import asyncio\nawait asyncio.gather(ask("a"), slow(0.02), ask("b"))')

    first = await suspended(run)
    run.answer(Outcome(number=3, value="B"))
    second = await suspended(run)
    run.answer(Outcome(number=1, value="A"))
    finished = await ended(run)

    assert arguments(first) == [{"question": "a"}, {"question": "b"}]
    assert arguments(second) == [{"question": "a"}]
    assert MADE == ["slow"]
    assert finished.value == ["A", "slow", "B"]


async def test_a_run_goes_on_from_the_text_of_its_journal_and_calls_nothing_again(engine: CPythonEngine) -> None:
    """A run that waits is a row of a table: the process that answers it need not be the one that began it."""
    source = 'total = add(1, 2)\nprint("so far", total)\nname = ask("who?")\n[name, add(total, 3)]'
    run = live(engine, source)
    waiting = await suspended(run)
    text = write(run.journal)
    run.park()

    resumed = live(engine, source, journal=read(text))
    again = await suspended(resumed)
    resumed.answer(Outcome(number=2, value="Ada"))
    finished = await ended(resumed)

    assert again.pending == waiting.pending
    assert (finished.value, finished.output) == (["Ada", 6], "so far 3\n")
    assert MADE == ["add 1 2", "add 3 3"]


async def test_an_answer_that_is_foretold_is_one_of_the_recorded_turns(engine: CPythonEngine) -> None:
    """What the turn begins with is kept together with the answer, before an interpreter is there to be told."""
    source = 'import asyncio\nx, y = await asyncio.gather(ask("a"), ask("b"))\n[x, add(y, 3)]'
    run = live(engine, source)
    await suspended(run)
    text = write(run.journal)
    run.park()

    one = live(engine, source, journal=read(text))
    one.answer(Outcome(number=1, value="A"))
    one.foretell()
    kept = write(one.journal)
    waiting = await suspended(one)
    other = live(engine, source, journal=read(kept))
    again = await suspended(other)
    for resumed in (one, other):
        resumed.answer(Outcome(number=2, value=4))
        resumed.foretell()
    finished = [await ended(resumed) for resumed in (one, other)]

    assert [type(entry) for entry in read(kept).entries[-2:]] == [Settled, Told]
    assert arguments(waiting) == arguments(again) == [{"question": "b"}]
    assert [one.value for one in finished] == [["A", 7]] * 2
    assert MADE == ["add 4 3", "add 4 3"]


@pytest.mark.parametrize(
    "source",
    ['x = add(1, 2)\ny = await ask("a")\nadd(x, y)', 'await ask("a")\nawait slow(0)', 'await ask("a")\n1 / 0'],
)
async def test_a_run_comes_to_the_end_of_its_journal_and_waits_with_what_is_new(
    engine: CPythonEngine, source: str
) -> None:
    """Its journal is being kept meanwhile, and that may fail: then nothing has happened."""
    run = live(engine, source)
    await suspended(run)
    text = write(run.journal)
    run.park()
    resumed = live(engine, source, journal=read(text))
    resumed.answer(Outcome(number=run.pending()[0].number, value=4))
    resumed.foretell()
    before, made, at_the_end, kept = write(resumed.journal), [*MADE], asyncio.Event(), asyncio.Event()

    async def keeping() -> None:
        at_the_end.set()
        await kept.wait()

    driven = asyncio.create_task(resumed.drive(before_news=keeping))
    await at_the_end.wait()
    waited = (write(resumed.journal), [*MADE], driven.done())
    kept.set()
    finished = await driven
    plain = live(engine, source, journal=read(before))

    assert waited == (before, made, False)
    assert isinstance(finished, Finished)
    expected = await ended(plain)
    assert (finished.value, finished.error) == (expected.value, expected.error)


async def test_what_keeps_a_run_may_refuse_it(engine: CPythonEngine) -> None:
    """As one that was held: it is told nothing and calls nothing, and its journal says so."""
    run = live(engine, 'x = await ask("a")\nadd(x, 1)')
    await suspended(run)
    run.answer(Outcome(number=1, value=4))
    before = write(run.journal)

    async def refuse() -> None:
        raise DiskFull

    with pytest.raises(DiskFull):
        await run.drive(before_news=refuse)

    assert (MADE, write(run.journal)) == ([], before)


async def test_nothing_is_foretold_while_a_call_is_to_be_made(engine: CPythonEngine) -> None:
    """It is sent first, as ever: it may be the one that takes long."""
    source = 'import asyncio\nawait asyncio.gather(ask("a"), pay.aio(1))'
    run = live(engine, source)
    await suspended(run)
    run.answer(Outcome(number=1, value="A"))
    run.approve(2)
    text = write(run.journal)
    await run.remains()

    resumed = live(engine, source, journal=read(text))
    resumed.foretell()
    before = write(resumed.journal)
    finished = await ended(resumed)

    assert before == text
    assert finished.value == ["A", "paid 1"]
    assert MADE == ["pay 1"]


async def test_a_parked_run_goes_on_in_another_execution(engine: CPythonEngine) -> None:
    """A waiting run holds no isolate for long."""
    run = live(engine, 'x = add(1, 1)\ny = ask("more?")\nx, y')
    await suspended(run)

    run.park()
    run.answer(Outcome(number=2, value="no"))
    finished = await ended(run)

    assert finished.value == (2, "no")
    assert MADE == ["add 1 1"]


async def test_a_failure_from_outside_is_raised_at_the_call(engine: CPythonEngine) -> None:
    """Programs handle a caller's failure as they handle any function's."""
    run = live(engine, 'try:\n    ask("a")\nexcept ValueError as error:\n    caught = str(error)\ncaught')
    await suspended(run)

    run.answer(Outcome(number=1, failure=Failure(type="ValueError", message="no idea", arguments=("no idea",))))

    assert (await ended(run)).value == "no idea"


async def test_an_approved_call_is_made_and_one_that_was_not_approved_is_refused(engine: CPythonEngine) -> None:
    """Nothing happens before somebody agrees."""
    source = "first = pay(1)\ntry:\n    pay(2)\nexcept PermissionError as error:\n    first += '; ' + str(error)\nfirst"
    run = live(engine, source)
    first = await suspended(run)
    assert MADE == []
    assert [(one.ask, one.arguments) for one in first.pending] == [("approval", {"amount": 1})]

    run.approve(1)
    second = await suspended(run)
    run.answer(Outcome(number=2, failure=Failure(type="PermissionError", message="no", arguments=("no",))))
    finished = await ended(run)

    assert second.pending[0].digest != first.pending[0].digest
    assert finished.value == "paid 1; no"
    assert MADE == ["pay 1"]
    assert [one.status for one in finished.calls] == ["settled", "settled"]


async def test_an_approved_call_that_a_crash_hit_is_made_after_it(engine: CPythonEngine) -> None:
    """Approved is not sent: nobody has to agree twice."""
    run = live(engine, "pay(1)")
    await suspended(run)
    run.approve(1)
    text = write(run.journal)
    await run.remains()
    assert MADE == []

    finished = await ended(live(engine, "pay(1)", journal=read(text)))

    assert finished.value == "paid 1"
    assert MADE == ["pay 1"]


async def test_a_long_sleep_suspends_and_a_short_one_does_not(engine: CPythonEngine) -> None:
    """A sleeper costs no interpreter."""
    source = "import time\ntime.sleep(0.05)\nbegan = time.time()\ntime.sleep(60)\ntime.time() - began >= 60"
    run = live(engine, source)

    waiting = await suspended(run)

    assert waiting.pending == ()
    assert waiting.wake_at is not None
    # Another process, a minute later: its clock is where this one's will be.
    began = run.journal.header.now
    resumed = live(engine, source, journal=read(write(run.journal)), now=began, since=began - 61 * 10**9)
    await run.remains()
    assert (await ended(resumed)).value is True


async def test_a_guests_own_timeout_wakes_a_run_that_waits(engine: CPythonEngine) -> None:
    """Whichever comes first: the answer, its deadline, or the time that the program gives it."""
    source = """
import asyncio
try:
    async with asyncio.timeout(0.2):
        await ask("a")
except TimeoutError:
    pass
"too late"
"""
    run = live(engine, source)
    waiting = await suspended(run)
    assert waiting.wake_at is not None
    assert waiting.wake_at < waiting.pending[0].expires_at

    while True:
        await asyncio.sleep(0.05)
        progress = await run.drive()
        if isinstance(progress, Finished):
            break

    assert progress.value == "too late"
    assert [one.status for one in progress.calls] == ["abandoned"]


async def test_time_that_a_run_waits_is_not_wall_time(engine: CPythonEngine) -> None:
    """Somebody who answers after lunch must not find the run at its limit."""
    run = live(engine, 'ask("a")')
    await suspended(run)
    used = run.used_seconds
    await asyncio.sleep(0.3)

    run.answer(Outcome(number=1, value="A"))
    finished = await ended(run)

    assert finished.usage.wall_seconds - used < 0.25


class DiskFull(Exception):
    """Nothing can be kept."""


class Disk:
    """Keeps what was written, and what had been called by then."""

    def __init__(self) -> None:
        self.written: list[tuple[int, list[str]]] = []
        self.fails_at: int | None = None

    async def write(self, journal: Journal) -> None:
        """Take another look at the journal."""
        if self.fails_at == len(self.written):
            raise DiskFull
        self.written.append((len(journal.entries), list(MADE)))


async def test_a_write_is_kept_before_it_is_sent_and_its_outcome_before_it_is_told(engine: CPythonEngine) -> None:
    """Write before telling: whatever crash comes, no call is lost and none is silently repeated."""
    run, disk = live(engine, "add(1, 2)"), Disk()
    await run.keep(disk)

    await ended(run)

    assert disk.written == [(0, []), (2, []), (4, ["add 1 2"])]
    assert isinstance(run.journal.entries[1], Sent)
    assert isinstance(run.journal.entries[2], Settled)


async def test_a_journal_that_cannot_be_kept_stops_the_run_before_the_call(engine: CPythonEngine) -> None:
    """A call that nobody would know of after a crash is not made."""
    run, disk = live(engine, "add(1, 2)"), Disk()
    await run.keep(disk)
    disk.fails_at = 1

    with pytest.raises(DiskFull):
        await run.drive()

    assert MADE == []


async def test_many_parallel_answers_cross_at_once(engine: CPythonEngine) -> None:
    """Answers of one request are one turn."""
    run = live(engine, "import asyncio\nawait asyncio.gather(*(ask(str(i)) for i in range(50)))")
    waiting = await suspended(run)
    assert [one.number for one in waiting.pending] == [*range(1, 51)]

    for one in waiting.pending:
        run.answer(Outcome(number=one.number, value=one.arguments["question"]))
    finished = await ended(run)

    assert finished.value == [str(i) for i in range(50)]
