"""Attempts of a Python function: again after a failure, each within its time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.deadline import within
from sandbox.errors import GuestError, NonRecoverable
from sandbox.options import RetryStrategy, Timeout


class OutOfTime(TimeoutError):
    """A task took longer than it may; it is not tried again."""


async def attempts_of(body: Callable[[], Awaitable[Any]], retries: RetryStrategy, bounds: Timeout) -> Any:
    """Return what `body` returns, in one of its attempts.

    Raises:
        OutOfTime: an attempt, or all of them together, took too long.
    """
    async with within(bounds.seconds("deadline"), _late("deadline")):
        attempt = 1
        while True:
            try:
                async with within(bounds.seconds("max_runtime"), _late("max_runtime")):
                    return await body()
            except (NonRecoverable, GuestError, OutOfTime):
                raise
            except Exception:
                attempt += 1
                if attempt > retries.count + 1:
                    raise
            await asyncio.sleep(retries.pause_before(attempt))


def _late(field: str) -> Callable[[float], OutOfTime]:
    return lambda seconds: OutOfTime(f"the task took longer than its timeout.{field} of {seconds:g} seconds")
