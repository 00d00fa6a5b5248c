"""A load generator that costs little: prebuilt bytes on raw connections, in a process of its own."""

import asyncio
import json
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import uvloop

HOST = "127.0.0.1"
_TIMEOUT_SECONDS = 30
_LENGTH = b"content-length: "
_END_OF_HEADERS = b"\r\n\r\n"


class UnexpectedAnswer(Exception):
    """The service answered something else than what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as bytes, and what must stand in its answer."""

    head_and_body: bytes
    expected: bytes

    @classmethod
    def post(cls, path: str, body: dict[str, Any], *, expected: str) -> "Request":
        """Return a POST of a JSON body."""
        payload = json.dumps(body, separators=(",", ":")).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n"
        )
        return cls(head_and_body=head.encode() + payload, expected=expected.encode())

    def check(self, answer: bytes) -> None:
        """Raise when the answer is not the expected one."""
        if not answer.startswith(b"HTTP/1.1 200") or self.expected not in answer:
            raise UnexpectedAnswer(answer[:2_000])


class Connection:
    """One kept-alive connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), _TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: Request) -> float:
        """Send a request and return after how many milliseconds its answer was there."""
        begin = time.perf_counter()
        self._socket.sendall(request.head_and_body)
        answer = self._socket.recv(1 << 18)
        while not is_complete(answer):
            answer += self._socket.recv(1 << 18)
        taken = (time.perf_counter() - begin) * 1000
        request.check(answer)
        return taken

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def is_complete(answer: bytes) -> bool:
    """Say whether these are the bytes of a whole answer."""
    end = answer.find(_END_OF_HEADERS)
    if end < 0:
        if not answer:
            raise UnexpectedAnswer(answer)
        return False
    start = answer.lower().find(_LENGTH, 0, end + 2) + len(_LENGTH)
    return len(answer) >= end + len(_END_OF_HEADERS) + int(answer[start : answer.index(b"\r\n", start)])


@contextmanager
def asking(request: Request, *, port: int, connections: int, seconds: float) -> Iterator[Callable[[], float]]:
    """Give a function that returns how many answers that many connections get per second, each asking at once again."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:

        def per_second() -> float:
            return pool.submit(_generate, request, port, connections, seconds).result()

        per_second()
        yield per_second


def _generate(request: Request, port: int, connections: int, seconds: float) -> float:
    return uvloop.run(_send_for(request, port, connections, seconds))


async def _send_for(request: Request, port: int, connections: int, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(lambda: _Client(request), HOST, port))[1] for _ in range(connections)]
    begin = time.monotonic()
    await asyncio.sleep(seconds)
    answered, taken = sum(client.answered for client in clients), time.monotonic() - begin
    for client in clients:
        client.end()
    return answered / taken


class _Client(asyncio.Protocol):
    """Sends its request again and again."""

    def __init__(self, request: Request) -> None:
        self.answered = 0
        self._request = request
        self._received = b""
        self._failure: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request.head_and_body)

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            if not is_complete(self._received):
                return
            self._request.check(self._received)
        except UnexpectedAnswer as error:
            self._failure = error
            self._transport.abort()
            return
        self._received = b""
        self.answered += 1
        self._transport.write(self._request.head_and_body)

    def end(self) -> None:
        """Close the connection; raise what went wrong on it."""
        self._transport.abort()
        if self._failure is not None:
            raise self._failure
