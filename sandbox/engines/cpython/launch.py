"""Starts a worker process of the `cpython` engine."""

import socket
from pathlib import Path

from sandbox.engines.workers.process import IMPORT_ALONE, Launched, launched

_START = f"{IMPORT_ALONE}from sandbox.engines.cpython.worker import main; main(int(sys.argv[2]), sys.argv[3])"


def launch_worker(channel: socket.socket, compiled: Path) -> Launched:
    """Start a worker at this end of the channel, with the compiled guest."""
    return launched(_START, channel, compiled)
