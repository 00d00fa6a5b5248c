"""What one call of a function costs beyond the function itself: how much longer a run takes with each call more."""

import asyncio
import functools
import time
from collections.abc import Callable

from bench import samples
from bench.functions import nothing, nothing_async
from bench.load import Connection, Request
from sandbox import orchestrate_local

FEW, MANY = 1, 201
ROUNDS, WARM_UP = 15, 2
THOUSAND_ROUNDS = 5
_SOURCES = {
    "sync": "for n in range(count):\n    nothing(n)\ncount",
    "async": "for n in range(count):\n    await nothing_async(n)\ncount",
}


def thousand_in_library() -> dict[str, list[float]]:
    """Return seconds of whole runs with a thousand calls in this process, by the way in which they are made."""
    sources = {
        "sequential": "for n in range(1000):\n    nothing(n)\n1000",
        "sequential, async": "for n in range(1000):\n    await nothing_async(n)\n1000",
        "parallel": "import asyncio\nlen(await asyncio.gather(*(nothing_async(n) for n in range(1000))))",
    }
    with asyncio.Runner() as runner:

        def sample(source: str) -> float:
            begin = time.perf_counter()
            run = orchestrate_local(source, inputs={}, tasks=[nothing, nothing_async])
            if runner.run(run) != 1000:
                raise AssertionError(source)
            return time.perf_counter() - begin

        variants = {name: functools.partial(sample, source) for name, source in sources.items()}
        return samples.interleave(variants, rounds=THOUSAND_ROUNDS, warm_up=1)


def through_library() -> dict[str, float]:
    """Return milliseconds per call by kind of function, in this process."""
    with asyncio.Runner() as runner:

        def sample(source: str, count: int) -> float:
            begin = time.perf_counter()
            run = orchestrate_local(source, inputs={"count": count}, tasks=[nothing, nothing_async])
            if runner.run(run) != count:
                raise AssertionError(count)
            return (time.perf_counter() - begin) * 1000

        return _per_call(sample)


def through_service(connection: Connection) -> dict[str, float]:
    """Return milliseconds per call by kind of function, of runs that are POSTed."""

    def sample(source: str, count: int) -> float:
        body = {"source": source, "inputs": {"count": count}, "functions": ["nothing", "nothing_async"]}
        return connection.ask(Request.post("/orchestrate", body, expected=f'"output":{count},'))

    return _per_call(sample)


def _per_call(sample: Callable[[str, int], float]) -> dict[str, float]:
    variants = {
        f"{kind} {count}": functools.partial(sample, source, count)
        for kind, source in _SOURCES.items()
        for count in (FEW, MANY)
    }
    taken = samples.interleave(variants, rounds=ROUNDS, warm_up=WARM_UP)
    return {kind: samples.slope([(count, taken[f"{kind} {count}"]) for count in (FEW, MANY)]) for kind in _SOURCES}
