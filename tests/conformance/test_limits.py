"""Every limit ends an execution, cannot be swallowed, and leaves the engine in order."""

import pytest

from sandbox.engine import Engine
from sandbox.limits import Limits
from sandbox.turns import LimitExceeded, Program, Returned
from tests.play import NOW, Play, counted

SWALLOW = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
    finally:
        while True:
            pass
"""


async def test_fuel_is_exact(play: Play) -> None:
    """One unit below what a program needs stops it; what it needs does not."""
    needed = counted((await play("sum(range(1000))")).end.spent.fuel)

    assert (await play("sum(range(1000))", fuel=needed)).value == 499_500
    assert (await play("sum(range(1000))", fuel=needed - 1)).limit == "fuel"


@pytest.mark.parametrize("source", ["while True: pass", SWALLOW, "10 ** (10 ** 8)", "sum(range(10 ** 12))"])
async def test_processor_time_ends_any_loop(play: Play, source: str) -> None:
    """In Python code, in C code, and in code that catches everything."""
    assert (await play(source, fuel=10**13, cpu_seconds=0.2)).limit == "cpu_seconds"


async def test_memory_ends_the_program(play: Play) -> None:
    """The limit holds outside the guest; inside it is a MemoryError."""
    assert (await play("x = []\nwhile True: x.append('x' * 1_000_000)")).limit == "memory_bytes"


async def test_a_memory_error_can_be_caught(play: Play) -> None:
    """As in Python: the program may go on with less."""
    assert (await play("try:\n    x = [0] * 10 ** 8\nexcept MemoryError:\n    x = 'less'\nx")).value == "less"


async def test_output_is_cut_at_the_limit(play: Play) -> None:
    """The text up to the limit is returned, whole characters only."""
    played = await play("print('üü' * 100)", output_bytes=101)

    assert played.limit == "output_bytes"
    assert played.output == "ü" * 50
    assert isinstance(played.end, LimitExceeded)
    assert played.end.output_truncated


async def test_output_up_to_the_limit_is_fine(play: Play) -> None:
    """The bound itself is allowed."""
    played = await play("print('a' * 100, end='')", output_bytes=100)

    assert (played.value, played.output) == (None, "a" * 100)


async def test_calls_are_counted(play: Play) -> None:
    """The limit is the number of calls that are made."""
    assert (await play("[f(n) for n in range(3)]", sync=["f"], calls=3)).value == [0, 1, 2]
    assert (await play("[f(n) for n in range(4)]", sync=["f"], calls=3)).limit == "calls"


async def test_source_and_values_are_bounded(play: Play) -> None:
    """A source or a value over its bound never runs or never leaves."""
    assert (await play("1" + " " * 10, source_bytes=10)).limit == "source_bytes"
    assert (await play("'a' * 8", value_bytes=10)).value == "a" * 8
    assert (await play("'a' * 9", value_bytes=10)).limit == "value_bytes"


@pytest.mark.parametrize(
    "source",
    [
        "-" * 200_000 + "1",
        "(" * 5_000 + ")" * 5_000,
        "x = []\nfor _ in range(100_000): x = [x]\nrepr(x)",
        "import json\njson.loads('[' * 100_000)",
        "x = [0] * 10 ** 12",
        "print('a' * 10 ** 9)",
        "def f(): f()\nf()",
    ],
)
async def test_exhaustion_leaves_the_engine_in_order(engine: Engine, play: Play, source: str) -> None:
    """Whatever becomes of such a program, the next one runs as usual."""
    played = await play(source, cpu_seconds=2)

    assert not isinstance(played.end, Returned)
    after = engine.execution(Program(source="x * 2"), limits=Limits(), seed=1)
    assert (await after.start({"x": 21}, now=NOW)).output == ""
