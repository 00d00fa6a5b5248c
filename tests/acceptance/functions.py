"""Functions that the acceptance tests' service lets programs call."""

import asyncio
import time
from pathlib import Path
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


@env.task
def note(path: str) -> int:
    """Add a line to a file and return how many it has: a test sees that a program has come here, and how often."""
    with Path(path).open("a") as file:
        file.write("here\n")
    return len(Path(path).read_text().splitlines())


@env.task(requires_approval=True)
def pay(amount: int) -> str:
    """Pay, once somebody has agreed."""
    return f"paid {amount}"


@env.task
async def hold(path: str) -> str:
    """Wait until a file is there."""
    while not Path(path).exists():  # noqa: ASYNC110, ASYNC240 - the test makes it
        await asyncio.sleep(0.01)
    return "let go"


class ConnectionRefused(Exception):
    """An exception of the operator's own."""
