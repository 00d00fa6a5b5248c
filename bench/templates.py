"""What a kept template costs: 90 lines, compiled once, against `x * 2`, its source, and itself in a kept isolate."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

from bench import samples
from bench.table import Row
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.limits import Limits
from sandbox.turns import Program, Returned, Reuse

ROUNDS, WARM_UP = 60, 10
_AIM = 1.3
_FUNCTION = """\
def step_{n}(rows, factor=1):
    \"\"\"Return the rows that count, with their totals.\"\"\"
    kept = []
    for row in rows:
        if row["amount"] > {n} and not row.get("closed"):
            total = row["amount"] * factor + {n}
            kept.append({{**row, "total": round(total, 2)}})
    return sorted(kept, key=lambda row: row["total"])

"""
_LONG = "".join(_FUNCTION.format(n=n) for n in range(10)) + "x * 2"
_SHORT = "x * 2"
_REUSE = Reuse(owner="bench", fewest=1, most=1, idle_seconds=60, scaledown_seconds=60)


def rows() -> Iterator[Row]:
    """Measure runs of both, compiled, and of the long one's source, in turn."""
    taken = asyncio.run(_measure())
    short, long, parsed = (samples.median(taken[name]) for name in ("short", "long", "long, from source"))
    ratios = [one / other for one, other in zip(taken["long"], taken["short"], strict=True)]
    yield Row(
        what=f"template of {_LONG.count(chr(10)) + 1} lines",
        figure=f"{long:.2f} ms",
        against=f"{short:.2f} ms x*2",
        ratio=f"{samples.median(ratios):.2f}",
        aim=f"at most {_AIM}",
        met=samples.median(ratios) <= _AIM,
        noise=samples.noise(taken["short"]),
    )
    yield Row(
        what="... against its source", figure=f"{long:.2f} ms", against=f"{parsed:.2f} ms", ratio=f"{long / parsed:.2f}"
    )
    reused = samples.median(taken["long, reused"])
    yield Row(
        what="... in a kept isolate", figure=f"{reused:.2f} ms", against=f"{long:.2f} ms", ratio=f"{reused / long:.2f}"
    )


async def _measure() -> dict[str, list[float]]:
    engine = CPythonEngine(workers=1)
    await engine.open()
    variants = {
        "short": await _compiled(engine, _SHORT),
        "long": await _compiled(engine, _LONG),
        "long, from source": Program(source=_LONG),
        "long, reused": replace(await _compiled(engine, _LONG), reuse=_REUSE),
    }
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(ROUNDS + WARM_UP):
        for name, program in variants.items():
            milliseconds = await _run(engine, program)
            if number >= WARM_UP:
                taken[name].append(milliseconds)
    await engine.close()
    return taken


async def _compiled(engine: CPythonEngine, source: str) -> Program:
    program = Program(source=source)
    made = await engine.compile(program, limits=Limits())
    return replace(program, compiled=made.code)


async def _run(engine: CPythonEngine, program: Program) -> float:
    # The worker makes an isolate ahead meanwhile, as between two requests.
    await asyncio.sleep(0.01)
    begin = time.perf_counter()
    progress = await engine.execution(program, limits=Limits(), seed=7).start({"x": 21}, now=time.time_ns())
    taken = (time.perf_counter() - begin) * 1000
    assert isinstance(progress, Returned), progress  # noqa: S101 - what is measured has to be what is meant
    return taken
