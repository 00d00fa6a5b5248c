"""The engine's vigils: its event loop stays awake for a moment; see `vigil`."""

import asyncio
import os
import threading
from collections.abc import Callable

from sandbox.engines.workers.vigil import VIGIL_SECONDS, WANTED_SECONDS, is_affordable
from sandbox.patience import Patience


class LoopVigil:
    """Keeps an event loop from falling asleep for a moment.

    Only that of the main thread, as a service has it. The library's runs beside the one that it works for, which would
    wait for the interpreter's lock meanwhile: calls took a tenth longer.

    Args:
        is_worth: asked in each round of the loop; says whether there is still something to wait for.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, is_worth: Callable[[], bool]) -> None:
        self._loop = loop
        self._is_worth = is_worth
        self._is_affordable = threading.current_thread() is threading.main_thread() and is_affordable()
        self._patience = Patience()
        self._until = 0.0
        self._is_kept = False

    def keep(self) -> None:
        """Stay awake for `VIGIL_SECONDS` from now on."""
        if not self._is_affordable or not self._patience.is_left():
            return
        self._until = self._loop.time() + VIGIL_SECONDS
        if not self._is_kept:
            self._is_kept = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._is_worth():
            self._end(came=True)
            return
        before = self._loop.time()
        os.sched_yield()
        now = self._loop.time()
        if now > self._until or now - before > WANTED_SECONDS:
            self._end(came=False)
        else:
            self._loop.call_soon(self._go_on)

    def _end(self, *, came: bool) -> None:
        self._is_kept = False
        self._patience.learn(came=came)
