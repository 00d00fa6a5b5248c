"""Every limit, one below and one above: what it allows passes, one more ends the run, and the answer says all of it.

Each program says something and calls a function first, and then catches whatever it can; nothing of it runs after a
limit. How near a test comes to a limit that is no count is said where it stands.
"""

import asyncio
from typing import Any, NamedTuple

import pytest

from sandbox.engine import Engine
from sandbox.errors import ValueRejected
from sandbox.execute import Finished
from sandbox.limits import MIB, Limits
from sandbox.turns import Frame
from sandbox.values import BOUNDS as VALUE_BOUNDS
from sandbox.values import MAX_DEPTH, MAX_NODES
from tests.play import counted, run

pytestmark = pytest.mark.of_cpython

FIRST = "print('said')\nf(1)\n"
CATCHING = "try:\n    {}\nexcept BaseException:\n    print('caught')\nfinally:\n    print('ended')\n"
NEST = "x = 1\nfor _ in range({}): x = [x]\n"
LARGE: dict[str, Any] = {"memory_bytes": 512 * MIB}
# What the first call takes of all values of a run, `[[1],{{}}]` and `1`; and 16 calls of `take` with a megabyte each.
FIRST_BYTES, MEGABYTES = 9, "for _ in range(16): take('a' * 999_991)\n"
SMALL: dict[str, Any] = {"value_bytes": 1_000_000}
RUN_BYTES = Limits(**SMALL).run_bytes()
# What is left for a last call of `take` and the end of the program.
LEFT = RUN_BYTES - FIRST_BYTES - 16 * (1_000_000 + len("null"))
TOGETHER = "all values of the run, up to {}: {:,} bytes; together they may take {:,}"


def f(n: int) -> int:
    """Return what it is given."""
    return n


def take(x: Any) -> None:
    """Take anything."""


def give(n: int) -> str:
    """Return a text that takes so many bytes."""
    return "a" * (n - 2)


def rows(n: int) -> list[None]:
    """Return so many empty rows."""
    return [None] * n


def nest(n: int) -> Any:
    """Return lists in one another."""
    value: Any = 1
    for _ in range(n):
        value = [value]
    return value


class Bound(NamedTuple):
    """A limit, a program that stays within it, and one that takes one more."""

    limit: str
    allowed: int
    fits: str
    beyond: str
    at: str = ""
    """The line that is named."""
    detail: str = ""
    limits: dict[str, Any] = {}  # noqa: RUF012 - never changed
    calls: int = 1
    """How many calls are in the answer once the limit was reached."""


def bound_of(limit: str, allowed: int, fits: str, beyond: str, *, before: str = "", **more: Any) -> Bound:
    """Return the bound of what a statement does; everything is caught around it."""
    return Bound(limit, allowed, before + CATCHING.format(fits), before + CATCHING.format(beyond), beyond, **more)


def levels(call: str, *, what: str, calls: int = 1) -> Bound:
    """Return the bound of how deep a value may be nested."""
    detail = f"{what}, at ${'[0]' * 12}...: nested deeper, or containing itself"
    fits, beyond = (NEST.format(depth) + call.format(depth) for depth in (MAX_DEPTH, MAX_DEPTH + 1))
    return Bound("value_levels", MAX_DEPTH, fits, beyond, call.format(MAX_DEPTH + 1), detail, calls=calls)


