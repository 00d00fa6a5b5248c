"""Large answers: sent as the other side reads, within a budget."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message

from api.backpressure import PIECE_BYTES, Backpressure
from api.routes.bodies import BodyBudget

BODY = bytes(range(256)) * 1024


class Reader:
    """The other side of a connection, which takes some messages and then no more."""

    def __init__(self, takes: int = 1_000) -> None:
        self.messages: list[Message] = []
        self.stopped = asyncio.Event()
        self._takes = takes

    async def send(self, message: Message) -> None:
        """Take a message, or wait for ever."""
        if len(self.messages) == self._takes:
            self.stopped.set()
            await asyncio.Event().wait()
        self.messages.append(message)

    @property
    def body(self) -> bytes:
        """What was read."""
        return b"".join(one.get("body", b"") for one in self.messages)


async def ask(app: ASGIApp, reader: Reader) -> None:
    """Send a request and read the answer."""
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.4"}}

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    await app(scope, receive, reader.send)


def answering(response: Response, *, budget: int, seconds: float = 60) -> tuple[ASGIApp, BodyBudget]:
    """An application with one answer."""
    allowed = BodyBudget(budget)
    return Backpressure(response, budget=allowed, seconds=seconds), allowed


async def test_a_large_answer_is_sent_in_pieces() -> None:
    """Whole it would lie in the server's buffer for as long as its reader likes."""
    app, budget = answering(Response(BODY), budget=2 * len(BODY))
    reader = Reader()

    await ask(app, reader)

    assert reader.body == BODY
    assert max(len(one.get("body", b"")) for one in reader.messages) == PIECE_BYTES
    assert [one["more_body"] for one in reader.messages[1:]] == [True, True, True, False]
    budget.take("", len(BODY))


async def test_who_does_not_read_an_answer_takes_of_the_budget_until_it_is_given_up() -> None:
    """Further ones are refused meanwhile, instead of being kept in memory as well."""
    app, budget = answering(Response(BODY), budget=2 * len(BODY), seconds=0.2)
    stuck, second = Reader(takes=2), Reader()
    waiting = asyncio.create_task(ask(app, stuck))
    await stuck.stopped.wait()

    await ask(app, second)
    await waiting

    assert second.messages[0]["status"] == 503
    assert json.loads(second.body)["code"] == "overloaded"
    assert len(stuck.body) == PIECE_BYTES
    budget.take("", len(BODY))


async def test_a_stream_ends_where_there_is_no_room_for_a_part_of_it() -> None:
    """Its reader comes again with the number of the last event that it saw."""

    async def parts() -> AsyncIterator[bytes]:
        for part in (b"first", BODY, b"last"):
            yield part

    whole, short = Reader(), Reader()
    await ask(answering(StreamingResponse(parts()), budget=2 * len(BODY))[0], whole)
    await ask(answering(StreamingResponse(parts()), budget=len(BODY))[0], short)

    assert whole.body == b"first" + BODY + b"last"
    assert short.body == b"first"
    assert not short.messages[-1].get("more_body", False)
