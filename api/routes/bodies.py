"""Reads bodies, bounded in size, in time, and all together in memory."""

import asyncio
from collections import Counter

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.problems import RequestRefused
from service.errors import BodiesTooLarge
from service.settings import Settings


class BodyBudget:
    """How many bytes all requests' bodies take that are being read or run.

    One tenant has at most three quarters of them: whatever it sends and has waiting, others can send something too.
    """

    def __init__(self, allowed: int) -> None:
        self._left = allowed
        self._allowed = allowed
        self._most_of_one = allowed - allowed // 4
        self._taken: Counter[str] = Counter()

    def open(self, tenant: str) -> "_Reading":
        """Return the part of one request of a tenant; it is given back when the block ends."""
        return _Reading(self, tenant)

    def take(self, tenant: str, count: int) -> None:
        """Take some bytes.

        Raises:
            BodiesTooLarge: there are not so many left, or not for this tenant; they are taken all the same.
        """
        self._left -= count
        self._taken[tenant] += count
        if self._left < 0:
            raise BodiesTooLarge(self._allowed)
        if self._taken[tenant] > self._most_of_one:
            raise BodiesTooLarge(self._most_of_one, of="your tenant")

    def give_back(self, tenant: str, count: int) -> None:
        """Give back what was taken."""
        self._left += count
        self._taken[tenant] -= count
        if not self._taken[tenant]:
            del self._taken[tenant]


class _Reading:
    def __init__(self, budget: BodyBudget, tenant: str) -> None:
        self._budget = budget
        self._tenant = tenant
        self._taken = 0

    def take(self, count: int) -> None:
        """Take some bytes; raises as the budget does."""
        self._taken += count
        self._budget.take(self._tenant, count)

    def __enter__(self) -> "_Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self._budget.give_back(self._tenant, self._taken)


async def read_body(request: Request, settings: Settings, reading: _Reading) -> bytes:
    """Return the body; stops reading at the bound.

    Raises:
        RequestRefused: it is too large or too slow.
        BodiesTooLarge: other bodies take all the memory that there is for them, or for those of this tenant.
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
                reading.take(len(part))
                parts.append(part)
    except TimeoutError:
        raise RequestRefused("body-too-slow", f"the body took longer than {settings.body_seconds:g} s") from None
    except ClientDisconnect:
        raise RequestRefused("body-too-slow", "the connection was closed before the body was complete") from None
    return parts[0] if len(parts) == 1 else b"".join(parts)
