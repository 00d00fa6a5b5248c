"""The plainest web service around pydantic-monty: FastAPI, a pool, one route. For comparison; it bounds nothing."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from pydantic_monty import AsyncMonty


class Body(BaseModel):
    """A program and its inputs."""

    source: str
    inputs: dict[str, Any] = {}


def nothing(x: int) -> int:
    """Return `x`."""
    return x


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncMonty(min_processes=2) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.post("/run")
async def run(body: Body) -> dict[str, Any]:
    """Run a program and return its value."""
    async with app.state.pool.checkout() as session:
        output = await session.feed_run(body.source, inputs=body.inputs, external_lookup={"nothing": nothing})
    return {"output": output}


@app.get("/health/ready")
async def ready() -> dict[str, bool]:
    """Say that it runs."""
    return {"ready": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
