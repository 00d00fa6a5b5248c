"""Bounds how many whole journals of one tenant are read at once: in memory, one takes ten times its text and more."""

import asyncio
from weakref import WeakValueDictionary

AT_ONCE = 2


class JournalReads:
    """The places of each tenant; whoever finds none waits, and keeps nobody of another tenant waiting."""

    def __init__(self) -> None:
        # A tenant's places last as long as somebody has or wants one.
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def places(self, tenant: str) -> asyncio.Semaphore:
        """Return the places of a tenant, to be held from before a journal is read until its answer is written."""
        found = self._places.get(tenant)
        if found is None:
            found = self._places[tenant] = asyncio.Semaphore(AT_ONCE)
        return found
