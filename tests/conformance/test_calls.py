"""Functions called by programs: sync, async, several at once, with failures both ways."""

from sandbox.turns import Blocked, Call, Failure, Outcome
from tests.play import Play

GATHER = """
import asyncio

async def main():
    return await asyncio.gather(*(slow(n) for n in range(3)))

asyncio.run(main())
"""

CANCELLED = """
import asyncio
task = asyncio.create_task(slow(1))
try:
    async with asyncio.timeout(0.5):
        await asyncio.Event().wait()
except TimeoutError:
    task.cancel()
try:
    await task
except asyncio.CancelledError:
    result = "gave up"
fast(2)
result
"""


def fail(call: Call) -> Outcome:
    """Answer every call with a failure."""
    kind, message = call.args
    return Outcome(number=call.number, failure=Failure(type=kind, message=message, arguments=(message,)))


async def test_a_sync_function_gives_its_value_and_waits_alone(play: Play) -> None:
    """In a blocking call `waiting_for` is that call alone."""
    played = await play("f(1) + f(n=2)", sync=["f"], answer=lambda call: Outcome(number=call.number, value=20))

    assert played.value == 40
    assert [(call.number, call.args, call.kwargs, call.line) for call in played.calls] == [
        (1, (1,), {}, 1),
        (2, (), {"n": 2}, 1),
    ]
    first = played.turns[0]
    assert isinstance(first, Blocked)
    assert (first.waiting_for, first.wake_at) == ((1,), None)


async def test_calls_of_siblings_arrive_together(play: Play) -> None:
    """What `gather` starts is one turn, so that the host can run it in parallel."""
    played = await play(GATHER, asynchronous=["slow"])

    assert played.value == [0, 1, 2]
    assert len(played.turns) == 2
    first = played.turns[0]
    assert isinstance(first, Blocked)
    assert first.waiting_for == (1, 2, 3)


async def test_an_async_function_in_plain_code_gives_its_value(play: Play) -> None:
    """Outside a running loop nothing can be awaited, so the call waits."""
    assert (await play("slow(21) * 2", asynchronous=["slow"])).value == 42


async def test_await_at_the_top_level(play: Play) -> None:
    """Models write it, so a program with it runs as a coroutine."""
    assert (await play("await slow(1) + await f.aio(2)", asynchronous=["slow"], sync=["f"])).value == 3


async def test_a_failure_keeps_its_type_and_can_be_caught(play: Play) -> None:
    """A built-in exception type is that type in the guest."""
    source = "try:\n    f('KeyError', 'k')\nexcept KeyError as error:\n    result = error.args\nresult"

    assert (await play(source, sync=["f"], answer=fail)).value == ("k",)


async def test_a_failure_of_another_type_is_a_function_error(play: Play) -> None:
    """A type that the guest does not have arrives with its name."""
    source = (
        "try:\n    f('CarrierDown', 'no answer')\nexcept FunctionError as error:\n    r = [error.type, str(error)]\nr"
    )

    assert (await play(source, sync=["f"], answer=fail)).value == ["CarrierDown", "CarrierDown: no answer"]


async def test_a_failure_that_nobody_catches_ends_the_program(play: Play) -> None:
    """Kind `function` tells that the program's own code is not at fault."""
    error = (await play("x = 1\nf('CarrierDown', 'no answer')", sync=["f"], answer=fail)).error

    assert (error.kind, error.type, error.message) == ("function", "CarrierDown", "no answer")
    assert [(frame.line, frame.source) for frame in error.traceback] == [(2, "f('CarrierDown', 'no answer')")]


async def test_arguments_that_cannot_cross_are_refused_at_the_call(play: Play) -> None:
    """The host never sees such a call."""
    played = await play("f([object()])", sync=["f"])

    assert played.error.kind == "type"
    assert "[0][0] is an object, which cannot cross" in played.error.message
    assert played.calls == []


async def test_a_call_that_the_guest_gave_up_is_named(play: Play) -> None:
    """The host can stop working for it."""
    unanswered: list[int] = []

    def answer(call: Call) -> Outcome:
        unanswered.append(call.number)
        return Outcome(number=call.number, value="ok")

    played = await play(
        "import asyncio\nx = await asyncio.gather(slow(1), slow(2))\nx", asynchronous=["slow"], answer=answer
    )

    assert played.value == ["ok", "ok"]
    assert unanswered == [1, 2]


async def test_programs_see_no_function_that_they_were_not_given(play: Play) -> None:
    """The nearest name on the whitelist is the hint."""
    error = (await play("find_custmer(1)", sync=["find_customer"])).error

    assert (error.kind, error.type) == ("runtime", "NameError")
    assert error.hint == 'did you mean "find_customer"?'
