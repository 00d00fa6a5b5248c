"""The native threads of a worker: one per live execution, used again unless it had to be slowed down.

An execution that computes for long gets a lower priority, so that the short turns of all workers go before it. A
thread's priority can be lowered but, without privileges, never raised again, so such a thread serves no other.
"""

import os
import queue
import threading
from collections import deque
from collections.abc import Callable

SLOW_NICENESS = 10


class Threads:
    """Runs jobs, each on a thread of its own."""

    def __init__(self) -> None:
        self._idle: deque[queue.SimpleQueue[Callable[[], None]]] = deque()
        self._slowed = threading.local()

    def run(self, job: Callable[[], None]) -> None:
        """Run `job` on an idle thread, or on a new one; it must not raise."""
        try:
            self._idle.pop().put(job)
        except IndexError:
            inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
            inbox.put(job)
            threading.Thread(target=self._serve, args=(inbox,), daemon=True).start()

    def slow_down(self) -> None:
        """Lower the priority of the calling thread for the rest of its life; the second time does nothing."""
        if not getattr(self._slowed, "yes", False):
            self._slowed.yes = True
            # On Linux 0 is the calling thread, and the only one that the filter of system calls lets it change.
            os.setpriority(os.PRIO_PROCESS, 0, SLOW_NICENESS)

    def _serve(self, inbox: queue.SimpleQueue[Callable[[], None]]) -> None:
        while not getattr(self._slowed, "yes", False):
            inbox.get()()
            if not getattr(self._slowed, "yes", False):
                self._idle.append(inbox)
