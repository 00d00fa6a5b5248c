"""Patch and continue on the real engine: what was told is told again, what changed is asked for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest_asyncio

from sandbox.dispatch import HostFunction
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.execute import Finished, execute
from sandbox.journal import Journal
from sandbox.journal_text import read, write
from sandbox.limits import Limits
from sandbox.patched import PatchedReplay, PatchReport
from sandbox.preview import preview
from sandbox.start import Start
from sandbox.terms import Terms
from sandbox.turns import Outcome, Program, Returned

CALLS: list[str] = []
FIRST = """
import asyncio, time
user = await find("ada")
began = time.time()
left, right = await asyncio.gather(load("left", user), load("right", user))
time.sleep(2)
total = add(left, right)
print(total, time.time() - began >= 2)
total / 0
"""


async def find(name: str) -> int:
    """Return a number."""
    CALLS.append(f"find {name}")
    return len(name)


async def load(side: str, user: int) -> int:
    """Return a number; the left one is there later."""
    CALLS.append(f"load {side}")
    await asyncio.sleep(0.02 if side == "left" else 0)
    return user + len(side)


def add(x: int, y: int) -> int:
    """Add."""
    CALLS.append(f"add {x} {y}")
    return x + y


FUNCTIONS = {one.name: one for one in map(HostFunction.of, (find, load, add))}


@pytest_asyncio.fixture(loop_scope="function")
async def engine() -> AsyncIterator[CPythonEngine]:
    """One worker."""
    opened = CPythonEngine(workers=1)
    await opened.open()
    CALLS.clear()
    yield opened
    await opened.close()


def program(source: str) -> Program:
    """Return a program that may call all functions."""
    return Program(source=source, functions=tuple(one.spec() for one in FUNCTIONS.values()))


def start(source: str, functions: Mapping[str, HostFunction] = FUNCTIONS) -> Start:
    """Return what a run of a source starts with."""
    return Start(program=program(source), functions=functions, limits=Limits(wall_seconds=10), seed=7)


async def run(engine: CPythonEngine, source: str, **how: Any) -> Finished:
    """Run a program."""
    return await execute(engine, start(source), **how)


def counts(report: PatchReport | None) -> dict[str, int]:
    """Return how many calls there are of each kind."""
    assert report is not None
    lists = {name: len(getattr(report, name)) for name in ("reused", "again", "unknown", "new", "dropped")}
    return {name: count for name, count in lists.items() if count}


async def failed(engine: CPythonEngine) -> Journal:
    """Run the first program, which fails; return its journal as a store gives it back."""
    finished = await run(engine, FIRST)
    assert finished.error is not None
    assert finished.error.type == "ZeroDivisionError"
    assert sorted(CALLS) == ["add 7 8", "find ada", "load left", "load right"]
    CALLS.clear()
    assert finished.journal is not None
    return read(write(finished.journal))


async def test_an_edited_line_makes_no_call_again_and_waits_for_nothing(engine: CPythonEngine) -> None:
    """The two seconds of sleep were slept; at the recorded times they are over at once."""
    journal = await failed(engine)

    async with asyncio.timeout(1.5):
        patched = await run(engine, FIRST.replace("total / 0", "total / 3"), replay=PatchedReplay.patch(journal))

    assert (patched.error, patched.value, patched.output) == (None, 5.0, "15 True\n")
    assert CALLS == []
    assert counts(patched.report) == {"reused": 4}


async def test_siblings_that_change_places_get_their_own_answers(engine: CPythonEngine) -> None:
    """By position, left would be right."""
    journal = await failed(engine)
    swapped = FIRST.replace("left, right =", "right, left =").replace(
        'load("left", user), load("right", user)', 'load("right", user), load("left", user)'
    )

    patched = await run(engine, swapped.replace("total / 0", "[left, right]"), replay=PatchedReplay.patch(journal))

    assert (patched.error, patched.value) == (None, [7, 8])
    assert CALLS == []


async def test_an_inserted_and_a_removed_call_are_reported(engine: CPythonEngine) -> None:
    """The new one is made, the others are not; nothing that was told is lost behind the difference."""
    journal = await failed(engine)
    changed = """
