"""Waiting for what processes, threads and sockets do when they do it: none of them tells."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool]) -> None:
    """Return as soon as something is so, and fail when it does not come to be."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - nobody tells, so there is no event to wait for
            await asyncio.sleep(0.005)
