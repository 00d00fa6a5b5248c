"""The HTTP protocol of the server, with heads that are bounded in size and in time, and requests taken one by one.

httptools, uvicorn's parser in C, joins the pieces of a header as they come, however many: without a bound, one
connection keeps the event loop busy for as long as it likes. It also parses whatever came, and uvicorn keeps a request
that came behind another one as objects of a hundred times its size: so what came is parsed in pieces, and no further
while somebody waits for an answer. All bounds hold before anybody is asked for a key.
"""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import problem

# Of a request's line and headers together, beside what comes in one piece.
HEAD_BYTES = 64 * 1024
_PIECE_BYTES = 8 * 1024
# Of the event loop's time, before others have their turn.
_AT_ONCE_SECONDS = 0.005


class BoundedHeads(HttpToolsProtocol):
    """One connection. A head that is too large or too slow is answered, if no other answer is under way, and closed."""

    head_seconds: float
    """How long a head may take from its first byte; as long a connection may stay silent at first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reads_head = True
        self._has_begun = False
        self._moved = False
        """Whether a head began or was complete in the piece that is being read, or a part of a body came."""
        self._held_bytes = 0
        """Of pieces that did not lead on: of a head, or of what may follow a body that comes in chunks."""
        self._too_slow: asyncio.TimerHandle | None = None
        self._unparsed = bytearray()
        self._goes_on: asyncio.Handle | None = None

    # A stream has this kind of transport, which uvicorn's own method says, too.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _Reading(transport, self._has_unparsed)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._unparsed.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unparsed += data
        if self._goes_on is None:
            self._parse()

    def _parse(self) -> None:
        """Parse what came, as far as there is room for what it says; the rest waits, and nothing more is read."""
        self._goes_on = None
        until = time.monotonic() + _AT_ONCE_SECONDS
        while self._unparsed and not self._is_full() and not self.transport.is_closing():
            if time.monotonic() > until:
                self._goes_on = self.loop.call_soon(self._parse)
                break
            piece = bytes(self._unparsed[:_PIECE_BYTES])
            del self._unparsed[:_PIECE_BYTES]
            self._parse_piece(piece)
        if self.transport.is_closing():
            self._unparsed.clear()
        elif self._unparsed:
            self.flow.pause_reading()
        elif not self._is_full():
            self.flow.resume_reading()

    def _parse_piece(self, piece: bytes) -> None:
        self._moved = False
        super().data_received(piece)
        self._held_bytes = 0 if self._moved else self._held_bytes + len(piece)
        if self._held_bytes > HEAD_BYTES:
            self._refuse("head-too-large", f"the request's line and headers may have {HEAD_BYTES:,} bytes together")
        elif self._too_slow is None and (self._reads_head or not self._is_under_way()):
            # Also when it is no head yet that came, but an empty line, or the rest of a body that nobody waits for.
            self._await_head()

    def _is_full(self) -> bool:
        """Say whether a request waits for the answer to another one, or a body for somebody to take it."""
        return bool(self.pipeline) or (self._is_under_way() and len(self.cycle.body) > HIGH_WATER_LIMIT)

    def _is_under_way(self) -> bool:
        """Say whether a request is to be answered."""
        # There is no cycle before the first head is complete.
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _has_unparsed(self) -> bool:
        """Say whether something waits to be parsed, which then is next."""
        if self._unparsed and self._goes_on is None:
            self._goes_on = self.loop.call_soon(self._parse)
        return bool(self._unparsed)

    def on_message_begin(self) -> None:
        self._reads_head = self._has_begun = self._moved = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._reads_head, self._moved = False, True
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._moved = True
        super().on_message_complete()

    def _await_head(self) -> None:
        self._too_slow = self.loop.call_later(
            self.head_seconds,
            lambda: self._refuse(
                "head-too-slow", f"the request's line and headers took longer than {self.head_seconds:g} s"
            ),
        )

    def _stop_waiting(self) -> None:
        if self._too_slow is not None:
            self._too_slow.cancel()
            self._too_slow = None

    def _refuse(self, code: str, detail: str) -> None:
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self._has_begun and self._reads_head and not self._is_under_way():
            answer = problem(code, detail)
            headers = [*answer.raw_headers, (b"connection", b"close")]
            lines = [b"HTTP/1.1 %d %s" % (answer.status_code, HTTPStatus(answer.status_code).phrase.encode())]
            lines += [b"%s: %s" % header for header in headers]
            self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()


class _Reading(FlowControl):
    """Reads on only when nothing waits that was read already."""

    def __init__(self, transport: asyncio.Transport, has_unparsed: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._has_unparsed = has_unparsed

    def resume_reading(self) -> None:
        if not self._has_unparsed():
            super().resume_reading()


def bounded_heads(head_seconds: float) -> type[BoundedHeads]:
    """Return the protocol with a bound on the time of a head."""
    return type("BoundedHeads", (BoundedHeads,), {"head_seconds": head_seconds})
