"""Worker processes that are none: the other end of the engine's channel, in the hands of a test."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.workers import wire
from sandbox.engines.workers.execution import WorkerExecution
from sandbox.engines.workers.walls import EVERY
from sandbox.engines.workers.wire import FrameKind, FrameReader, frame
from sandbox.limits import Limits
from sandbox.turns import FunctionSpec, Outcome, Program, Progress, Turn
from tests.play import NOW
from tests.waiting import until

_TO_WORKER = frozenset({FrameKind.START, FrameKind.ADVANCE, FrameKind.CANCEL})
FRESH_BYTES = 20 * 2**20
READY = frame(FrameKind.READY, FRESH_BYTES, wire.ready_payload(EVERY))
FOUND = 42
PROGRAM = Program(source="f()", functions=(FunctionSpec(name="f"),))
LIMITS = Limits(output_bytes=100, calls=5, memory_bytes=24 * 2**20)
# How many isolates a worker has that were made ahead.
SPARE = b"\x03"
TAKEN, OUTPUT, BLOCKED = FrameKind.TAKEN, FrameKind.OUTPUT, FrameKind.BLOCKED
FINISHED, STOPPED, NOTE = FrameKind.FINISHED, FrameKind.STOPPED, FrameKind.NOTE
STOPPED_BY_FUEL = wire.end_payload(1, 0.1, "fuel")
# What executions are told that are taken through a replay.
FORESEEN = [Turn(now=NOW, outcomes=(Outcome(number=number, value=1),)) for number in (1, 2)]


def final(value: Any = FOUND) -> bytes:
    """Return the payload of a program that has ended with a value."""
    return wire.end_payload(1, 0.1, json.dumps({"error": None, "memory": 1}) + "\n" + json.dumps(value))


def blocked(*calls: int, waiting: list[int] | None = None, wake_at: int | None = None) -> bytes:
    """Return the payload of a program that makes some calls and waits."""
    head = {
        "calls": [[call, "f", 1] for call in calls],
        "waiting": [*calls] if waiting is None else waiting,
        "cancelled": [],
        "wake_at": wake_at,
        "memory": 1,
    }
    return wire.end_payload(1, 0.1, "\n".join([json.dumps(head), *["[[],{}]" for _ in calls]]))


class Impostor(asyncio.Protocol):
    """What the engine takes for a worker."""

    def __init__(self, channel: socket.socket) -> None:
        self.pid = 0
        self.started: list[int] = []
        """Executions that the engine started here."""
        self.honest = True
        """Answers every START at once with `FOUND`; a dishonest one leaves that to the test."""
        self.status: int | None = None
        self._reader = FrameReader(_TO_WORKER)
        self._transport: Any = None
        self.connected = asyncio.ensure_future(self._connect(channel.dup()))

    async def _connect(self, channel: socket.socket) -> None:
        channel.setblocking(False)  # noqa: FBT003
        await asyncio.get_running_loop().create_connection(lambda: self, sock=channel)
        self.say(READY)

    def say(self, sent: bytes) -> None:
        """Send bytes to the engine."""
        if self._transport is not None:
            self._transport.write(sent)

    def tell(self, kind: FrameKind, number: int, payload: bytes = b"") -> None:
        """Send a whole frame."""
        self.say(frame(kind, number, payload))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for kind, number, _ in self._reader.feed(data):
            if kind is FrameKind.START:
                self.started.append(number)
                if self.honest:
                    self.tell(FrameKind.TAKEN, number, b"\x00")
                    self.tell(FrameKind.FINISHED, number, final())

    def poll(self) -> int | None:
        """Return how it ended, None while it has not."""
        return self.status

    def kill(self) -> None:
        """End."""
        if self.status is None:
            self.status = -9
            self.connected.cancel()
            if self._transport is not None:
                self._transport.abort()

    def wait(self) -> int:
        """Return how it ended."""
        return self.status or 0


@asynccontextmanager
async def engine_of_impostors(workers: int) -> AsyncIterator[tuple[CPythonEngine, list[Impostor]]]:
    """Give an open engine and its workers, which grow in number when the engine replaces some.

    Fails when an exception has escaped into the event loop.
    """
    impostors: list[Impostor] = []
    escaped: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: escaped.append(context))

    def launch(channel: socket.socket, _compiled: Path) -> Impostor:
        impostors.append(Impostor(channel))
        return impostors[-1]

    engine = CPythonEngine(workers=workers, launch=launch)
    await engine.open()
    try:
        yield engine, impostors
    finally:
        await engine.close()
        for impostor in impostors:
            impostor.kill()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(one.connected for one in impostors), return_exceptions=True)
        await asyncio.sleep(0)
    assert escaped == []


def begin(engine: CPythonEngine) -> tuple[WorkerExecution, asyncio.Task[Progress]]:
    """Start a program."""
    execution = engine.execution(PROGRAM, limits=LIMITS, seed=7)
    return execution, asyncio.ensure_future(execution.start({}, now=NOW))


async def until_started(impostors: list[Impostor], count: int) -> None:
    """Wait until the workers have got that many programs altogether."""
    await until(lambda: sum(len(one.started) for one in impostors) >= count)


async def until_replaced(impostors: list[Impostor], count: int) -> None:
    """Wait until the engine has started that many workers, the dead included."""
    await until(lambda: len(impostors) >= count)
