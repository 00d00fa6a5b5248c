"""Functions that fail at first, and say in a file how often they were called."""

import asyncio
from datetime import timedelta
from pathlib import Path

from sandbox import Backoff, NonRecoverable, RetryStrategy, TaskEnvironment

env = TaskEnvironment(name="flaky")


def _lines(path: str, line: str) -> int:
    with Path(path).open("a") as file:
        file.write(f"{line}\n")
    return Path(path).read_text().split("\n").count(line)


@env.task
def pay(path: str) -> int:
    """Write a line, and return how many there are."""
    return _lines(path, "pay")


@env.task
def reach(path: str, failures: int) -> int:
    """Fail so often, and return how often it was called then."""
    count = _lines(path, "reach")
    if count <= failures:
        message = f"not yet: {count}"
        raise ConnectionError(message)
    return count


@env.task(effect="read", retries=RetryStrategy(5, Backoff(timedelta(milliseconds=1))))
async def insist(path: str) -> int:
    """Fail twice, and then hang until there is a file; return how often it was called."""
    count = _lines(path, "insist")
    if count < 3:
        message = f"not yet: {count}"
        raise ConnectionError(message)
    while not Path(f"{path}.go").exists():  # noqa: ASYNC110, ASYNC240 - another process makes it
        await asyncio.sleep(0.01)
    return _lines(path, "through")


@env.task
def refuse(path: str) -> None:
    """Fail for good."""
    _lines(path, "refuse")
    message = "never"
    raise NonRecoverable(message)
