"""Sends large answers piece by piece, so that whoever does not read one costs bounded memory for a bounded time.

The server waits for a connection before it writes to it and not afterwards: an answer that is given to it whole lies in
its buffer, and in no budget, for as long as the other side keeps the connection open and reads nothing.
"""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem_of
from api.routes.bodies import BodyBudget
from service.errors import BodiesTooLarge

PIECE_BYTES = 64 * 1024
"""What is smaller is sent as it is."""
_NOBODY = ""


class Backpressure:
    """Has large answers taken from a budget until they are sent, and gives up on those who stop reading.

    Args:
        budget: that of bodies: a tenant has a share of it, for what it sends and for what it is sent.
        seconds: how long the other side may take to read `PIECE_BYTES`.
    """

    def __init__(self, app: ASGIApp, *, budget: BodyBudget, seconds: float) -> None:
        self._app = app
        self._budget = budget
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send, self._budget, self._seconds)
        try:
            await self._app(scope, receive, answer.send)
        finally:
            answer.close()


class _Answer:
    def __init__(self, scope: Scope, send: Send, budget: BodyBudget, seconds: float) -> None:
        self._scope = scope
        self._send = send
        self._budget = budget
        self._seconds = seconds
        self._tenant = _NOBODY
        self._taken = 0
        self._is_over = False

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if self._is_over:
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif len(message.get("body", b"")) <= PIECE_BYTES:
            await self._send(message)
        elif self._taken:
            await self._send_in_pieces(message)
        else:
            await self._stream(message)

    def close(self) -> None:
        """Give back what was taken."""
        if self._taken:
            self._budget.give_back(self._tenant, self._taken)
            self._taken = 0

    async def _begin(self, message: Message) -> None:
        size = next((int(value) for name, value in message["headers"] if name == b"content-length"), 0)
        try:
            if size > PIECE_BYTES:
                self._take(size)
        except BodiesTooLarge as error:
            self._is_over = True
            refusal = problem_of(error)
            start = {"type": "http.response.start", "status": refusal.status_code, "headers": refusal.raw_headers}
            await self._send(start)
            await self._send({"type": "http.response.body", "body": bytes(refusal.body)})
            return
        await self._send(message)

    async def _stream(self, message: Message) -> None:
        """Send a part of a stream; one that there is no room for ends it, and its reader comes again."""
        try:
            self._take(len(message["body"]))
        except BodiesTooLarge:
            self._is_over = True
            await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send_in_pieces(message)
        self.close()

    async def _send_in_pieces(self, message: Message) -> None:
        body, more = memoryview(message["body"]), message.get("more_body", False)
        for at in range(0, len(body), PIECE_BYTES):
            piece = bytes(body[at : at + PIECE_BYTES])
            is_last = at + PIECE_BYTES >= len(body)
            try:
                async with asyncio.timeout(self._seconds):
                    await self._send({"type": "http.response.body", "body": piece, "more_body": more or not is_last})
            except TimeoutError:
                self._is_over = True
                return

    def _take(self, size: int) -> None:
        state: Any = self._scope.get("state", {})
        caller = state.get("caller")
        self._tenant = _NOBODY if caller is None else caller.tenant
        self._taken += size
        self._budget.take(self._tenant, size)
