"""Reads bodies, bounded in size, in time, and all together in memory."""

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.problems import RequestRefused
from service.errors import BodiesTooLarge
from service.settings import Settings


class BodyBudget:
    """How many bytes all requests' bodies take that are being read or run."""

    def __init__(self, allowed: int) -> None:
        self.left = allowed

    def open(self) -> "_Reading":
        """Return the part of one request; it is given back when the block ends."""
        return _Reading(self)


class _Reading:
    def __init__(self, budget: BodyBudget) -> None:
        self._budget = budget
        self._taken = 0

    def take(self, count: int) -> bool:
        """Take some bytes; False when there are none left."""
        self._taken += count
        self._budget.left -= count
        return self._budget.left >= 0

    def __enter__(self) -> "_Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self._budget.left += self._taken


async def read_body(request: Request, settings: Settings, reading: _Reading) -> bytes:
    """Return the body; stops reading at the bound.

    Raises:
        RequestRefused: it is too large or too slow.
        BodiesTooLarge: other bodies take all the memory that there is for them.
    """
    bound = settings.request_bytes
    too_large = RequestRefused("body-too-large", f"the body may have at most {bound:,} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > bound:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for part in request.stream():
                size += len(part)
                if size > bound:
                    raise too_large
                if not reading.take(len(part)):
                    raise BodiesTooLarge(settings.pending_bytes)
                parts.append(part)
    except TimeoutError:
        raise RequestRefused("body-too-slow", f"the body took longer than {settings.body_seconds:g} s") from None
    except ClientDisconnect:
        raise RequestRefused("body-too-slow", "the connection was closed before the body was complete") from None
    return parts[0] if len(parts) == 1 else b"".join(parts)
