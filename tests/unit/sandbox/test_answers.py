"""Calls of earlier attempts: what is answered and what is made again."""

from collections import Counter
from typing import Any

import pytest

from sandbox.answers import Answers
from sandbox.dispatch import ArgumentsRejected, HostFunction
from sandbox.errors import NonRecoverable
from sandbox.local import LibraryEngine
from sandbox.turns import Call

CALLS: Counter[str] = Counter()


async def draw(kind: str, **options: int) -> int:
    """Return how often it was called."""
    CALLS["draw"] += 1
    if kind == "fails":
        raise ConnectionError(kind)
    if kind == "final":
        raise NonRecoverable(kind)
    return CALLS["draw"] + 0 * len(options)


class Attempts:
    """Attempts of one run that call one function."""

    def __init__(self) -> None:
        self._answers = Answers()
        self._functions = {"draw": HostFunction.of(draw)}
        self.begin()
        CALLS.clear()

    def begin(self) -> None:
        """The next attempt starts."""
        _, self._now = self._answers.begin_attempt(LibraryEngine(), self._functions)
        self._count = 0

    async def draw(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as a guest does."""
        return await self.send(await self.make(*args, **kwargs))

    async def make(self, *args: Any, **kwargs: Any) -> Call:
        """Make a call that is not sent yet."""
        self._count += 1
        call = Call(number=self._count, function="draw", args=args, kwargs=kwargs)
        await self._answers.expect([call])
        return call

    async def send(self, call: Call) -> Any:
        """Send a call."""
        function = self._now["draw"]
        return await function.invoke(function.bind(call.args, call.kwargs))


async def test_a_call_that_was_answered_is_not_made_again() -> None:
    """An email that was sent stays sent."""
    attempts = Attempts()
    first = [await attempts.draw("a"), await attempts.draw("b")]

    attempts.begin()

    assert [await attempts.draw("b"), await attempts.draw(kind="a")] == [first[1], first[0]]
    assert CALLS["draw"] == 2


async def test_equal_calls_are_told_apart_by_their_order() -> None:
    """A program that draws twice gets two answers, the same two in every attempt."""
    attempts = Attempts()
    first = [await attempts.draw("a"), await attempts.draw("a")]

    attempts.begin()

    assert [await attempts.draw("a"), await attempts.draw("a"), await attempts.draw("a")] == [*first, 3]


async def test_equal_calls_keep_their_order_when_one_overtakes_another() -> None:
    """Large arguments are bound on threads, and the order in which those are done is nobody's promise."""
    attempts = Attempts()
    calls = [await attempts.make("a"), await attempts.make("a")]
    second, first = await attempts.send(calls[1]), await attempts.send(calls[0])

    attempts.begin()

    assert [await attempts.draw("a"), await attempts.draw("a")] == [first, second]
    assert CALLS["draw"] == 2


async def test_a_call_that_does_not_fit_is_not_counted() -> None:
    """It was never made."""
    attempts = Attempts()
    first = await attempts.draw("a")

    attempts.begin()

    with pytest.raises(ArgumentsRejected):
        await attempts.draw(1)
    assert await attempts.draw("a") == first


async def test_the_order_of_keywords_does_not_matter() -> None:
    """They are names, not places."""
    attempts = Attempts()
    first = await attempts.draw("a", x=1, y=2)

    attempts.begin()

    assert await attempts.draw("a", y=2, x=1) == first
    assert await attempts.draw("a", y=1, x=1) == 2


async def test_a_call_that_failed_is_made_again() -> None:
    """That is what the retry is for."""
    attempts = Attempts()
    with pytest.raises(ConnectionError):
        await attempts.draw("fails")

    attempts.begin()

    with pytest.raises(ConnectionError):
        await attempts.draw("fails")
    assert CALLS["draw"] == 2


async def test_a_final_failure_is_an_answer() -> None:
    """The function said that asking again is of no use."""
    attempts = Attempts()
    with pytest.raises(NonRecoverable):
        await attempts.draw("final")

    attempts.begin()

    with pytest.raises(NonRecoverable):
        await attempts.draw("final")
    assert CALLS["draw"] == 1
