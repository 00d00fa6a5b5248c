"""Templates of functions that are tried again, within their time, between their hooks."""

import asyncio
import datetime
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import AsyncFunctionTaskTemplate, Backoff, GuestRaised, NonRecoverable, RetryStrategy, Timeout, run
from sandbox.errors import LoopRunning
from sandbox.interface import NativeInterface


class Flaky:
    """A function that fails some times before it succeeds."""

    def __init__(self, failures: list[Exception]) -> None:
        self.left = [*failures]
        self.made = 0

    def template(self, **parameters: Any) -> AsyncFunctionTaskTemplate[Any, Any]:
        """Its template."""

        async def work(x: int) -> int:
            self.made += 1
            if self.left:
                raise self.left.pop(0)
            return x

        return AsyncFunctionTaskTemplate(
            name="work", interface=NativeInterface.from_callable(work), func=work, **parameters
        )


async def test_a_function_is_tried_again_as_often_as_allowed() -> None:
    """The last failure is what the caller gets."""
    twice = Flaky([ValueError("1"), ValueError("2")])
    assert await twice.template(retries=2).aio(7) == 7
    assert twice.made == 3

    thrice = Flaky([ValueError("1"), ValueError("2"), ValueError("3")])
    with pytest.raises(ValueError, match=r"^3$"):
        await thrice.template(retries=2).aio(7)


async def test_what_cannot_pass_is_not_tried_again() -> None:
    """The function itself says so."""
    flaky = Flaky([NonRecoverable("no"), ValueError("2")])

    with pytest.raises(NonRecoverable):
        await flaky.template(retries=5).aio(7)
    assert flaky.made == 1


async def test_attempts_wait_as_their_strategy_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Growing pauses, and none before the first."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", pause)
    second = datetime.timedelta(seconds=1)
    strategy = RetryStrategy(3, Backoff(base=10 * second, factor=2.0, cap=30 * second))

    assert await Flaky([ValueError("1"), ValueError("2"), ValueError("3")]).template(retries=strategy).aio(1) == 1
    assert pauses == [10.0, 20.0, 30.0]


async def wait_forever(x: int) -> int:
    """Wait for what never comes."""
    await asyncio.Event().wait()
    return x


async def test_a_program_that_failed_in_a_function_is_not_run_again_by_it() -> None:
    """Its template says how often it is tried."""
    flaky = Flaky([GuestRaised("KeyError", "x", ()), ValueError("2")])

    with pytest.raises(GuestRaised):
        await flaky.template(retries=5).aio(7)
    assert flaky.made == 1


@pytest.mark.parametrize("field", ["max_runtime", "deadline"])
async def test_a_function_ends_with_its_time(field: str) -> None:
    """It is cancelled, and not tried again: it may write."""
    template = AsyncFunctionTaskTemplate(
        name="wait",
        interface=NativeInterface.from_callable(wait_forever),
        func=wait_forever,
        timeout=Timeout(**{field: 0.05}),
        retries=100,
    )

    late = r"^wait\(\) did not answer within 0.05 s; it may have taken effect all the same$"
    with pytest.raises(TimeoutError, match=late):
        await template.aio(1)


async def test_a_timeout_of_the_functions_own_may_pass() -> None:
    """Only our bound is final."""
    flaky = Flaky([TimeoutError("its own")])

    assert await flaky.template(retries=1, timeout=60).aio(3) == 3


def test_a_sync_function_with_attempts_blocks_and_refuses_a_loop() -> None:
    """It would stop the loop while it waits."""
    tries: list[int] = []

    def work(x: int) -> int:
        tries.append(x)
        if len(tries) == 1:
            raise ValueError("no")
        return x

    template = AsyncFunctionTaskTemplate(
        name="work", interface=NativeInterface.from_callable(work), func=work, retries=1
    )

    async def main() -> None:
        template(1)

    assert template(7) == 7
    with pytest.raises(LoopRunning, match=r"^'work' was called where an event loop runs: write `await template.aio"):
        asyncio.run(main())


@dataclass(kw_only=True, eq=False)
class Hooked(AsyncFunctionTaskTemplate[Any, Any]):
    """A template with hooks."""

    async def pre(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if args == (0,) or kwargs == {"x": 0}:
            raise ValueError("zero")
        return {}

    async def post(self, return_vals: Any) -> Any:
        return [return_vals]


async def test_hooks_stand_around_the_body() -> None:
    """What the second returns is the value; Flyte throws it away. The first can stop the run."""

    def work(x: int) -> int:
        return x

    hooked = Hooked(name="work", interface=NativeInterface.from_callable(work), func=work)

    assert await hooked.aio(1) == [1]
    assert (await run.aio(hooked, x=2)).outputs() == ([2],)
    assert hooked.forward(3) == 3
    with pytest.raises(ValueError, match=r"^zero$"):
        await hooked.aio(0)
