"""Starts a worker process of the `monty` engine: a group of two, this package and the interpreter."""

import contextlib
import os
import signal
import socket
import weakref
from pathlib import Path

from sandbox.engines.workers.process import IMPORT_ALONE, Launched, launched

_START = (
    f"{IMPORT_ALONE}from sandbox.engines.monty.worker import main; "
    "main(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))"
)


class Group:
    """A worker and its interpreter, which end together, and with this process.

    Args:
        lifeline: the end of a pipe that is closed with this process, whatever ends it; see `confinement`.
    """

    def __init__(self, leader: Launched, lifeline: int) -> None:
        self.pid = leader.pid
        self._leader = leader
        self._closes = weakref.finalize(self, os.close, lifeline)

    def poll(self) -> int | None:
        """Return the worker's exit status, None while it runs."""
        return self._leader.poll()

    def kill(self) -> None:
        """End both at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Return the worker's exit status when it has ended."""
        status = self._leader.wait()
        self._closes()
        return status


def launch_worker(channel: socket.socket, binary: Path) -> Launched:
    """Start a worker at this end of the channel, with the interpreter's program."""
    theirs, ours = os.pipe()
    try:
        return Group(launched(_START, channel, binary, theirs), ours)
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
