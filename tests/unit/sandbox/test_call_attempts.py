"""Calls on terms: bounded in time, tried again, kept to a rate, and counted."""

import asyncio
import threading
from typing import Any

import pytest

from sandbox import RateLimit, TaskEnvironment, Timeout
from sandbox.bucket import RateExceeded
from sandbox.call_attempts import Attempts
from sandbox.dispatch import HostFunction
from sandbox.failures import failure_of
from sandbox.terms import Terms
from sandbox.turns import Failure

AT_ONCE = 0.01


def failing(times: int, error: type[Exception] = ConnectionError) -> tuple[Any, list[int]]:
    """A function that fails so many times before it answers, and what it notes of its calls."""
    seen: list[int] = []

    def answer() -> int:
        seen.append(1)
        if len(seen) <= times:
            raise error
        return len(seen)

    return answer, seen


async def test_a_call_is_tried_again_and_its_attempts_are_counted() -> None:
    """The program sees the value, and the record how hard it was to get."""
    answer, _ = failing(2)
    attempts = Attempts()

    value = await HostFunction.of(answer, terms=Terms.of(retries=2)).invoke({}, attempts)

    assert (value, attempts.made) == (3, 3)


async def test_the_last_failure_is_the_calls_failure() -> None:
    """With as many attempts as were declared, and none more."""
    answer, seen = failing(9)

    with pytest.raises(ConnectionError):
        await HostFunction.of(answer, terms=Terms.of(retries=2)).invoke({})
    assert len(seen) == 3


async def test_a_value_of_another_type_is_not_asked_for_again() -> None:
    """The function was called, and would say the same once more."""
    seen: list[int] = []

    def wrong() -> int:
        seen.append(1)
        return "1"  # type: ignore[return-value]  # what is tested

    with pytest.raises(TypeError, match=r"^the value of wrong\(\) is a str, not int$") as raised:
        await HostFunction.of(wrong, terms=Terms.of(retries=5)).invoke({})
    assert (len(seen), type(raised.value)) == (1, TypeError)


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        ("read", "wait() did not answer within 0.01 s"),
        ("write", "wait() did not answer within 0.01 s; it may have taken effect all the same"),
    ],
)
async def test_an_async_function_that_takes_too_long_is_cancelled(effect: str, message: str) -> None:
    """The program gets a TimeoutError at the call, and the function does not go on."""
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(TimeoutError) as raised:
        await HostFunction.of(wait, terms=Terms.of(effect=effect, timeout=AT_ONCE)).invoke({})

    assert failure_of(raised.value) == Failure(type="TimeoutError", message=message, arguments=(message,))
    assert ended.is_set()


async def test_a_sync_function_that_takes_too_long_is_not_waited_for() -> None:
    """Its thread cannot be stopped, so that it is left behind."""
    let_go = threading.Event()

    def block() -> None:
        let_go.wait(30)

    with pytest.raises(TimeoutError, match=r"^block\(\) did not answer within 0.01 s"):
        await HostFunction.of(block, terms=Terms.of(timeout=AT_ONCE)).invoke({})
    let_go.set()


async def test_a_timeout_of_the_functions_own_is_its_failure() -> None:
    """Only the bound of the terms is told as theirs; what the function raised keeps its text, and is tried again."""
    seen: list[int] = []

    async def ask() -> None:
        seen.append(1)
        message = "the warehouse is slow"
        raise TimeoutError(message)

    with pytest.raises(TimeoutError, match=r"^the warehouse is slow$"):
        await HostFunction.of(ask, terms=Terms.of(retries=1, timeout=30)).invoke({})
    assert len(seen) == 2


async def test_all_attempts_together_have_a_bound_too() -> None:
    """However often it may be tried."""
    answer, _ = failing(10**9)
    terms = Terms.of(effect="read", retries=10**9, timeout=Timeout(deadline=AT_ONCE))

    with pytest.raises(TimeoutError, match=r"^answer\(\) did not answer within 0.01 s$"):
        await HostFunction.of(answer, terms=terms).invoke({})


async def test_calls_beyond_the_rate_wait_their_turn() -> None:
    """The function's owner said how often it may be called; programs only notice that it takes longer."""
    answer, seen = failing(0)
    function = HostFunction.of(answer, terms=Terms.of(rate=RateLimit(calls=2, per_seconds=0.02)))

    values = await asyncio.gather(*(function.invoke({}) for _ in range(5)))

    assert sorted(values) == [1, 2, 3, 4, 5]
    assert len(seen) == 5


async def test_a_call_beyond_the_longest_wait_fails() -> None:
    """And was not made."""
    answer, seen = failing(0)
    function = HostFunction.of(answer, terms=Terms.of(rate=RateLimit(calls=1, per_seconds=60, wait_seconds=0)))
    attempts = Attempts()
    await function.invoke({})

    with pytest.raises(RateExceeded):
        await function.invoke({}, attempts)
    assert (len(seen), attempts.made) == (1, 0)


async def test_a_call_that_is_given_up_while_it_waits_leaves_the_line() -> None:
    """Otherwise programs that were cancelled would hold up those that were not."""
    answer, _ = failing(0)
    function = HostFunction.of(answer, terms=Terms.of(rate=RateLimit(calls=1, per_seconds=60, wait_seconds=90)))
    await function.invoke({})
    first = asyncio.create_task(function.invoke({}))
    await asyncio.sleep(0)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first

    # With the first one still in line, this one would wait for 120 s, which is refused.
    second = asyncio.create_task(function.invoke({}))
    await asyncio.sleep(0)
    assert not second.done()
    second.cancel()


def test_terms_are_declared_where_the_function_is() -> None:
    """An environment is where an operator writes them down."""
    env = TaskEnvironment(name="shop")

    @env.task(effect="read", timeout=2, retries=1, rate=RateLimit(calls=3))
    def price(sku: str) -> int:
        """Look a price up."""
        return len(sku)

    function = env.functions["price"]

    assert (function.effect, function.terms) == (
        "read",
        Terms.of(effect="read", timeout=2, retries=1, rate=RateLimit(calls=3)),
    )
    text = ['    """Look a price up.', "", "    Effect: read. It changes nothing.", '    """', "    ..."]
    assert function.stub() == "\n".join(["def price(sku: str) -> int:", *text])
    env.task(requires_approval=True, name="size")(len)
    assert env.functions["size"].terms == Terms(requires_approval=True)


def test_a_stub_says_that_calls_wait_for_an_approval() -> None:
    """Else whoever writes the program takes the suspended run for a fault."""
    env = TaskEnvironment(name="shop")

    @env.task(requires_approval=True)
    def pay(amount: int) -> None:
        """Pay it."""

    text = ['    """Pay it.', "", "    A call waits until somebody has approved it.", '    """', "    ..."]
    assert env.functions["pay"].stub() == "\n".join(["def pay(amount: int) -> None:", *text])
