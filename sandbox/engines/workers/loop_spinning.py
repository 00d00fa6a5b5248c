"""The engine's side of `spinning`: its event loop stays awake for a moment after a turn was sent."""

import asyncio
import os
import threading
from collections.abc import Callable

from sandbox.adaptive_wait import AdaptiveWait
from sandbox.engines.workers.spinning import CONTENDED_SECONDS, SPIN_SECONDS, may_spin


class LoopSpinner:
    """Keeps an event loop from falling asleep for a moment.

    Only that of the main thread, as a service has it. The library's runs beside the one that it works for, which would
    wait for the interpreter's lock meanwhile: calls took a tenth longer.

    Args:
        is_expecting: asked in each round of the loop; says whether there is still something to wait for.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, is_expecting: Callable[[], bool]) -> None:
        self._loop = loop
        self._is_expecting = is_expecting
        self._may_spin = threading.current_thread() is threading.main_thread() and may_spin()
        self._wait = AdaptiveWait()
        self._until = 0.0
        self._spins = False

    def spin(self) -> None:
        """Stay awake for `SPIN_SECONDS` from now on, where that is worth it."""
        if not self._may_spin or not self._wait.is_worth_it():
            return
        self._until = self._loop.time() + SPIN_SECONDS
        if not self._spins:
            self._spins = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._is_expecting():
            self._end(came=True)
            return
        before = self._loop.time()
        os.sched_yield()
        now = self._loop.time()
        if now > self._until or now - before > CONTENDED_SECONDS:
            self._end(came=False)
        else:
            self._loop.call_soon(self._go_on)

    def _end(self, *, came: bool) -> None:
        self._spins = False
        self._wait.learn(came=came)
