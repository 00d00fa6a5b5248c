"""What is promised about memory counts from what the interpreter itself takes."""

import pytest

from sandbox.limits import BOUNDS, INTERPRETER_BYTES, MIB
from sandbox.turns import Returned
from tests.play import Play, counted

pytestmark = pytest.mark.of_cpython


async def test_the_interpreters_memory_is_what_limits_say(play: Play) -> None:
    """`max_memory` is what a program may add: a guest that grew, or shrank, by more than a MiB changes the constant."""
    fresh = counted((await play("1")).end.spent.memory_bytes)

    assert INTERPRETER_BYTES - MIB < fresh <= INTERPRETER_BYTES


async def test_a_program_runs_within_the_lowest_limit(play: Play) -> None:
    """Whatever may be asked for is enough for a program that holds next to nothing."""
    played = await play("sum(range(10))", memory_bytes=int(BOUNDS["memory_bytes"][0]))

    assert isinstance(played.end, Returned)
    assert played.value == 45