import asyncio
user = find("ada")
extra = find("grace")
left = load("left", user)
add(left, extra), add(7, 8)
"""

    patched = await run(engine, changed, replay=PatchedReplay.patch(journal))

    assert (patched.error, patched.value) == (None, (12, 15))
    assert CALLS == ["find grace", "add 7 5"]
    assert counts(patched.report) == {"reused": 3, "new": 2, "dropped": 1}
    assert patched.report is not None
    assert [(one.key.function, one.line, one.recorded, one.number) for one in patched.report.dropped] == [
        ("load", 5, 3, None)
    ]


async def test_a_dry_run_reports_and_calls_nothing(engine: CPythonEngine) -> None:
    """It runs on the recorded answers as far as they lead."""
    journal = await failed(engine)

    edited = await preview(engine, start(FIRST.replace("/ 0", "/ 3")), PatchedReplay.patch(journal))
    longer = await preview(engine, start('find("ada")\nfind("bob")\nadd(7, 8)'), PatchedReplay.patch(journal))

    assert CALLS == []
    assert isinstance(edited.end, Returned)
    assert (edited.end.value, counts(edited.report)) == (5.0, {"reused": 4})
    assert (longer.end, counts(longer.report)) == (None, {"reused": 1, "new": 1, "dropped": 3})


async def test_a_fork_changes_one_answer(engine: CPythonEngine) -> None:
    """What was told before stays, what depends on it is asked for."""
    journal = await failed(engine)

    forked = await run(engine, FIRST, replay=PatchedReplay.fork(journal, Outcome(number=2, value=100)))

    assert forked.output == "108 True\n"
    assert CALLS == ["add 100 8"]


UNSURE = """
try:
    result = add(1, 2)
except OutcomeUnknown as error:
    result = [str(error), error.hint]
result, load("left", 1)
"""


async def test_a_write_whose_outcome_is_not_known_raises_in_the_program(engine: CPythonEngine) -> None:
    """A crash between sending and settling: nobody repeats a write in silence, a read is made again."""
    finished = await run(engine, UNSURE)
    assert finished.journal is not None
    CALLS.clear()
    sent = next(n for n, entry in enumerate(finished.journal.entries) if entry.kind == "sent")

    resumed = await run(engine, UNSURE, journal=read(write(finished.journal.until(sent + 1))))

    assert finished.value == (3, 5)
    assert resumed.value == (
        [
            "add() was called, and it is not known what became of it; it was not called again",
            "find out with another function whether it took effect, or catch OutcomeUnknown",
        ],
        5,
    )
    assert CALLS == ["load left"]
    assert [one.status for one in resumed.calls] == ["outcome_unknown", "settled"]


async def test_a_run_goes_on_from_its_journal_wherever_it_was_cut(engine: CPythonEngine) -> None:
    """The process died after any entry: what was settled is not repeated, and the end is the same."""
    source = FIRST.replace("time.sleep(2)", "time.sleep(0.01)").replace("/ 0", "/ 3").replace(">= 2", ">= 0")
    whole = await run(engine, source)
    assert whole.journal is not None
    repeatable = {name: HostFunction.of(one.call, terms=Terms(effect="read")) for name, one in FUNCTIONS.items()}

    for count in range(len(whole.journal.entries) + 1):
        CALLS.clear()
        left = read(write(whole.journal.until(count)))
        settled = Counter(entry.kind for entry in left.entries)["settled"]

        resumed = await execute(engine, replace(start(source, repeatable), seed=0), journal=left)

        assert (count, resumed.error, resumed.value, resumed.output) == (count, None, 5.0, "15 True\n")
        assert len(CALLS) == 4 - settled
        assert left.phase == "ended"


async def test_a_journal_of_another_build_of_the_guest_is_matched_by_key(engine: CPythonEngine) -> None:
    """Fuel is not compared there; the run goes on in a journal of its own."""
    source = FIRST.replace("/ 0", "/ 3")
    whole = await run(engine, source)
    assert whole.journal is not None
    CALLS.clear()
    text = write(whole.journal.until(len(whole.journal.entries) - 1)).replace(engine.version, "3.14.0+sha256:old")

    resumed = await run(engine, source, journal=read(text.replace('"fuel":', '"fuel":1')))

    assert (resumed.error, resumed.value) == (None, 5.0)
    assert CALLS == []
    assert resumed.journal is not None
    assert resumed.journal.header.engine_version == engine.version


async def test_a_program_that_does_something_else_than_its_journal_says_ends_as_a_divergence(
    engine: CPythonEngine,
) -> None:
    """With the recorded and the observed call side by side."""
    whole = await run(engine, "find('ada')\nfind('bob')")
    assert whole.journal is not None

    diverged = await run(
        engine, "find('ada')\nfind('bob')", journal=read(write(whole.journal).replace('[["bob"]', '[["eve"]'))
    )

    assert diverged.error is not None
    assert diverged.error.kind == "divergence"
    assert diverged.error.message == (
        "the program did not do what it had done: turn 2 of the replay differs: "
        'recorded call 2 find("eve"), observed call 2 find("bob")'
    )
