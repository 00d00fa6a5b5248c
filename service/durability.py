"""Drives the runs that are kept and that no request drives: those that a crash left, wait no longer, or were put off.

They are queued through DBOS, on the same database: it bounds how many are driven at once. What is due stands in the
rows themselves, and is looked for every second: a timer of its own for each run that waits would be a second row and
transaction, and would stay for a week after most runs were answered. DBOS is one per process, and used here alone.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from service.errors import ServiceError
from service.store.database import Store
from service.store.rows import RunHead
from service.store.runs import delete_runs, due_runs, old_runs, unfinished_runs

QUEUE = "isthmus-runs"
# An upgrade strands nothing: what was queued by one version is driven by the next.
_APPLICATION_VERSION = "1"
_LOOK_SECONDS = 1.0
_FORGET_SECONDS = 60.0
_AT_ONCE = 32
_MOST = 500
# A run that is still due after it was queued is queued again: whoever was to drive it failed.
_AGAIN_SECONDS = 30.0

# What is due within this time is not left to the next look.
_SOON_SECONDS = 10.0

Attend = Callable[[str, int], Awaitable[None]]


class Timers:
    """Timers of this process, for what is due so soon that a look every second would be late."""

    def __init__(self, attend: Attend, clock: Callable[[], datetime]) -> None:
        self._attend = attend
        self._clock = clock
        self._attending: set[asyncio.Task[None]] = set()

    def call_at(self, run_id: str, wake: int, due: int) -> None:
        """Attend to a run at a moment, nanoseconds since the epoch, if that is soon."""
        seconds = max(0.0, due / 1e9 - self._clock().timestamp())
        if seconds <= _SOON_SECONDS:
            asyncio.get_running_loop().call_later(seconds, self._begin, run_id, wake)

    def _begin(self, run_id: str, wake: int) -> None:
        task = asyncio.create_task(self._attended(run_id, wake))
        self._attending.add(task)
        task.add_done_callback(self._attending.discard)

    async def _attended(self, run_id: str, wake: int) -> None:
        # The next look finds what could not be done now.
        with contextlib.suppress(ServiceError):
            await self._attend(run_id, wake)


class Durability:
    """The queue of runs that nobody waits for; belongs to one event loop.

    Args:
        attend: does what is due for a run, if it is still at that wake.
        retention_seconds: how long finished runs are kept.
        retention_runs: how many of a tenant are, at most.
        clock: nanoseconds since the epoch; may jump, either way: what is due by it is looked for anew each time.
    """

    def __init__(
        self,
        store: Store,
        *,
        attend: Attend,
        retention_seconds: float,
        retention_runs: int,
        log: Any,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._store = store
        self._attend = attend
        self._retention_seconds = retention_seconds
        self._retention_runs = retention_runs
        self._log = log
        self._clock = clock
        self._queued: dict[tuple[str, int], float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._dbos: Any = None
        self._workflow: Any = None
        self._engine: Any = None
        self._is_closing = False

    async def open(self) -> None:
        """Go on with what an earlier process left, and look for what is due from now on."""
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._launch, loop)
        left = await self._store.read(lambda connection: unfinished_runs(connection, ["running", "queued"]))
        await self._queue(left)
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._forget())]

    async def close(self) -> None:
        """Queue nothing more; runs that are being driven are theirs to end who drive them."""
        self._is_closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._dbos is not None:
            dbos, self._dbos = self._dbos, None
            await asyncio.to_thread(dbos.destroy, destroy_registry=True)
            self._engine.dispose()

    # -- what is due ------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(ServiceError):
                await self._queue(await self._due())
            await asyncio.sleep(_LOOK_SECONDS)

    async def _due(self) -> list[RunHead]:
        now = self._clock() // 1000
        return await self._store.read(lambda connection: due_runs(connection, now=now, limit=_MOST))

    async def _forget(self) -> None:
        while True:
            with contextlib.suppress(ServiceError):
                while await self._forget_some():
                    pass
            await asyncio.sleep(_FORGET_SECONDS)

    async def _forget_some(self) -> bool:
        before, keep = self._clock() // 1000 - round(self._retention_seconds * 1e6), self._retention_runs
        old = await self._store.read(
            lambda connection: old_runs(connection, finished_before=before, keep=keep, limit=_MOST)
        )
        if old:
            await self._store.write(lambda connection: delete_runs(connection, old))
        return bool(old)

    async def _queue(self, heads: list[RunHead]) -> None:
        now = time.monotonic()
        self._queued = {key: at for key, at in self._queued.items() if now - at < _AGAIN_SECONDS}
        fresh = [head for head in heads if (head.id, head.wake) not in self._queued]
        for head in fresh:
            self._queued[head.id, head.wake] = now
        if fresh:
            await asyncio.to_thread(self._enqueue, fresh)

    # -- DBOS, on threads ---------------------------------------------------------------------------------------

    def _launch(self, loop: asyncio.AbstractEventLoop) -> None:
        # Imported here: it takes a quarter of a second, and most commands need none of it.
        from dbos import DBOS, DBOSConfig

        logging.getLogger("dbos").setLevel(logging.ERROR)
        self._engine = self._store.queue_engine()
        config = DBOSConfig(
            name="isthmus",
            system_database_engine=self._engine,
            application_version=_APPLICATION_VERSION,
            executor_id="main",
            log_level="ERROR",
            run_migrations=True,
            # Nothing is scheduled. Its other threads keep their intervals of a second: its end waits for them.
            scheduler_polling_interval_sec=3600.0,
        )
        DBOS(config=config)

        @DBOS.workflow(name="attend")
        def attend(run_id: str, wake: int) -> None:
            if not self._is_closing:
                asyncio.run_coroutine_threadsafe(self._attended(run_id, wake), loop).result()

        self._workflow = attend
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=_AT_ONCE, polling_interval_sec=_LOOK_SECONDS)
        self._dbos = DBOS

    def _enqueue(self, heads: list[RunHead]) -> None:
        from dbos import SetWorkflowID

        for head in heads:
            if self._dbos is None:
                return
            # One that is queued again would be taken for the one that failed.
            with SetWorkflowID(f"{head.id}:{head.wake}:{time.time_ns()}"):
                self._dbos.enqueue_workflow(QUEUE, self._workflow, head.id, head.wake)

    async def _attended(self, run_id: str, wake: int) -> None:
        try:
            await self._attend(run_id, wake)
        except Exception as error:  # noqa: BLE001 - it stays due, and is tried again
            self._log.error("run_not_attended", id=run_id, error=repr(error))
