"""An HTTP API on loopback with a document of its own: what a good one does, and what a bad one may do."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel

CHUNK = b" " * 65_536
JSON = "application/json"


class Customer(BaseModel):
    """A customer."""

    id: int
    name: str
    tags: list[str] = []
    tier: Literal["gold", "plain"] = "plain"
    friend: "Customer | None" = None


class NewCustomer(BaseModel):
    """What is known of a customer that is not there yet."""

    name: str
    tags: list[str] = []


@dataclass(slots=True)
class Crm:
    """A running API: its address, and what it has seen."""

    url: str
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, target, headers."""
    sent_bytes: int = 0
    servers: list[dict[str, str]] = field(default_factory=list)
    """What its document says of where it is."""


@contextmanager
def running_crm() -> Iterator[Crm]:
    """Serve the API until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    crm = Crm(f"http://127.0.0.1:{listening.getsockname()[1]}")
    config = uvicorn.Config(
        make_app(crm), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield crm
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def make_app(crm: Crm) -> FastAPI:
    """Return the application."""
    app = FastAPI(title="CRM", version="1")

    @app.middleware("http")
    async def note(request: Request, call_next: Any) -> Any:
        target = request.scope["raw_path"].decode() + ("?" + request.url.query if request.url.query else "")
        crm.seen.append((request.method, target, dict(request.headers)))
        return await call_next(request)

    _add_good(app)
    _add_bad(app, crm)
    generate = app.openapi
    app.openapi = lambda: {**generate(), **({"servers": crm.servers} if crm.servers else {})}  # type: ignore[method-assign]
    return app


def _add_good(app: FastAPI) -> None:
    @app.get("/customers/{customer_id}", operation_id="find", summary="Find a customer")
    async def find(customer_id: Annotated[int, Path(description="from the invoice")]) -> Customer:
        """Look somebody up by number."""
        if customer_id == 404:
            raise HTTPException(404, "there is no customer 404")
        friend = Customer(id=2, name="Grace")
        return Customer(id=customer_id, name="Ada", tags=["x"], tier="gold", friend=friend)

    @app.get("/customers", operation_id="search")
    async def search(
        tag: Annotated[list[str], Query()],
        limit: int = 10,
        *,
        active: bool | None = None,
        trace: Annotated[str | None, Header(alias="X-Trace-Id")] = None,
    ) -> list[dict[str, Any]]:
        return [{"tag": tag, "limit": limit, "active": active, "trace": trace}]

    @app.post("/customers", operation_id="create", status_code=201)
    async def create(customer: NewCustomer) -> Customer:
        return Customer(id=7, name=customer.name, tags=customer.tags)

    @app.put("/customers/{name}/note", operation_id="annotate", response_class=PlainTextResponse)
    async def annotate(name: str) -> str:
        return f"noted: {name}"

    @app.delete("/customers/{customer_id}", operation_id="remove", status_code=204)
    async def remove(customer_id: int) -> None:
        assert customer_id > 0

    @app.get("/echo", operation_id="echo")
    async def echo(request: Request) -> dict[str, str]:
        return {**dict(request.headers), "query": request.url.query}


def _add_bad(app: FastAPI, crm: Crm) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            crm.sent_bytes += len(CHUNK)
            yield CHUNK

    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    deep, page = b"[" * 200_000, "<html>\n<b>it broke</b>" + "x" * 10_000
    answers: dict[str, Callable[[], Response]] = {
        "huge": lambda: StreamingResponse(endless(), media_type=JSON),
        "declared": lambda: StreamingResponse(endless(), media_type=JSON, headers={"content-length": "99999999"}),
        "slow": lambda: StreamingResponse(drops(), media_type=JSON),
        "redirect": lambda: RedirectResponse("/customers/1"),
        "broken": lambda: HTMLResponse(page, status_code=500),
        "picture": lambda: Response(b"PNG", media_type="image/png"),
        "malformed": lambda: Response(b'{"a": NaN}', media_type=JSON),
        "deep": lambda: Response(deep, media_type=JSON),
        "nested": lambda: Response(b"[" * 500 + b"]" * 500, media_type=JSON),
        "zipped": lambda: Response(b"1f8b", media_type=JSON, headers={"content-encoding": "gzip"}),
        "surrogate": lambda: Response(b'"\\ud800"', media_type=JSON),
        "cookie": lambda: Response(b"1", media_type=JSON, headers={"set-cookie": "session=somebody; Path=/"}),
        "nothing": lambda: Response(b"", media_type=JSON),
        "wrong": lambda: Response(b'{"a": "text"}', media_type=JSON),
    }
    for name, answer in answers.items():
        app.get(f"/{name}", operation_id=name, response_model=dict[str, int] if name == "wrong" else None)(
            _route(answer)
        )


def _route(answer: Callable[[], Response]) -> Callable[[], Coroutine[Any, Any, Any]]:
    async def route() -> Any:
        return answer()

    return route
