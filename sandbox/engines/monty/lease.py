"""A worker of the pool, lent to one execution: checked out, given back whole, or killed in the middle of a turn.

The pool's own deadline is looked at where its interpreter comes by; a signal ends a worker wherever it is.
"""

import asyncio
import contextlib
import os
import signal
import threading
from typing import Any, Protocol

from pydantic_monty import AsyncMonty


class Ledger(Protocol):
    """Who lends workers."""

    pool: AsyncMonty

    def give_back(self) -> None:
        """Note that a worker is free again."""


class Lease:
    """A session of one worker."""

    def __init__(self, ledger: Ledger, terms: dict[str, Any]) -> None:
        self._ledger = ledger
        self.session = ledger.pool.checkout(**terms)
        self._pidfd = -1
        self._guard = threading.Lock()
        self.killed = False

    async def begin(self) -> None:
        """Take the worker.

        Raises:
            OSError: no worker process could be started.
        """
        await self.session.__aenter__()
        pid = self.session.worker_pid
        if pid is not None:
            # A number may be another process's by the time that it is signalled; a descriptor stays this one's.
            with contextlib.suppress(ProcessLookupError):
                self._pidfd = os.pidfd_open(pid)

    def kill(self) -> None:
        """End the worker at once, from whatever thread."""
        with self._guard:
            self.killed = True
            if self._pidfd >= 0:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    async def end(self) -> None:
        """Give the worker back: the pool resets it, or replaces it where it is dead."""
        try:
            await asyncio.shield(asyncio.ensure_future(self.session.__aexit__(None, None, None)))
        finally:
            with self._guard:
                if self._pidfd >= 0:
                    os.close(self._pidfd)
                    self._pidfd = -1
            self._ledger.give_back()
