"""One worker process, seen from the engine: started, spoken to in frames, killed when it misbehaves."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from sandbox.engines.cpython import wire
from sandbox.engines.cpython.walls import EVERY, Wall
from sandbox.engines.cpython.wire import FROM_WORKER, BadFrame, FrameKind, FrameReader, frame

_PACKAGE = str(Path(__file__).resolve().parents[2])
# -I: neither the environment nor the current directory decides what the worker imports. The package's own
# `__init__` would import the whole library; whoever breaks out finds in a worker what a worker needs, and no more.
IMPORT_ALONE = (
    "import sys, types; package = types.ModuleType('sandbox'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['sandbox'] = package; "
)
_START = f"{IMPORT_ALONE}from sandbox.engines.cpython.worker import main; main(int(sys.argv[2]), sys.argv[3])"
YOUNG_SECONDS = 0.01
# A guest is stopped within a few ticks of 10 ms; on a machine that is busy all over it may take a second.
GRACE_SECONDS = 10.0


def python_alone(code: str, *arguments: str) -> list[str]:
    """Return the command that runs `code` with this package and without the environment."""
    return [sys.executable, "-I", "-c", code, _PACKAGE, *arguments]


def ending(status: int) -> str:
    """Say how a worker process ended, for whoever reads the log."""
    if status == -signal.SIGSYS:
        return "it made a system call that is not on its list, so either a program broke out or the list is too short"
    if status < 0:
        return f"signal {-status}"
    return f"exit status {status}"


class Owner(Protocol):
    """Who is told what a worker does."""

    def frame_received(self, worker: "WorkerProcess", kind: FrameKind, number: int, payload: bytes) -> None: ...

    def worker_lost(self, worker: "WorkerProcess") -> None: ...


class WorkerProcess(asyncio.Protocol):
    """A worker, and what is known of its load.

    A turn is young for 10 ms. A worker gets no second turn while it has a young one, so that short turns run one
    after the other, at full speed; a turn that lasts longer no longer counts, so that a guest that computes for
    seconds does not hold up the short ones behind it: the operating system shares the cores between them.
    """

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self.ready = loop.create_future()
        self.backlog: deque[tuple[int, Callable[[], bool]]] = deque()
        """Turns of executions that already live here, by arrival, waiting for the young one to end.

        Each says whether there was still something to send.
        """
        self.live: set[int] = set()
        self.fresh_bytes = 0
        """Memory of an isolate that has run nothing."""
        self.in_force = Wall(0)
        """The walls that stand around the process, as it says itself before it runs any program."""
        self.last_start = 0.0
        """When the last execution was placed here, on the loop's clock."""
        self._turns: dict[int, float] = {}
        self._overdue: dict[int, asyncio.TimerHandle] = {}
        self._owner = owner
        self._loop = loop
        self._reader = FrameReader(FROM_WORKER)
        self._descriptor = -1
        self._transport: Any = None
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, compiled: Path) -> None:
        """Start the process; `ready` is done when it can take executions."""
        ours, theirs = socket.socketpair()
        self._descriptor = ours.fileno()
        with theirs, contextlib.ExitStack() as unless_started:
            unless_started.callback(ours.close)
            command = python_alone(_START, str(theirs.fileno()), str(compiled))
            self._process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own interpreter; starting takes a millisecond
                command,
                pass_fds=[theirs.fileno()],
                env={},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # Nor may whoever breaks out write into the service's log.
                stderr=subprocess.DEVNULL,
                cwd="/",
                process_group=0,  # an interrupt from the terminal is for the engine, which then closes the workers
            )
            unless_started.pop_all()
        ours.setblocking(False)  # noqa: FBT003
        await self._loop.create_connection(lambda: self, sock=ours)

    def send(self, kind: FrameKind, number: int, payload: bytes = b"") -> None:
        """Send a frame; what the worker does not read is buffered here."""
        if not self._transport.is_closing():
            self._transport.write(frame(kind, number, payload))

    def cancel(self, number: int) -> None:
        """Stop an execution; a worker that has not done so after `GRACE_SECONDS` is no longer in order."""
        self.live.discard(number)
        self.send(FrameKind.CANCEL, number)
        if number in self._turns:
            self._overdue[number] = self._loop.call_later(GRACE_SECONDS, self.kill)

    def begin_turn(self, number: int) -> None:
        """Note that an execution computes from now on."""
        self._turns[number] = self._loop.time()

    def end_turn(self, number: int) -> None:
        """Note that an execution waits or has ended."""
        self._turns.pop(number, None)
        overdue = self._overdue.pop(number, None)
        if overdue is not None:
            overdue.cancel()

    def computing(self) -> int:
        """Return how many executions compute here."""
        return len(self._turns)

    def busy_until(self) -> float:
        """Return the time at which the last young turn stops being young; not later than now when there is none."""
        return max(self._turns.values(), default=0.0) + YOUNG_SECONDS

    def process_id(self) -> int:
        """Return the id of the operating system's process."""
        return self._process.pid if self._process is not None else 0

    def descriptor(self) -> int:
        """Return our end of the channel."""
        return self._descriptor

    def is_alive(self) -> bool:
        """Say whether the process still runs, which is known before its channel closes."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Close the channel: a worker that is in order ends by itself; kill it all the same, and reap it."""
        self.ready.cancel()
        if self._transport is not None:
            self._transport.abort()
        self.reap()

    def reap(self) -> int:
        """Kill the process and return its exit status, negative when a signal ended it."""
        if self._process is None:
            return 0
        self._process.kill()
        return self._process.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            for kind, number, payload in self._reader.feed(data):
                if kind is FrameKind.READY:
                    self._become_ready(number, payload)
                else:
                    self._owner.frame_received(self, kind, number, payload)
        except BadFrame:
            # Whoever writes such frames is no longer our worker.
            self.kill()
            self._transport.abort()

    def _become_ready(self, fresh_bytes: int, payload: bytes) -> None:
        if self.in_force:
            raise BadFrame("ready twice")
        self.fresh_bytes = fresh_bytes
        self.in_force = Wall(wire.read_ready(payload)) & EVERY
        if not self.ready.done():
            self.ready.set_result(None)

    def connection_lost(self, _error: Exception | None) -> None:
        for overdue in self._overdue.values():
            overdue.cancel()
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("the worker process ended while it started"))
        self._owner.worker_lost(self)
