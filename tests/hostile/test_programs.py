"""Runs every program of `programs/`, a file per family: what happens is written below each, to the letter.

A program begins after `=== name (limits)` and ends before `---`; then stands how it ended and, if it printed, what.
"""

import json
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from sandbox.engine import Engine
from sandbox.engines.table import NAMES, make_engine
from sandbox.turns import LimitExceeded, Raised, Returned
from tests.on_monty import note_end
from tests.play import Played, play_on

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Little fuel and more processor time than it takes: a program that does not end has the same end on every machine.
LIMITS: dict[str, Any] = {"fuel": 500_000_000, "cpu_seconds": 60}
CANARY = """
import asyncio, collections, datetime, decimal, json, random, re, uuid
class Row:
    def __init__(self, n): self._n = n
    def __repr__(self): return f"Row({self._n!r})"
async def both(): return await asyncio.gather(g(1), g(2))
print("canary", Row(1), ".")
[random.random(), str(uuid.uuid4()), json.dumps({"a": [1, None]}), re.sub("a", "b", "banana"), asyncio.run(both()),
 f("called"), "{0.real:>3}".format(5), {"a", "b", "c"} == set("abc"), list({"x", "y", "z"}), hash("text"), id([]),
 decimal.Decimal("1.10") + 1, datetime.date(2026, 1, 1).isoformat(), [*collections.Counter("aab").items()],
 repr(json), decimal.getcontext().prec, dir(collections.abc)[:3]]
"""

# Of what the other engine has.
QUICK_CANARY = """
import asyncio, datetime, decimal, json, random, re
class Row:
    def __init__(self, n):
        self._n = n
    def __repr__(self):
        return f"Row({self._n!r})"
async def both():
    return await asyncio.gather(g(1), g(2))
print("canary", Row(1), ".")
[random.random(), json.dumps({"a": [1, None]}), re.sub("a", "b", "banana"), asyncio.run(both()), f("called"),
 {"a", "b", "c"} == set("abc"), list({"x", "y", "z"}), hash("text"), id([]), decimal.Decimal("1.10") + 1,
 datetime.date(2026, 1, 1).isoformat(), str(Row(2))]
"""
CANARIES = {"cpython": CANARY, "monty": QUICK_CANARY}


class Hostile(NamedTuple):
    """One program, and what becomes of it."""

    name: str
    limits: dict[str, Any]
    source: str
    ends: str


def read(text: str) -> Iterator[Hostile]:
    """Return the programs of a family."""
    for part in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        head, _, rest = part.partition("\n")
        source, _, ends = rest.partition("\n---\n")
        name, _, limits = head.removesuffix(")").partition(" (")
        given = dict(pair.split("=") for pair in limits.split(", ")) if limits else {}
        yield Hostile(name, {key: json.loads(value) for key, value in given.items()}, source, ends.strip("\n"))


def told(played: Played) -> str:
    """Return how a program ended, as it stands below the program."""
    match played.end:
        case Raised(error=error):
            end = f"{error.kind} {error.type}: {error.message}"
        case LimitExceeded(limit=limit, detail=detail):
            end = f"limit {limit} with {detail}" if detail else f"limit {limit}"
        case _:
            end = f"value {played.value!r}"
    lines = [end, f"prints {played.output!r}"] if played.output else [end]
    return "\n".join(_shown(line) for line in lines)


def _shown(line: str) -> str:
    """Return one line of what JSON would escape, cut in the middle when it is long."""
    text = json.dumps(line)[1:-1].replace('\\"', '"')
    return text if len(text) <= 300 else f"{text[:250]}... {len(text)} ...{text[-20:]}"


FAMILIES = {path.stem: [*read(path.read_text())] for path in sorted((Path(__file__).parent / "programs").glob("*.txt"))}
PROGRAMS = [pytest.param(one, id=f"{family}: {one.name}") for family, many in FAMILIES.items() for one in many]
CANARY_TOLD: dict[str, tuple[str, int | None]] = {}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=NAMES)
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """One engine with one worker for all: what a program leaves behind, the next one meets."""
    opened = make_engine(request.param, workers=1)
    await opened.open()
    try:
        CANARY_TOLD[request.param] = await _canary(opened)
        yield opened
    finally:
        await opened.close()


def _limits(engine: Engine, hostile: Hostile) -> dict[str, Any]:
    """Return the limits of a program; where nobody counts instructions, processor time ends it."""
    return {**LIMITS, **hostile.limits, **({} if engine.name == "cpython" else {"cpu_seconds": 0.5})}


async def _canary(engine: Engine) -> tuple[str, int | None]:
    played = await play_on(engine, CANARIES[engine.name], sync=["f"], asynchronous=["g"])
    assert isinstance(played.end, Returned)
    return told(played), played.end.spent.fuel


@pytest.mark.parametrize("hostile", PROGRAMS)
async def test_a_hostile_program_ends_as_written(engine: Engine, hostile: Hostile) -> None:
    """And whatever it did, an ordinary program after it gives the same to the bit, for the same fuel."""
    played = await play_on(engine, hostile.source, sync=["f"], asynchronous=["g"], **_limits(engine, hostile))

    if await _canary(engine) != CANARY_TOLD[engine.name]:
        pytest.fail("the program after it gave something else")
    note_end(played.end, played.output)
    assert told(played) == hostile.ends


async def test_there_are_many_and_no_two_are_the_same() -> None:
    """A program that stands twice shows nothing."""
    sources = [(one.source, *one.limits.items()) for many in FAMILIES.values() for one in many]

    assert len(sources) > 400
    assert len(set(sources)) == len(sources)


async def test_they_leave_nothing_in_another_order(engine: Engine) -> None:
    """Each has met one neighbour only: some of them in an order of chance, and then the canary."""
    chosen = random.Random(5).sample([one for many in FAMILIES.values() for one in many], 25)  # noqa: S311 - no secret

    for one in chosen:
        await play_on(engine, one.source, sync=["f"], asynchronous=["g"], **_limits(engine, one))

    if await _canary(engine) != CANARY_TOLD[engine.name]:
        pytest.fail("the program after them gave something else")
