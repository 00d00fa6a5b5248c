"""Isolates of a worker in which a program has ended and another run of it may begin.

The engine alone decides which execution takes one over. Here they are only held, by the execution that ended in them.
"""

import threading
from typing import Protocol

from sandbox.engines.cpython.isolate import Isolate


class Ended(Protocol):
    """The execution whose program has ended."""

    number: int
    cancelled: bool
    has_left: bool


class KeptIsolates:
    """What is held; whoever takes an isolate, or drops it, is the only one to have it then."""

    def __init__(self) -> None:
        self._held: dict[int, Isolate] = {}
        self._lock = threading.Lock()

    def keep(self, execution: Ended, isolate: Isolate) -> None:
        """Hold the isolate of a program that has ended, unless nobody wants it any more."""
        with self._lock:
            if not execution.cancelled:
                self._held[execution.number] = isolate
                execution.has_left = True

    def take(self, number: int) -> Isolate | None:
        """Return the isolate in which an execution ended; None when it is gone."""
        with self._lock:
            return self._held.pop(number, None)

    def cancel(self, number: int, running: Ended | None) -> None:
        """Have an execution leave nothing behind, whether it has ended already or not."""
        with self._lock:
            if running is not None:
                running.cancelled = True
            isolate = self._held.pop(number, None)
        if isolate is not None:
            isolate.close()
