"""The attempts of one call, on the terms of its function: its rate, its timeouts, its retries."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sandbox.bucket import Bucket
from sandbox.deadline import within
from sandbox.terms import Terms, decide

_T = TypeVar("_T")


class _TooLate(TimeoutError):
    """A bound of the terms was reached: not a timeout of the function's own."""


# Programs know it by the name that they can catch.
_TooLate.__name__ = "TimeoutError"


@dataclass(slots=True)
class Attempts:
    """How often a call was tried; counted while it is under way."""

    made: int = 0
    on_again: Callable[[], None] = lambda: None
    """Called before each that follows the first."""
    is_alone: bool = False
    """Whether nobody is held up by waiting for it where it is made; see `sandbox.threads`."""

    def begin(self) -> None:
        """Count one that is about to be made."""
        self.made += 1
        if self.made > 1:
            self.on_again()


async def attempted(
    attempt: Callable[[], Awaitable[_T]], terms: Terms, *, name: str, bucket: Bucket | None, attempts: Attempts
) -> _T:
    """Return the value of the first attempt that has one; raises what the last one raised.

    Raises:
        TimeoutError: the last attempt, or all of them together, took too long.
        RateExceeded: its turn would have come too late.
    """
    if bucket is None and terms.is_plain:
        # Most functions: nothing stands between the call and them.
        attempts.made += 1
        return await attempt()
    async with within(terms.deadline_seconds, lambda seconds: _too_late(name, seconds, terms)):
        while True:
            if bucket is not None:
                await _turn(bucket)
            attempts.begin()
            try:
                async with within(terms.timeout_seconds, lambda seconds: _too_late(name, seconds, terms)):
                    return await attempt()
            except BaseException as error:
                decision = decide(error, terms, attempt=attempts.made, timed_out=isinstance(error, _TooLate))
                if decision is None:
                    raise
            await asyncio.sleep(decision.pause_seconds)


async def _turn(bucket: Bucket) -> None:
    ticket = object()
    try:
        while wait := bucket.seconds_until(ticket, now=time.monotonic()):  # noqa: ASYNC110 - it says when to ask again
            await asyncio.sleep(wait)
    finally:
        bucket.leave(ticket)


def _too_late(name: str, seconds: float, terms: Terms) -> TimeoutError:
    doubt = "; it may have taken effect all the same" if terms.effect != "read" else ""
    return _TooLate(f"{name}() did not answer within {seconds:g} s{doubt}")
