"""Worker processes that are none: the other end of the engine's channel, in the hands of a test."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.workers import wire
from sandbox.engines.workers.walls import EVERY
from sandbox.engines.workers.wire import FrameKind, FrameReader, frame

_TO_WORKER = frozenset({FrameKind.START, FrameKind.ADVANCE, FrameKind.CANCEL})
FRESH_BYTES = 20 * 2**20
READY = frame(FrameKind.READY, FRESH_BYTES, wire.ready_payload(EVERY))
FOUND = 42


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


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody tells: what goes through a socket arrives when it does."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.0005)


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
