"""A timeout for a block of code, with an exception of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from sandbox.errors import LimitExceeded


@contextlib.asynccontextmanager
async def within(seconds: float | None, late: Callable[[float], Exception]) -> AsyncIterator[None]:
    """Cancel what a block awaits once it takes longer, and raise what `late` makes of the bound.

    A `TimeoutError` of the block's own is left as it is.
    """
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            yield
    except TimeoutError:
        if seconds is None or not bound.expired():
            raise
        raise late(seconds) from None


def late(field: str) -> Callable[[float], LimitExceeded]:
    """Return what is raised where a run takes longer than its template's `timeout`."""

    def late(seconds: float) -> LimitExceeded:
        message = f"the run took longer than its timeout.{field} of {seconds:g} seconds"
        return LimitExceeded(field, seconds, message, "make calls in parallel with asyncio.gather, or allow more time")

    return late
