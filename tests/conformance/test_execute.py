"""A whole run: calls answered by Python functions, in parallel, with limits, and with workers that die under it."""

import asyncio
import itertools

import pytest

from sandbox.engine import Engine
from sandbox.entries import Told
from sandbox.turns import Note
from tests.play import counted, run

GATHER_TEN = """
import asyncio

async def main():
    return await asyncio.gather(*(meet(n) for n in range(10)))

asyncio.run(main())
"""

ONE_FAILS = """
import asyncio
results = await asyncio.gather(half(4), half(5), return_exceptions=True)
[str(one) for one in results]
"""

GIVES_UP = """
import asyncio
try:
    async with asyncio.timeout(0.05):
        await never()
except TimeoutError:
    result = "gave up"
half(4)
result
"""


def half(n: int) -> int:
    """Return half of an even number."""
    if n % 2:
        message = f"{n} is odd"
        raise ValueError(message)
    return n // 2


async def never() -> None:
    """Never return."""
    await asyncio.Event().wait()


async def test_calls_of_a_gather_are_under_way_together(engine: Engine) -> None:
    """Ten calls meet at a barrier that opens when all ten are there."""
    barrier = asyncio.Barrier(10)

    async def meet(n: int) -> int:
        await barrier.wait()
        return n

    finished = await run(engine, GATHER_TEN, meet)

    assert finished.value == list(range(10))


async def test_concurrent_calls_bounds_what_is_under_way(engine: Engine) -> None:
    """Further calls queue; it is never a failure."""
    under_way = 0
    most = 0

    async def meet(n: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return n

    finished = await run(engine, GATHER_TEN, meet, concurrent_calls=3)

    assert (finished.value, most) == (list(range(10)), 3)


async def test_a_failure_is_recorded_and_caught(engine: Engine) -> None:
    """What a sync function raises reaches the program, and its record."""
    finished = await run(engine, ONE_FAILS.replace("half", "half.aio"), half)

    assert finished.value == ["2", "5 is odd"]
    assert [(call.arguments, call.value, call.failure and call.failure.type) for call in finished.calls] == [
        ({"n": 4}, 2, None),
        ({"n": 5}, None, "ValueError"),
    ]


async def test_an_uncaught_failure_brings_its_exception(engine: Engine) -> None:
    """The library chains it; over HTTP it is never shown."""
    finished = await run(engine, "half(3)", half)

    assert finished.error is not None
    assert (finished.error.kind, finished.error.message) == ("function", "3 is odd")
    assert isinstance(finished.raised, ValueError)


async def test_wrong_arguments_are_told_with_the_signature(engine: Engine) -> None:
    """The function is not called."""
    finished = await run(engine, "half(m=3)", half)

    assert finished.error is not None
    assert finished.error.hint == "signature: half(n: int) -> int"
    assert [call.failure and call.failure.type for call in finished.calls] == ["TypeError"]


async def test_a_call_that_the_program_gave_up_is_abandoned(engine: Engine) -> None:
    """The program's own timeout ends the waiting; the host's function is cancelled."""
    finished = await run(engine, GIVES_UP, never, half)

    assert (finished.value, [call.status for call in finished.calls]) == ("gave up", ["abandoned", "settled"])


async def test_wall_time_ends_a_run_that_waits(engine: Engine) -> None:
    """A function that hangs does not hold the run."""
    finished = await run(engine, "print('before')\nnever()", never, wall_seconds=0.2)

    assert finished.error is not None
    assert (finished.error.kind, finished.error.message) == (
        "limit",
        "the program reached the limit wall_seconds of 0.2",
    )
    assert finished.output == "before\n"
    assert [call.status for call in finished.calls] == ["abandoned"]


async def test_wall_time_that_ends_a_turn_keeps_what_the_turn_said(engine: Engine) -> None:
    """Text, notes and what it used are what a model has to repair a loop without an end."""
    source = "async def f():\n    return 1\nf()\nprint('before')\nwhile True:\n    pass"

    finished = await run(engine, source, wall_seconds=0.3)

    assert finished.error is not None
    assert finished.error.message == "the program reached the limit wall_seconds of 0.3"
    assert finished.output == "before\n"
    assert finished.notes == (Note(code="never-awaited", line=3),)
    assert counted(finished.usage.fuel) > 1_000_000
    assert finished.usage.cpu_seconds > 0.05


async def test_wall_time_that_ends_the_second_turn_keeps_both(engine: Engine) -> None:
    """A turn that has ended is not told twice."""
    finished = await run(engine, "print(half(4))\nprint('on')\nwhile True:\n    pass", half, wall_seconds=0.3)

    assert (finished.output, len(finished.calls)) == ("2\non\n", 1)


@pytest.mark.parametrize("count", [200])
async def test_many_runs_at_once(engine: Engine, count: int) -> None:
    """They queue for the workers and all give their own value."""
    results = await asyncio.gather(*(run(engine, "x * 2", inputs={"x": n}) for n in range(count)))

    assert [finished.value for finished in results] == [n * 2 for n in range(count)]


async def test_many_runs_wait_at_once(engine: Engine) -> None:
    """A waiting run holds an isolate and a parked thread, no core."""
    barrier = asyncio.Barrier(150)

    async def meet() -> str:
        await barrier.wait()
        return "met"

    results = await asyncio.gather(*(run(engine, "meet()", meet) for _ in range(150)))

    assert {finished.value for finished in results} == {"met"}


async def test_closing_the_request_ends_the_guest(engine: Engine) -> None:
    """Cancelling the run stops a computing guest, and the worker serves others."""
    task = asyncio.create_task(run(engine, "while True: pass", fuel=10**15, cpu_seconds=60, wall_seconds=60))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await run(engine, "x * 2", inputs={"x": 21})).value == 42


