"""Starts a worker process of the `monty` engine: a group of two, this package and the interpreter."""

import contextlib
import os
import signal
import socket
from pathlib import Path

from sandbox.engines.workers.process import IMPORT_ALONE, Launched, launched

_START = f"{IMPORT_ALONE}from sandbox.engines.monty.worker import main; main(int(sys.argv[2]), sys.argv[3])"


class Group:
    """A worker and its interpreter, which end together."""

    def __init__(self, leader: Launched) -> None:
        self.pid = leader.pid
        self._leader = leader

    def poll(self) -> int | None:
        """Return the worker's exit status, None while it runs."""
        return self._leader.poll()

    def kill(self) -> None:
        """End both at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Return the worker's exit status when it has ended."""
        return self._leader.wait()


def launch_worker(channel: socket.socket, binary: Path) -> Launched:
    """Start a worker at this end of the channel, with the interpreter's program."""
    return Group(launched(_START, channel, binary))
