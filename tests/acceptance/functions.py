"""Functions that the acceptance tests' service lets programs call."""

import asyncio
import time
from typing import Any

from sandbox.environment import TaskEnvironment

env = TaskEnvironment(name="acceptance")


@env.task
def add(x: int, y: int = 1) -> int:
    """Return the sum."""
    return x + y


@env.task
async def wait(seconds: float) -> str:
    """Wait without holding anything up."""
    await asyncio.sleep(seconds)
    return "waited"


@env.task
def block(seconds: float) -> str:
    """Wait on a thread."""
    time.sleep(seconds)
    return "blocked"


@env.task
def fail(message: str) -> None:
    """Raise what only the host knows."""
    raise ConnectionRefused(message)


@env.task
def echo(value: Any) -> Any:
    """Return what was given."""
    return value


class ConnectionRefused(Exception):
    """An exception of the operator's own."""