async def test_a_function_that_ends_itself_is_a_failure_of_its_call(engine: Engine) -> None:
    """Whatever it raises, `GeneratorExit` included, the run goes on."""

    async def leave() -> None:
        raise GeneratorExit

    finished = await run(engine, "try:\n    leave()\nexcept FunctionError as error:\n    r = error.type\nr", leave)

    assert finished.value == "GeneratorExit"


async def test_calls_that_were_never_sent_are_not_recorded(engine: Engine) -> None:
    """Only a call that was under way can be abandoned."""
    source = "import asyncio\nawait asyncio.wait([asyncio.create_task(never()) for _ in range(5)], timeout=0.1)\n1"

    finished = await run(engine, source, never, concurrent_calls=2)

    assert [call.status for call in finished.calls] == ["abandoned", "abandoned"]


async def test_outcomes_that_the_guest_has_no_memory_for_are_a_limit(engine: Engine) -> None:
    """Each is within its bound; together they are not."""

    async def large() -> str:
        return "a" * 9_000_000

    for count in (4, 12):
        source = f"import asyncio\nr = await asyncio.gather(*(large() for _ in range({count})))\nlen(r)"
        finished = await run(engine, source, large)

        assert finished.error is not None
        assert (finished.error.kind, finished.error.message) == (
            "limit",
            "the program reached the limit memory_bytes of 67,108,864",
        )


@pytest.mark.parametrize("source", ["x = 1\nfind()['alhpa']", "def get(): return find()['alhpa']\nget()"])
async def test_a_key_that_the_value_of_a_call_has_not_is_told_with_the_nearest(engine: Engine, source: str) -> None:
    """No variable holds the value, so that the program alone cannot be looked through for it."""

    def find() -> dict[str, int]:
        return {"alpha": 1}

    finished = await run(engine, source, find)

    assert finished.error is not None
    assert finished.error.hint == 'did you mean "alpha"? its keys: "alpha"'


SLEEPS_LITTLE = """
import asyncio, time
for _ in range(3):
    time.sleep(0)
    time.sleep(1e-9)
    await asyncio.sleep(1e-9)
"""


async def test_a_sleep_takes_a_millisecond_at_least(engine: Engine) -> None:
    """Each is a turn, which costs the service more than the program. One of 0 waits for nothing, and is none."""
    journal = (await run(engine, SLEEPS_LITTLE)).journal

    assert journal is not None
    turns = [one.now for one in journal.entries if isinstance(one, Told)]
    assert len(turns) == 6
    assert min(after - before for before, after in itertools.pairwise(turns)) >= 1_000_000
