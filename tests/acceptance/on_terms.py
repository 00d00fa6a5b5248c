"""Functions with terms, for the acceptance tests of the whitelist."""

import asyncio
from collections import Counter

from sandbox import RateLimit, TaskEnvironment

env = TaskEnvironment(name="terms")
_asked: Counter[str] = Counter()


@env.task(name="stations.ask", effect="read", retries=2)
def ask(who: str, failures: int) -> int:
    """Fail so many times, then say how often it was asked."""
    _asked[who] += 1
    if _asked[who] <= failures:
        message = f"{who} does not answer"
        raise ConnectionError(message)
    return _asked[who]


@env.task(timeout=0.05)
async def sleep() -> None:
    """Take too long."""
    await asyncio.sleep(30)


@env.task(rate=RateLimit(calls=1, per_seconds=3600, wait_seconds=0))
def rare() -> str:
    """Answer once an hour."""
    return "once"


@env.task
def wrong() -> int:
    """Return what was not promised."""
    return "1"  # type: ignore[return-value]  # what is tested
