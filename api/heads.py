"""The HTTP protocol of the server, with heads that are bounded in size and in time.

httptools, uvicorn's parser in C, joins the pieces of a header as they come, however many: without a bound, one
connection keeps the event loop busy for as long as it likes. Both bounds hold before anybody is asked for a key.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import problem

# Of a request's line and headers together, beside what comes in one piece.
HEAD_BYTES = 64 * 1024


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

    # A stream has this kind of transport, which uvicorn's own method says, too.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._moved = False
        super().data_received(data)
        self._held_bytes = 0 if self._moved else self._held_bytes + len(data)
        if self._held_bytes > HEAD_BYTES:
            self._refuse("head-too-large", f"the request's line and headers may have {HEAD_BYTES:,} bytes together")
        elif self._reads_head and self._too_slow is None:
            self._await_head()

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
        # There is no cycle before the first head is complete.
        cycle: Any = self.cycle
        if self._has_begun and (cycle is None or cycle.response_complete):
            answer = problem(code, detail)
            headers = [*answer.raw_headers, (b"connection", b"close")]
            lines = [b"HTTP/1.1 %d %s" % (answer.status_code, HTTPStatus(answer.status_code).phrase.encode())]
            lines += [b"%s: %s" % header for header in headers]
            self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()


def bounded_heads(head_seconds: float) -> type[BoundedHeads]:
    """Return the protocol with a bound on the time of a head."""
    return type("BoundedHeads", (BoundedHeads,), {"head_seconds": head_seconds})
