"""Waiting for a run within a request: until it ends, asks somebody outside, or the request was open long enough."""

import asyncio

from service.runs.active import ActiveRun
from service.runs.order import Rules
from service.runs.reading import read_run
from service.runs.record import Run
from service.runs.running import Running

WAIT_SECONDS = 10.0


async def awaited(running: Running, rules: Rules, active: ActiveRun, wait_seconds: float | None) -> Run:
    """Return a run as `Running.wait` does; one that only sleeps is waited for, if it wakes in time.

    Args:
        wait_seconds: how long the request stays open; None: `WAIT_SECONDS`.

    Raises:
        ServiceError: it was refused before it began.
    """
    seconds = open_seconds(wait_seconds)
    began = asyncio.get_running_loop().time()
    run = await running.wait(active, seconds)
    left = seconds - (asyncio.get_running_loop().time() - began)
    if run.status == "suspended":
        goes_on = not run.pending and _seconds_asleep(running, active) < left
    else:
        # Whoever has it by now says what becomes of it.
        goes_on = active.is_let_go
    return await read_run(running, rules, run.id, tenant=run.tenant, wait_seconds=left) if goes_on else run


def open_seconds(wait_seconds: float | None) -> float:
    """Return how long a request stays open that asks for so much, or for nothing."""
    return WAIT_SECONDS if wait_seconds is None else wait_seconds


def _seconds_asleep(running: Running, active: ActiveRun) -> float:
    """Return in how many seconds a suspended run wakes by itself."""
    wakes = None if active.suspended is None else active.suspended.wake_at
    return 0.0 if wakes is None else wakes / 1e9 - running.clock().timestamp()
