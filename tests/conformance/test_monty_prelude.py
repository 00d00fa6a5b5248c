"""What `monty` is given in the place of its own functions does what CPython's do, to the last bit of a float."""

import random
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.engine import Engine
from sandbox.engines.table import NAMES, make_engine
from tests.play import play_on

EVERY = """
ended = []
for function, args in cases:
    try:
        ended.append(sum(*args) if function == "sum" else round(*args))
    except Exception as error:
        ended.append([type(error).__name__, str(error)])
ended
"""
OWN_NAMES = """
abs, list, type, float = str, dict, repr, int
[sum([0.1] * 10), round(2.675, 2), round(-1250.0, -2), abs(1)]
"""
OWN_FUNCTIONS = """
def sum(xs):
    return "mine"
def total(xs, round=max):
    return round(xs)
[sum([1]), total([1, 2])]
"""
FAILS = """
def total(rows):
    return sum(rows)

total([0.5, "a"])
"""
PLACES = (
    0,
    1,
    2,
    2,
    2,
    3,
    4,
    5,
    -1,
    -2,
    -3,
    7,
    10,
    15,
    16,
    17,
    22,
    50,
    308,
    323,
    324,
    -15,
    -308,
    -309,
    None,
    True,
    1.0,
)
ODD = (
    0.0,
    -0.0,
    float("inf"),
    float("-inf"),
    1e16,
    1e308,
    -1e308,
    5e-324,
    2.675,
    1.005,
    0.5,
    1.5,
    2.5,
    25.0,
    1e22,
    1e23,
)
# Beyond the C `long` of the guest, CPython adds floats one by one.
LONG = (1, 5, 10**9, 2**31 - 1, -(2**31), 2**31, 10**20, 10**400, True)


@pytest.fixture
async def engines() -> AsyncIterator[list[Engine]]:
    """All of them, opened."""
    made: list[Engine] = [make_engine(name, workers=1) for name in NAMES]
    for one in made:
        await one.open()
    yield made
    for one in made:
        await one.close()


def floating(drawn: random.Random) -> float:
    """Draw a float: any, one as in money, halfway between two decimals, or one at the edges."""
    match drawn.randrange(6):
        case 0:
            return float(struct.unpack("d", drawn.randbytes(8))[0])
        case 1:
            return drawn.randrange(-(10**6), 10**6) / drawn.choice((10, 100, 1000, 10**5))
        case 2:
            return (drawn.randrange(-(10**5), 10**5) + 0.5) / drawn.choice((1, 10, 100, 10**4))
        case 3:
            return drawn.choice(ODD)
        case 4:
            return drawn.randrange(-(2**20), 2**20) / drawn.choice((2, 8, 64, 2048))
        case _:
            return drawn.randrange(-1000, 1000) * 5.0


def case(drawn: random.Random) -> tuple[str, list[Any]]:
    """Draw the arguments of one of the functions, some of which it does not take."""
    number = floating(drawn) if drawn.random() < 0.8 else drawn.choice([*LONG, drawn.randrange(-500, 500), "a", None])
    if drawn.random() < 0.5:
        return "round", [number, drawn.choice(PLACES)][: drawn.choice((1, 2, 2, 2))]
    items: list[Any] = [drawn.choice(LONG) for _ in range(drawn.randrange(3))]
    items += [floating(drawn) for _ in range(drawn.choice((0, 1, 2, 5, 30)))]
    items += [drawn.randrange(100), "a", None][: drawn.choice((0, 0, 0, 1, 3))]
    return "sum", [items, number][: drawn.choice((1, 1, 2))]


@pytest.mark.parametrize("seed", range(3))
async def test_sums_and_rounded_numbers_are_those_of_cpython(engines: list[Engine], seed: int) -> None:
    """Money is added up and rounded in most programs: a cent that differs between engines is a wrong result."""
    drawn = random.Random(seed)  # noqa: S311 - it draws numbers
    cases = [case(drawn) for _ in range(2_000)]

    expected, found = [(await play_on(one, EVERY, {"cases": cases})).value for one in engines]

    assert [*zip(cases, map(repr, found), strict=True)] == [*zip(cases, map(repr, expected), strict=True)]


@pytest.mark.parametrize("source", [OWN_NAMES, OWN_FUNCTIONS])
async def test_names_that_a_program_binds_are_its_own(engines: list[Engine], source: str) -> None:
    """What it is given computes with the interpreter's functions, and gives way to the program's."""
    expected, found = [(await play_on(one, source)).value for one in engines]

    assert found == expected


async def test_lines_are_the_programs_own(engines: list[Engine]) -> None:
    """Whoever reads where it failed sees their own text, and nothing of what ran before it."""
    expected, found = [(await play_on(one, FAILS)).error for one in engines]

    assert (found.type, found.message) == (expected.type, expected.message)
    assert [(one.line, one.function, one.source) for one in found.traceback] == [
        (5, "<module>", 'total([0.5, "a"])'),
        (3, "total", "return sum(rows)"),
    ]
