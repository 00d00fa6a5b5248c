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
Job = Callable[[], None]


class Threads:
    """Runs jobs, each on a thread of its own.

    Args:
        find_job: asked by a thread that has nothing to do; returns None when others look for jobs already.
        leave: told by a thread before it ends.
    """

    def __init__(self, find_job: Callable[[], Job | None], leave: Job) -> None:
        self._find_job = find_job
        self._leave = leave
        self._idle: deque[queue.SimpleQueue[Job]] = deque()
        self._slowed = threading.local()

    def run(self, job: Job) -> None:
        """Run `job` on an idle thread, or on a new one; it must not raise."""
        try:
            self._idle.pop().put(job)
        except IndexError:
            inbox: queue.SimpleQueue[Job] = queue.SimpleQueue()
            inbox.put(job)
            threading.Thread(target=self._serve, args=(inbox,), daemon=True).start()

    def slow_down(self) -> None:
        """Lower the priority of the calling thread for the rest of its life; the second time does nothing."""
        if not self.is_slow():
            self._slowed.yes = True
            # On Linux 0 is the calling thread, and the only one that the filter of system calls lets it change.
            os.setpriority(os.PRIO_PROCESS, 0, SLOW_NICENESS)

    def is_slow(self) -> bool:
        """Say whether the calling thread was slowed down."""
        return getattr(self._slowed, "yes", False)

    def _serve(self, inbox: queue.SimpleQueue[Job]) -> None:
        inbox.get()()
        while not self.is_slow():
            job = self._find_job()
            if job is None:
                self._idle.append(inbox)
                job = inbox.get()
            job()
        self._leave()
