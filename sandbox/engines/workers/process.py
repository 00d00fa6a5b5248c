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

from sandbox.engines.workers import wire
from sandbox.engines.workers.frame_order import Bounds, FrameOrder
from sandbox.engines.workers.walls import EVERY, Wall
from sandbox.engines.workers.wire import FROM_WORKER, BadFrame, FrameKind, FrameReader, frame

_PACKAGE = str(Path(__file__).resolve().parents[2])
# -I: neither the environment nor the current directory decides what the worker imports. The package's own
# `__init__` would import the whole library; whoever breaks out finds in a worker what a worker needs, and no more.
IMPORT_ALONE = (
    "import sys, types; package = types.ModuleType('sandbox'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['sandbox'] = package; "
)
TURN_ENDS = frozenset({FrameKind.BLOCKED, FrameKind.FINISHED, FrameKind.STOPPED})
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


class Launched(Protocol):
    """A process that was started: what is used of `subprocess.Popen`."""

    pid: int

    def poll(self) -> int | None: ...

    def kill(self) -> None: ...

    def wait(self) -> int: ...


Launch = Callable[[socket.socket, Path], Launched]


def launched(code: str, channel: socket.socket, material: Path, *kept: int) -> Launched:
    """Start a process that runs `code` at this end of the channel, with what it needs beside this package.

    Args:
        kept: further descriptors that it has.
    """
    return subprocess.Popen(  # noqa: S603 - our own interpreter; starting takes a millisecond
        python_alone(code, str(channel.fileno()), str(material), *map(str, kept)),
        pass_fds=[channel.fileno(), *kept],
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # Nor may whoever breaks out write into the service's log.
        stderr=subprocess.DEVNULL,
        cwd="/",
        process_group=0,  # an interrupt from the terminal is for the engine, which then closes the workers
    )


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

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop, launch: Launch) -> None:
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
        self.spare_isolates = 0
        """Isolates that were made ahead, when it last took a program."""
        self.last_start = 0.0
        """When the last execution was placed here, on the loop's clock."""
        self._turns: dict[int, float] = {}
        self._overdue: dict[int, asyncio.TimerHandle] = {}
        self._owner = owner
        self._loop = loop
        self._order = FrameOrder()
        self._reader = FrameReader(FROM_WORKER, self._order.check)
        self._descriptor = -1
        self._transport: Any = None
        self._launch = launch
        self._process: Launched | None = None

    async def start(self, material: Path) -> None:
        """Start the process; `ready` is done when it can take executions."""
        ours, theirs = socket.socketpair()
        self._descriptor = ours.fileno()
        with theirs, contextlib.ExitStack() as unless_started:
            unless_started.callback(ours.close)
            self._process = self._launch(theirs, material)
            unless_started.pop_all()
        ours.setblocking(False)  # noqa: FBT003 - it takes no keywords
        await self._loop.create_connection(lambda: self, sock=ours)

    def start_program(self, number: int, payload: bytes, bounds: Bounds, *, turns: int = 1) -> None:
        """Send the first turn of an execution, which lives here from now on, or the first `turns`."""
        self.live.add(number)
        self.last_start = self._loop.time()
        self._order.start(number, bounds, turns=turns)
        self._begin_turn(FrameKind.START, number, payload)

    def advance(self, number: int, payload: bytes, *, turns: int = 1) -> None:
        """Send a further turn, or several that follow one another."""
        self._order.advance(number, turns=turns)
        self._begin_turn(FrameKind.ADVANCE, number, payload)

    def is_computing(self, number: int) -> bool:
        """Say whether an execution has still to end a turn that it was sent."""
        return self._order.is_computing(number)

    def cancel(self, number: int) -> None:
        """Stop an execution; a worker that has not done so after `GRACE_SECONDS` is no longer in order."""
        self.live.discard(number)
        if number in self._order:
            self._order.cancel(number)
            self._send(FrameKind.CANCEL, number, b"")
            self._overdue[number] = self._loop.call_later(GRACE_SECONDS, self.kill)

    def drop_isolate(self, number: int) -> None:
        """Throw the isolate away that was kept when an execution ended; nothing is heard of it."""
        self._send(FrameKind.CANCEL, number, b"")

    def _begin_turn(self, kind: FrameKind, number: int, payload: bytes) -> None:
        self._turns[number] = self._loop.time()
        self._send(kind, number, payload)

    def _send(self, kind: FrameKind, number: int, payload: bytes) -> None:
        """Send a frame; what the worker does not read is buffered here."""
        if not self._transport.is_closing():
            self._transport.write(frame(kind, number, payload))

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
                self._order.take(kind, number, len(payload))
                if kind is FrameKind.READY:
                    self._become_ready(number, payload)
                    continue
                if kind in TURN_ENDS:
                    self._end_turn(number)
                elif kind is FrameKind.TAKEN:
                    self.spare_isolates = payload[0]
                self._owner.frame_received(self, kind, number, payload)
        except BadFrame:
            # Whoever writes such frames is no longer our worker.
            self.kill()
            self._transport.abort()

    def _end_turn(self, number: int) -> None:
        if self._order.is_computing(number):
            return
        self._turns.pop(number, None)
        if number not in self._order:
            overdue = self._overdue.pop(number, None)
            if overdue is not None:
                overdue.cancel()

    def _become_ready(self, fresh_bytes: int, payload: bytes) -> None:
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
