"""Runs that are kept: what a durable one costs, how soon a suspended one can be answered, what many that wait take."""

import asyncio
import functools
import gc
import logging
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import structlog

from bench import samples
from bench.functions import env
from bench.table import Row
from service.assembly import make_service
from service.functions.client import ClientFunction
from service.rights import OPERATOR
from service.runs.record import Run
from service.runs.resume import Answer
from service.runs.submission import Submission
from service.service import Service
from service.settings import Settings
from service.store.database import open_store

ROUNDS, WARM_UP = 120, 15
WAITING = 1_000
_DURABLE_RATIO, _SUSPEND_MS, _RESUME_MS, _ROW_BYTES, _MEMORY_MB = 2.5, 5.0, 10.0, 4_096, 20.0
_THREE = "nothing(1)\nnothing(2)\nnothing(3)"
_TWENTY = "for n in range(20):\n    nothing(n)\nawait ask(1)"
_ASK = ClientFunction(name="ask")


def rows() -> Iterator[Row]:
    """Measure in this process, without HTTP, on an SQLite file."""
    # A line for each run would be part of what is measured, and hide the table.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        path = Path(folder) / "runs.db"
        yield from runner.run(_measured(path))


async def _measured(path: Path) -> list[Row]:
    settings = Settings(hold_seconds=0.0, kept_runs=0)
    service = make_service(settings, env.functions.values(), store=open_store(str(path)))
    await service.open()
    try:
        return [
            *await _durable(service),
            await _suspended(service),
            await _resumed(service),
            *await _many(service, path),
        ]
    finally:
        await service.close()


async def _durable(service: Service) -> list[Row]:
    ways: dict[str, dict[str, Any]] = {"ephemeral": {}, "durable": {"durable": True}}
    taken = await _interleaved({name: functools.partial(_run, service, _THREE, **more) for name, more in ways.items()})
    ephemeral, durable = (samples.median(taken[name]) * 1000 for name in ways)
    ratio = durable / ephemeral
    return [
        Row(
            what="durable run with three calls",
            figure=f"{durable:.2f} ms",
            against=f"ephemeral: {ephemeral:.2f} ms",
            ratio=f"{ratio:.2f}",
            aim=f"at most {_DURABLE_RATIO}",
            met=ratio <= _DURABLE_RATIO,
            noise=samples.spread(taken["durable"]),
        )
    ]


async def _suspended(service: Service) -> Row:
    taken = await _interleaved(
        {"one call": lambda: _run(service, "nothing(1)"), "suspended": lambda: _run(service, "await ask(1)")}
    )
    whole, one_call = (samples.median(taken[name]) * 1000 for name in ("suspended", "one call"))
    return Row(
        what="suspended and kept, beyond a run with one call",
        figure=f"{whole - one_call:.2f} ms",
        against=f"whole: {whole:.2f} ms",
        aim=f"at most {_SUSPEND_MS:g} ms",
        met=whole - one_call <= _SUSPEND_MS,
        noise=samples.spread(taken["suspended"]),
    )


async def _resumed(service: Service) -> Row:
    taken: list[float] = []
    for number in range(ROUNDS + WARM_UP):
        run = await _run(service, _TWENTY)
        # Let go of its interpreter: the answer finds a row.
        await asyncio.sleep(0.01)
        answer = Answer(call_id=run.pending[0].call_id, output=1)
        begin = time.perf_counter()
        done = await service.runs(OPERATOR).resume(run.id, [answer])
        if number >= WARM_UP:
            taken.append(time.perf_counter() - begin)
        if done.output != 1:
            raise AssertionError(done)
    p50 = samples.median(taken) * 1000
    return Row(
        what="answered by replay of 20 calls, p50",
        figure=f"{p50:.2f} ms",
        aim=f"at most {_RESUME_MS:g} ms",
        met=p50 <= _RESUME_MS,
        noise=samples.spread(taken),
    )


async def _many(service: Service, path: Path) -> list[Row]:
    await asyncio.sleep(0.1)
    gc.collect()
    memory, disk = _resident(), _size(path)
    for _ in range(WAITING):
        await _run(service, "await ask(1)")
    await asyncio.sleep(0.1)
    gc.collect()
    grown, each = (_resident() - memory) / 1e6, (_size(path) - disk) / WAITING
    return [
        Row(
            what="1,000 runs that wait, memory of the service",
            figure=f"+{grown:.1f} MB",
            aim=f"at most +{_MEMORY_MB:g} MB",
            met=grown <= _MEMORY_MB,
        ),
        Row(
            what="a run that waits, in the database",
            figure=f"{each:,.0f} bytes",
            aim=f"at most {_ROW_BYTES:,} bytes",
            met=each <= _ROW_BYTES,
        ),
    ]


async def _run(service: Service, source: str, **more: Any) -> Run:
    asks = "ask(" in source
    return await service.orchestrate(
        Submission(source=source, functions=("nothing",), client_functions=(_ASK,) if asks else (), **more), OPERATOR
    )


async def _interleaved(variants: dict[str, Callable[[], Awaitable[Any]]]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(ROUNDS + WARM_UP):
        for name, act in variants.items():
            begin = time.perf_counter()
            await act()
            if number >= WARM_UP:
                taken[name].append(time.perf_counter() - begin)
    return taken


def _resident() -> int:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) * 1024


def _size(path: Path) -> int:
    """Return the bytes of the database that are in use, wherever they lie."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)
