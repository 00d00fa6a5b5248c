"""The store: pages of runs among many, and writes that share a commit."""

import asyncio
import functools
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import samples
from bench.table import Row
from service.store.database import Connection, Store, open_store
from service.store.rows import RunFilter, RunRow
from service.store.runs import insert_run, list_runs

RUNS = 100_000
PAGES = 200
WRITES = 1_000
_AT_ONCE = 5_000
_LIST_MS = 10
_FUNCTIONS = [f"function_{number}" for number in range(20)]
_FILTERS = {
    "none": RunFilter(),
    "a common status": RunFilter(status="failed"),
    "a rare status": RunFilter(status="expired"),
    "a rare template": RunFilter(template="template_7"),
    "a function": RunFilter(function="function_3"),
    "a function that no run has": RunFilter(function="none"),
    "that, and a common status": RunFilter(function="none", status="completed"),
    "a common template, a rare status": RunFilter(template="sandboxed-code", status="expired"),
    "all three": RunFilter(function="function_3", status="expired", template="template_7"),
}


def rows() -> Iterator[Row]:
    """Measure on a file in a directory of its own."""
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(str(Path(directory) / "isthmus.db"))
        try:
            yield _writes(store)
            _fill(store)
            yield from _pages(store)
        finally:
            store.close()


def _pages(store: Store) -> Iterator[Row]:
    chance = random.Random(7)  # noqa: S311 - the same places in every run
    variants = {name: lambda where=where: _page(store, where, chance) for name, where in _FILTERS.items()}
    taken = samples.interleave(variants, rounds=PAGES, warm_up=5)
    slowest = max(taken, key=lambda name: samples.quantile(taken[name], 0.99))
    for name in dict.fromkeys(("none", slowest)):
        p99 = samples.quantile(taken[name], 0.99)
        yield Row(
            what=f"page of 20 among {RUNS:,} runs, p99, filter: {name}",
            figure=f"{p99:.2f} ms",
            aim=f"at most {_LIST_MS} ms",
            met=p99 <= _LIST_MS,
        )


def _page(store: Store, where: RunFilter, chance: random.Random) -> float:
    before = _id(chance.randrange(RUNS // 2, RUNS))
    begin = time.perf_counter()
    store.read_now(lambda one: list_runs(one, tenant="default", where=where, before=before, limit=20))
    return (time.perf_counter() - begin) * 1000


def _writes(store: Store) -> Row:
    alone, together = asyncio.run(_timed(store))
    return Row(
        what="one write, many at once",
        figure=f"{together:.3f} ms",
        against=f"{alone:.3f} ms, one after the other",
        ratio=f"{together / alone:.2f}",
    )


async def _timed(store: Store) -> tuple[float, float]:
    """Return milliseconds per write, one after the other and all at once."""
    begin = time.perf_counter()
    for number in range(WRITES):
        await _insert(store, f"alone_{number}")
    middle = time.perf_counter()
    await asyncio.gather(*(_insert(store, f"together_{number}") for number in range(WRITES)))
    return (middle - begin) * 1000 / WRITES, (time.perf_counter() - middle) * 1000 / WRITES


async def _insert(store: Store, run_id: str) -> None:
    row = _row(run_id, tenant="other", status="completed", template="sandboxed-code")
    await store.write(lambda connection: insert_run(connection, row))


def _fill(store: Store) -> None:
    chance = random.Random(7)  # noqa: S311 - the same rows in every run

    def fill(connection: Connection, first: int) -> None:
        for number in range(first, first + _AT_ONCE):
            status = chance.choices(["completed", "failed", "suspended", "expired"], [900, 80, 19, 1])[0]
            template = chance.choices(["sandboxed-code", f"template_{chance.randrange(50)}"], [9, 1])[0]
            row = _row(_id(number), tenant="default", status=status, template=template)
            insert_run(connection, row, functions=chance.sample(_FUNCTIONS, 2))

    for first in range(0, RUNS, _AT_ONCE):
        store.write_now(functools.partial(fill, first=first))


def _row(run_id: str, *, tenant: str, status: str, template: str) -> RunRow:
    return RunRow(
        id=run_id, tenant=tenant, status=status, root_id=run_id, template_name=template, template_version="sha256:0",
        program_digest="sha256:0", engine="cpython", engine_version="3.14", seed=7, created_at=1, finished_at=2,
        submission='{"source": "x * 2", "inputs": {"x": 21}}', report="{}", output="42",
    )  # fmt: skip


def _id(number: int) -> str:
    return f"run_{number:026d}"