BOUNDS: dict[str, Bound] = {
    "printed text": bound_of(
        "output_bytes", 100, "print('a' * 88)", "print('a' * 95)", limits={"output_bytes": 100}
    )._replace(at=""),
    "calls": bound_of("calls", 2, "f(2)", "f(2); f(3)", detail="one more call, of f()", limits={"calls": 2}, calls=2),
    "calls at once": bound_of(
        "calls", 3, "flyte_map('f', [1, 2])", "flyte_map('f', [1, 2, 3])", detail="one more call, of f()",
        limits={"calls": 3},
    ),
    "bytes of arguments": bound_of(
        "value_bytes", 100, "take('a' * 91)", "take('a' * 92)", detail="the arguments of take(): 101 bytes",
        limits={"value_bytes": 100},
    ),
    "bytes of an outcome": bound_of(
        "value_bytes", 100, "give(100)", "give(101)", detail="the result of give(): 101 bytes",
        limits={"value_bytes": 100}, calls=2,
    ),
    "bytes of the value": Bound(
        "value_bytes", 100, "'a' * 98", "'a' * 99", "'a' * 99", "the value of the program: 101 bytes",
        {"value_bytes": 100},
    ),
    "bytes of all values, up to arguments": bound_of(
        "value_bytes", 1_000_000, f"take('a' * {LEFT - 17})", f"take('a' * {LEFT - 9 + 1})", before=MEGABYTES,
        detail=TOGETHER.format("the arguments of take()", RUN_BYTES + 1, RUN_BYTES), limits=SMALL, calls=17,
    ),
    "bytes of all values, up to an outcome": bound_of(
        "value_bytes", 1_000_000, f"take('a' * {LEFT - 17})", f"take('a' * {LEFT - 13 + 1})", before=MEGABYTES,
        detail=TOGETHER.format("the result of take()", RUN_BYTES + 1, RUN_BYTES), limits=SMALL, calls=18,
    ),
    "bytes of all values, up to the value": Bound(
        "value_bytes", 1_000_000, f"{MEGABYTES}'a' * {LEFT - 2}", f"{MEGABYTES}'a' * {LEFT - 1}", "",
        TOGETHER.format("the value of the program", RUN_BYTES + 1, RUN_BYTES), SMALL, 17,
    ),
    # A list counts as four; those of places and names, with what stands in them, as fifteen.
    "nodes of arguments": bound_of(
        "value_nodes", MAX_NODES, f"take([None] * {MAX_NODES - 19})", f"take([None] * {MAX_NODES - 18})",
        detail="the arguments of take()", limits=LARGE,
    ),
    "nodes of an outcome": bound_of(
        "value_nodes", MAX_NODES, f"rows({MAX_NODES - 4})", f"rows({MAX_NODES - 3})",
        detail="the result of rows()", limits=LARGE, calls=2,
    ),
    "nodes of the value": Bound(
        "value_nodes", MAX_NODES, f"[None] * {MAX_NODES - 4}", f"[None] * {MAX_NODES - 3}",
        f"[None] * {MAX_NODES - 3}", "the value of the program", LARGE,
    ),
    "levels of arguments": levels("take(x)", what="the arguments of take()"),
    "levels of an outcome": levels("nest({})", what="the result of nest()", calls=2),
    "levels of the value": levels("x", what="the value of the program"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOUNDS)
async def test_what_is_allowed_passes_and_one_more_ends_the_run(engine: Engine, name: str) -> None:
    """The limit is named with its value, with what was one too many, and with the line; nothing was lost."""
    bound = BOUNDS[name]

    fits = await run(engine, FIRST + bound.fits, f, take, give, rows, nest, **bound.limits)
    beyond = await run(engine, FIRST + bound.beyond, f, take, give, rows, nest, **bound.limits)

    assert fits.error is None
    detail = f" with {bound.detail}" if bound.detail else ""
    assert told(beyond) == f"the program reached the limit {bound.limit} of {bound.allowed:,}{detail}"
    assert [frame.source for frame in _traceback(beyond)] == ([bound.at] if bound.at else [])
    assert beyond.output == ("said\n" if bound.limit != "output_bytes" else "said\n" + "a" * 95)
    assert len(beyond.calls) == bound.calls


def told(finished: Finished) -> str:
    """Return what is said of a limit; and check that nothing of what the run did is missing."""
    assert finished.error is not None
    assert (finished.error.kind, finished.error.type) == ("limit", "LimitExceeded")
    assert finished.error.hint
    assert finished.output.startswith("said\n")
    assert (finished.calls[0].function, finished.calls[0].value) == ("f", 1)
    usage = finished.usage
    assert (usage.output_bytes, usage.calls) == (len(finished.output), len(finished.calls))
    assert min(counted(usage.fuel), usage.cpu_seconds, usage.wall_seconds, counted(usage.memory_bytes)) > 0
    return finished.error.message


def _traceback(finished: Finished) -> tuple[Frame, ...]:
    assert finished.error is not None
    return finished.error.traceback


async def test_fuel_is_exact(engine: Engine) -> None:
    """A program that used so much passes with it, and not with one unit less, wherever it runs."""
    source = f"{FIRST}sum(range(100_000))"
    needed = counted((await run(engine, source, f)).usage.fuel)

    assert (await run(engine, source, f, fuel=needed)).value == 4_999_950_000
    beyond = await run(engine, source, f, fuel=needed - 1)
    assert told(beyond) == f"the program reached the limit fuel of {needed - 1:,}"
    assert beyond.usage.fuel == needed - 1


@pytest.mark.parametrize("statement", ["len([bytes(1_000) for _ in range(8_000)])", "len(bytes(8_000_000)) // 1_000"])
async def test_memory_is_exact_to_a_page(engine: Engine, statement: str) -> None:
    """WebAssembly gives memory by 64 KiB: one byte less than a program's last page, and it does not get that page."""
    source = f"{FIRST}{statement}"
    needed = counted((await run(engine, source, f)).usage.memory_bytes)

    assert needed % 2**16 == 0
    assert (await run(engine, source, f, memory_bytes=needed)).value == 8_000
    beyond = await run(engine, source, f, memory_bytes=needed - 1)
    assert told(beyond) == f"the program reached the limit memory_bytes of {needed - 1:,}"
    assert counted(beyond.usage.memory_bytes) < needed


async def test_processor_time_is_near(engine: Engine) -> None:
    """It is looked at every 10 ms, so a program never ends before its limit, and may end a little later."""
    source = FIRST + CATCHING.format("for n in range({}): pass")
    much: dict[str, Any] = {"fuel": 10**13, "wall_seconds": 60}

    assert (await run(engine, source.format(1_000), f, cpu_seconds=5, **much)).error is None
    beyond = await run(engine, source.format("10**12"), f, cpu_seconds=0.2, **much)
    assert told(beyond) == "the program reached the limit cpu_seconds of 0.2"
    assert beyond.output == "said\n"
    assert beyond.usage.cpu_seconds >= 0.2


async def test_wall_time_is_near(engine: Engine) -> None:
    """It is the host's timer that ends the run: never before its limit."""

    async def wait(seconds: float) -> None:
        """Take so long."""
        await asyncio.sleep(seconds)

    source = FIRST + CATCHING.format("wait({})")

    assert (await run(engine, source.format(0.01), f, wait, wall_seconds=20)).error is None
    beyond = await run(engine, source.format(60), f, wait, wall_seconds=0.3)
    assert told(beyond) == "the program reached the limit wall_seconds of 0.3"
    assert beyond.output == "said\n"
    assert [frame.source for frame in _traceback(beyond)] == ["wait(60)"]
    assert beyond.usage.wall_seconds >= 0.3


@pytest.mark.parametrize("most", [1, 2, 3])
async def test_so_many_calls_are_under_way_at_once(engine: Engine, most: int) -> None:
    """Not one more, and not one less: the others wait, and nothing fails."""
    under_way, seen, full = 0, 0, asyncio.Event()

    async def wait() -> None:
        """End when as many are under way as may be."""
        nonlocal under_way, seen
        under_way += 1
        seen = max(seen, under_way)
        if under_way == most:
            full.set()
        await full.wait()
        under_way -= 1

    source = "import asyncio\nlen(await asyncio.gather(*[wait() for _ in range(5)]))"

    finished = await run(engine, source, wait, concurrent_calls=most)

    assert (finished.error, finished.value, seen) == (None, 5, most)


async def test_a_source_is_measured_in_bytes(engine: Engine) -> None:
    """Not in characters; one that is too long is not begun."""
    source = "'ü'"

    assert (await run(engine, source, source_bytes=4)).value == "ü"
    beyond = await run(engine, source, source_bytes=3)
    assert beyond.error is not None
    assert beyond.error.message == "the program reached the limit source_bytes of 3"
    assert (beyond.output, beyond.calls, beyond.usage.fuel) == ("", (), 0)


async def test_inputs_are_measured_together(engine: Engine) -> None:
    """The last that goes beyond is named; nothing is begun."""
    inputs = {"x": "a" * 48, "y": "b" * 48}

    assert (await run(engine, "len(x + y)", inputs=inputs, value_bytes=100)).value == 96
    with pytest.raises(ValueRejected) as rejected:
        await run(engine, "len(x + y)", inputs=inputs | {"y": "b" * 49}, value_bytes=100)
    message = "inputs.y takes 51 bytes, all inputs up to it 101; the limit value_bytes is 100"
    assert str(rejected.value) == message


async def test_inputs_are_part_of_all_values(engine: Engine) -> None:
    """The host keeps them as long as everything else."""
    source = f"{MEGABYTES}'a' * {LEFT + FIRST_BYTES - 10 - 2}"

    assert (await run(engine, source, take, inputs={"x": "a" * 8}, **SMALL)).error is None
    finished = await run(engine, source, take, inputs={"x": "a" * 9}, **SMALL)
    assert finished.error is not None
    detail = TOGETHER.format("the value of the program", RUN_BYTES + 1, RUN_BYTES)
    assert finished.error.message == f"the program reached the limit value_bytes of 1,000,000 with {detail}"


def test_every_limit_stands_here() -> None:
    """A limit that is added without a test of its bound fails here."""
    exact = {bound.limit for bound in BOUNDS.values()}
    on_their_own = {"fuel", "memory_bytes", "cpu_seconds", "wall_seconds", "concurrent_calls", "source_bytes"}

    assert exact | on_their_own == {*Limits().as_dict(), *VALUE_BOUNDS}
