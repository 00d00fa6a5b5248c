"""`service.durability` with the real queue: what is due by a clock that jumps."""

import asyncio
from pathlib import Path

import structlog

from service.durability import Durability
from service.store.database import open_store
from service.store.rows import At
from service.store.runs import change_run
from tests.unit.service.store.rows import put, run_row

NOW, HOUR = 1_800_000_000_000_000, 3_600_000_000


async def test_what_waits_is_due_when_the_clock_says_so_wherever_it_jumps(tmp_path: Path) -> None:
    """Clocks are set while services run: a sleeper wakes once, not before its time, and what is overdue is not lost."""
    store, now = open_store(str(tmp_path / "runs.db")), [NOW]
    put(store, *(run_row(f"run_{due}", status="suspended", due_at=NOW + due) for due in (HOUR, -1, -2 * HOUR)))
    attended: list[str] = []
    told = asyncio.Condition()

    async def attend(run_id: str, wake: int) -> None:
        at = At(status="suspended", wake=wake)
        await store.write(lambda connection: change_run(connection, run_id, expected=at, wake=wake, due_at=None))
        async with told:
            attended.append(run_id)
            told.notify_all()

    async def until(count: int) -> None:
        async with asyncio.timeout(30), told:
            await told.wait_for(lambda: len(attended) >= count)

    durability = Durability(
        store, attend=attend, retention_seconds=60, retention_runs=10, log=structlog.get_logger(),
        clock=lambda: now[0] * 1000,
    )  # fmt: skip
    now[0] = NOW - HOUR
    await durability.open()
    try:
        await until(1)
        first = list(attended)
        now[0] = NOW
        await until(2)
        second = list(attended)
        now[0] = NOW - 24 * HOUR
        now[0] = NOW + 2 * HOUR
        await until(3)
    finally:
        await durability.close()
        store.close()

    assert first == ["run_-7200000000"]
    assert second == [*first, "run_-1"]
    assert attended == [*second, "run_3600000000"]
