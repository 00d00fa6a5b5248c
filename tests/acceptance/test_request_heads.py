"""Heads of requests: bounded in size and in time, before anybody is asked for a key."""

import contextlib
import json
import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.acceptance.serving import Serving, serving

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service that waits for heads and bodies for a second."""
    log: Path = tmp_path_factory.mktemp("hurried") / "log"
    with serving(log, ISTHMUS_BODY_SECONDS="1") as one:
        yield one


@contextmanager
def connected(one: Serving) -> Iterator[socket.socket]:
    """A connection on which nothing was said yet."""
    address = urlsplit(one.url)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS) as connection:
        yield connection


def said_on(connection: socket.socket) -> bytes:
    """What the service says until it closes the connection."""
    parts: list[bytes] = []
    while True:
        try:
            part = connection.recv(65_536)
        except ConnectionResetError:
            return b"".join(parts)
        if not part:
            return b"".join(parts)
        parts.append(part)


def send(connection: socket.socket, text: bytes) -> None:
    """Send something that the other side may not want to hear to its end."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(text)


def send_without_end(connection: socket.socket, piece: bytes) -> int:
    """Send a piece again and again until the service hears no more; return how many bytes it took."""
    sent = 0
    try:
        while sent < 100_000_000:
            connection.sendall(piece)
            sent += len(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return sent


def test_a_header_without_end_is_refused_early(hurried: Serving) -> None:
    """The parser joins its pieces anew each time: 60 MB of them once held up everybody for seconds."""
    with connected(hurried) as connection:
        connection.sendall(b"GET /runs HTTP/1.1\r\nHost: localhost\r\nX: ")
        sent = send_without_end(connection, b"a" * 100_000)

    assert sent < 100_000_000


@pytest.mark.parametrize("more", [b"X: " + b"a" * 600_000, b"x: y\r\n" * 100_000])
def test_a_large_head_is_answered(hurried: Serving, more: bytes) -> None:
    """Whoever sends too many cookies is told so."""
    with connected(hurried) as connection:
        connection.sendall(b"GET /runs HTTP/1.1\r\nHost: localhost\r\n")
        for at in range(0, len(more), 33_000):
            connection.sendall(more[at : at + 33_000])
            # What the service has not read when it closes would take the answer with it.
            if select.select([connection], [], [], 0.15)[0]:
                break
        head, _, body = said_on(connection).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert json.loads(body)["detail"] == "the request's line and headers may have 65,536 bytes together"


def test_a_head_that_does_not_end_is_answered_in_time(hurried: Serving) -> None:
    """Otherwise a few bytes held a connection for as long as their sender likes."""
    with connected(hurried) as connection:
        connection.sendall(b"GET /runs HTTP/1.1\r\nHost: localhost\r\nX: ")
        head, _, body = said_on(connection).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    assert json.loads(body) == {
        "type": "/problems/head-too-slow",
        "title": "The request head took too long to arrive",
        "status": 408,
        "detail": "the request's line and headers took longer than 1 s",
        "code": "head-too-slow",
    }


def test_a_second_head_that_does_not_end_is_answered_in_time(hurried: Serving) -> None:
    """The bound is for every request of a connection."""
    with connected(hurried) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\nGET /runs HTTP/1.1\r\nX: ")
        said = said_on(connection)

    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 408 Request Timeout\r\n" in said


def test_a_silent_connection_is_closed_without_a_word(hurried: Serving) -> None:
    """Browsers open some ahead of need; an answer would be taken for that of their next request."""
    with connected(hurried) as connection:
        assert said_on(connection) == b""


def test_what_follows_a_body_without_end_closes_the_connection(hurried: Serving) -> None:
    """A body that comes in chunks may have headers behind it."""
    with connected(hurried) as connection:
        connection.sendall(
            b"POST /orchestrate HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            b'e\r\n{"source":"1"}\r\n0\r\nX: '
        )
        assert send_without_end(connection, b"a" * 100_000) < 100_000_000


def test_a_head_in_pieces_and_a_body_behind_it_are_taken(hurried: Serving) -> None:
    """The bounds are for what is too much, not for what is slow to begin."""
    body = json.dumps({"source": "1 + 1", "metadata": {"x": "y" * 10_000}}).encode()
    head = b"POST /orchestrate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: " + b"a" * 30_000
    whole = head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with connected(hurried) as connection:
        for at in range(0, len(whole), 7_000):
            connection.sendall(whole[at : at + 7_000])
        said = said_on(connection)

    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'"output":2,' in said


@pytest.mark.parametrize("more", [b"\r\n", b"x"])
def test_what_follows_an_answer_and_is_no_head_holds_no_connection(hurried: Serving, more: bytes) -> None:
    """An empty line, or a byte of a body that was refused, once kept a connection for as long as its sender liked."""
    with connected(hurried) as connection:
        connection.sendall(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nx")
        answered = b""
        while not answered.endswith(b"}"):
            answered += connection.recv(65_536)
        connection.sendall(b"x\r\n" if more == b"\r\n" else b"")
        connection.sendall(more)
        said = said_on(connection)

    assert answered.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert said == b""


def test_requests_that_wait_for_an_answer_take_their_own_size(hurried: Serving) -> None:
    """A request of 18 bytes is 1,300 as an object: those behind another one wait as they came."""
    before, answered = _most_memory(hurried), 0
    with connected(hurried) as connection, ThreadPoolExecutor() as threads:
        threads.submit(send, connection, b"GET / HTTP/1.1\r\n\r\n" * 100_000)
        while answered < 1_000:
            answered += connection.recv(65_536).count(b"HTTP/1.1 404")
        grown = _most_memory(hurried) - before
        connection.shutdown(socket.SHUT_RDWR)

    assert grown < 20_000_000


def test_requests_behind_each_other_are_answered_in_their_order(hurried: Serving) -> None:
    """Also where they come in pieces that end anywhere, with bodies between them."""
    count, body = 300, json.dumps({"source": "1"}).encode()
    head = b"HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n"
    with connected(hurried) as connection:
        for number in range(count):
            connection.sendall(b"POST /%d " % number + head % len(body) + b"\r\n" + body)
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        said = said_on(connection)

    assert said.count(b"HTTP/1.1 404 Not Found\r\n") == count
    assert said.index(b"HTTP/1.1 200 OK\r\n") > said.rindex(b"HTTP/1.1 404 Not Found\r\n")


def _most_memory(one: Serving) -> int:
    """The most memory that the service had."""
    status = Path(f"/proc/{one.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
