"""Drives runs in this process: begins them, writes down how they stand, holds those that wait for a moment.

What a run became is written down first, and told afterwards. A run that somebody else has taken is let go.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sandbox.cache import CacheStore
from sandbox.choice import Engines
from sandbox.engine import CountingEngine
from sandbox.errors import LimitExceeded, ValueRejected
from sandbox.execute import Finished, LiveRun
from sandbox.external import Suspended
from sandbox.turns import ErrorReport
from service.errors import ServiceError, StorageFull, SubmissionRejected
from service.rights import Rights
from service.runs.active import ActiveRun
from service.runs.admission import REFUSALS, Admission
from service.runs.answer import ended_by_platform
from service.runs.attempts import attempted
from service.runs.bounds import ALL, bounded, too_late, until_deadline
from service.runs.events import EventLog
from service.runs.keeping import end_without_room, move
from service.runs.order import Order, fault_of_inputs
from service.runs.progress import progress_of
from service.runs.recent import RecentRuns
from service.runs.record import Run
from service.runs.recorder import RunTaken
from service.runs.room import Room, out_of_room
from service.runs.states import Status, may_follow
from service.runs.submission import Submission
from service.runs.type_checks import TypeChecks
from service.runs.watched import Watched
from service.seeing.metrics import Metrics
from service.seeing.tracing import call_span, note_end, run_span
from service.store.database import Store

# After which a run is tried again for which there was no place.
_PUT_OFF_SECONDS = 2.0

Prepared = Callable[..., Awaitable[Order]]
RightsOf = Callable[[str], Awaitable[Rights]]
Wake = Callable[[str, int, int], None]


class Running:
    """The runs that this process has in hand.

    Args:
        store: None: nothing outlives the process, and no run can wait for somebody outside.
        hold_seconds: how long an interpreter waits with a run that was suspended.
        report: is told of each run that ended.
    """

    def __init__(
        self,
        *,
        engines: Engines[CountingEngine],
        admission: Admission,
        recent: RecentRuns,
        store: Store | None,
        results: CacheStore | None,
        clock: Callable[[], datetime],
        room: Room,
        prepared: Prepared,
        rights_of: RightsOf,
        type_checks: TypeChecks,
        hold_seconds: float,
        report: Callable[[Run, Submission], None],
        metrics: Metrics,
        log: Any,
    ) -> None:
        self.engines = engines
        self.admission = admission
        self.recent = recent
        self.store = store
        self.room = room
        """Bounds what is kept."""
        self.prepared = prepared
        """Returns an order as it is run: that of a template that is kept runs from its compiled code."""
        self.rights_of = rights_of
        """Gives the rights of a tenant whose run nobody's request drives."""
        self._results = results
        self.type_checks = type_checks
        self.clock = clock
        self.on_suspended: Wake = lambda _run_id, _wake, _due: None
        """Told of every run that waits, with the moment (nanoseconds) at which something is due."""
        self.on_rest: Callable[[], None] = lambda: None
        """Told when somebody has to be told of a run."""
        self._hold_seconds = hold_seconds
        self._report = report
        self._metrics = metrics
        self._log = log
        self._active: dict[str, ActiveRun] = {}

    def find(self, run_id: str, *, tenant: str | None) -> ActiveRun | None:
        """Return a run that is in hand, and the tenant's."""
        active = self._active.get(run_id)
        return active if active is not None and tenant in (None, active.tenant) else None

    def watched(self, live: LiveRun, log: EventLog, *, attempt: int = 1, told_output: int = 0) -> Watched:
        """Have what happens to a run told to its log, and counted."""
        watched = Watched(live.journal, log, attempt=attempt, clock=self.clock, metrics=self._metrics)
        live.watch(entry=watched.entry, output=watched.output, around=call_span, told_output=told_output)
        return watched

    def begin(self, active: ActiveRun) -> None:
        """Drive a run from here on."""
        if not active.log.last:
            active.watched.move("queued", "queued", active.created_at)
        self._active[active.id] = active
        active.rest.clear()
        active.suspended = None
        active.task = asyncio.create_task(self._drive(active))

    async def wait(self, active: ActiveRun, seconds: float | None) -> Run:
        """Return the run as `until_rest` does; one that goes on then is kept, for its caller is about to leave.

        Raises:
            ServiceError: it was refused before it began.
        """
        run = await self.until_rest(active, seconds)
        if active.run is None and not active.is_kept and self.store is not None:
            await self.keep(active)
            if active.no_room is not None:
                return await self.until_rest(active, None)
        return run

    async def until_rest(self, active: ActiveRun, seconds: float | None) -> Run:
        """Return the run once it has ended or waits for somebody outside, or as it is after so many seconds.

        Raises:
            ServiceError: it was refused before it began.
        """
        try:
            async with asyncio.timeout(seconds):
                await active.rest.wait()
        except TimeoutError:
            pass
        if active.refusal is not None:
            raise active.refusal
        return await self.show(active)

    async def show(self, active: ActiveRun) -> Run:
        """Return the run as it is now; one whose end is being written down, once that is done."""
        if active.is_ending and active.run is None:
            await active.rest.wait()
        return active.run or await self._record(active, active.live.state())

    async def keep(self, active: ActiveRun) -> None:
        """Have the store keep a run from now on; does nothing when it does, or when there is none."""
        if active.is_kept or active.is_ended:
            return
        try:
            await self.move(active, active.status, keep=True)
        except StorageFull as error:
            active.no_room = error
            self.interrupt(active, "failed")

    async def move(self, active: ActiveRun, status: Status, *, run: Run | None = None, keep: bool = False) -> None:
        """Move a run on to another state, or the same; see `keeping.move`."""
        if not keep and not active.is_kept and not active.writing.locked() and may_follow(active.status, status):
            # Most runs: the store never hears of them.
            before, active.status = active.status, status
            active.watched.move(before, status, active.finished_at or active.started_at)
            return

        async def record() -> Run:
            return run or await self._record(active, active.live.state(), status=status)

        await move(self.store, active, status, record, keep=keep)

    def adopt(self, active: ActiveRun) -> ActiveRun:
        """Take a run in hand that waits, and return it, or the one of this id that is in hand already."""
        known = self._active.setdefault(active.id, active)
        if known is active:
            active.rest.set()
            self._hold(active)
        return known

    def let_go(self, active: ActiveRun) -> None:
        """Have nothing of a run in memory any more; whoever comes next finds it in the store."""
        active.is_let_go = True
        if self._active.get(active.id) is active:
            del self._active[active.id]
        active.live.park()

    async def stop_driving(self, active: ActiveRun) -> None:
        """Stop whoever drives a run that was let go; returns once nothing is done for it."""
        if active.task is not None:
            active.task.cancel()
            await asyncio.wait([active.task])
        # One that was stopped before its first step has not said so.
        active.rest.set()

    def interrupt(self, active: ActiveRun, status: Status) -> None:
        """Have a run end as `status` now, unless it is about to end anyway."""
        active.ended_as = status

        def cancel() -> None:
            if active.task is not None and not active.is_ending:
                active.task.cancel()

        # Behind its first step: a task that is cancelled before that would never come to say how it ended.
        asyncio.get_running_loop().call_soon(cancel)

    def stop(self) -> None:
        """Note where every run stands, and stop driving: those that are kept go on at the next start."""
        if self.admission.is_stopping:
            return
        for active in self._active.values():
            active.entries_kept = len(active.live.journal.entries)
        self.admission.stop()

    async def settle(self) -> None:
        """Return once no run is driven any more, after `stop`."""
        tasks = [active.task for active in self._active.values() if active.task is not None and not active.task.done()]
        if tasks:
            await asyncio.wait(tasks)

    # -- one run ----------------------------------------------------------------------------------------------

    async def _drive(self, active: ActiveRun) -> None:
        arrived = time.monotonic()
        try:
            await self._drive_to_rest(active, arrived)
        except RunTaken:
            self.let_go(active)
        except ValueRejected as error:
            await self._refuse(active, SubmissionRejected([fault_of_inputs(error)]))
        except REFUSALS as error:
            await self._refuse(active, error)
        except StorageFull as error:
            await self._end_for_room(active, error)
        except asyncio.CancelledError:
            await self._interrupted(active)
        except Exception as error:  # noqa: BLE001 - whatever fails is ours, and whoever waits has to hear of it
            self._log.error("run_failed", id=active.id, error=repr(error))
            await self._give_up(active, ended_by_platform(type(error).__name__))
        finally:
            active.rest.set()

    async def _drive_to_rest(self, active: ActiveRun, arrived: float) -> None:
        try:
            progress = await self._within_bounds(active, arrived)
        except LimitExceeded as error:
            progress = replace(await active.live.remains(), error=too_late(error))
        if isinstance(progress, Suspended):
            await self._suspend(active, progress)
        else:
            await self.finish(active, progress)

    async def _within_bounds(self, active: ActiveRun, arrived: float) -> Finished | Suspended:
        async with bounded(active, *ALL, now=self.clock()):
            place = await self.admission.place(active.caller)
        with place, run_span(run_id=active.id, tenant=active.tenant, template=active.submission.name) as span:
            queued = time.monotonic() - arrived
            active.queued_seconds += queued
            active.started_at = active.started_at or self.clock()
            # One that goes on was moved when it was taken up.
            if active.status == "queued":
                await self.move(active, "running", keep=active.must_keep)
            drive = partial(attempted, active, queued, store=self.store, clock=self.clock, watch=self.watched)
            async with bounded(active, "deadline", now=self.clock()):
                progress = await progress_of(active, drive, checks=self.type_checks, results=self._results)
            if isinstance(progress, Suspended):
                note_end(span, error=None, usage=None)
            else:
                note_end(span, error=progress.error, usage=progress.usage.after(active.spent))
        return progress

    async def finish(self, active: ActiveRun, finished: Finished, status: Status | None = None) -> None:
        """Write down how a run ended, and tell.

        Raises:
            RunTaken: it ended otherwise.
        """
        active.is_ending = True
        active.finished_at = self.clock()
        active.suspended = None
        final = status or ("completed" if finished.error is None else "failed")
        run = await self._record(active, finished, status=final)
        keep = active.must_keep or (run.status == "failed" and run.sent_calls)
        try:
            await self.move(active, run.status, run=run, keep=keep)
        except StorageFull as error:
            short = replace(finished, value=None, output="", error=out_of_room(error))
            run = await end_without_room(self.store, active, run, partial(self._record, active, short, status="failed"))
        active.run = run
        self._active.pop(active.id, None)
        if active.submission.webhook is not None:
            self.on_rest()
        self.recent.add(run)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        # Behind those who wait for the run.
        task.add_done_callback(lambda _: self._note_end(run, active.submission))

    def _note_end(self, run: Run, submission: Submission) -> None:
        self._metrics.run_took(seconds=run.usage.wall_seconds, queued_seconds=run.queued_seconds)
        kind = None if run.error is None else run.error.kind
        self._metrics.run_came_to_rest(tenant=run.tenant, status=run.status, kind=kind)
        self._report(run, submission)

    async def _end_for_room(self, active: ActiveRun, error: StorageFull) -> None:
        """End a run that its tenant has no room for; one that has not begun is refused."""
        if not active.is_kept and not active.live.journal.entries:
            await self._refuse(active, error)
            return
        active.entries_kept = active.written if active.is_kept else None
        await self._give_up(active, out_of_room(error))

    async def _suspend(self, active: ActiveRun, suspended: Suspended) -> None:
        active.suspended = until_deadline(active, suspended)
        was_kept = active.is_kept
        await self.move(active, "suspended", keep=True)
        if not was_kept:
            self.room.note_kept(active.tenant)
        if active.submission.webhook is not None:
            self.on_rest()
        self._metrics.run_came_to_rest(tenant=active.tenant, status="suspended", kind=None)
        self._hold(active)
        if active.suspended.wake_at is not None:
            self.on_suspended(active.id, active.wake, active.suspended.wake_at)

    def _hold(self, active: ActiveRun) -> None:
        asyncio.get_running_loop().call_later(self._hold_seconds, self._hold_is_over, active, active.wake)

    def _hold_is_over(self, active: ActiveRun, wake: int) -> None:
        if active.wake != wake or active.status != "suspended":
            return
        if active.lock.locked():
            self._hold(active)
        else:
            self.let_go(active)

    async def _interrupted(self, active: ActiveRun) -> None:
        """The task was cancelled: somebody wants the run to end, the service stops, or the run was let go."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        task.uncancel()
        remains = await active.live.remains()
        if active.is_let_go:
            return
        if active.no_room is not None:
            remains = replace(remains, error=out_of_room(active.no_room))
        try:
            if active.ended_as is not None:
                await self.finish(active, remains, active.ended_as)
            elif self.store is None:
                await self._give_up(active, ended_by_platform("ServiceStopping"))
            else:
                await self.move(active, active.status, keep=True)
        except RunTaken:
            self.let_go(active)
        except StorageFull as error:
            if not active.is_kept:  # One that is kept goes on from what the store has of it.
                await self._end_for_room(active, error)

    async def _put_off(self, active: ActiveRun) -> None:
        """Leave a run that is kept, and for which there is no place, for later."""
        with contextlib.suppress(RunTaken):
            await self.move(active, "queued")
        active.refusal = None
        due = round((self.clock().timestamp() + _PUT_OFF_SECONDS) * 1e9)
        self.on_suspended(active.id, active.wake, due)

    async def _give_up(self, active: ActiveRun, error: ErrorReport) -> None:
        """End a run that we could not bring to its end; whoever waits is told, even if the store takes nothing."""
        finished = replace(await active.live.remains(), error=error)
        try:
            await self.finish(active, finished)
        except ServiceError:
            active.status = "failed"
            active.run = await self._record(active, finished, status="failed")
            self._active.pop(active.id, None)

    async def _refuse(self, active: ActiveRun, error: ServiceError) -> None:
        active.refusal = error
        self._active.pop(active.id, None)
        if active.is_kept:
            await self._put_off(active)

    async def _record(self, active: ActiveRun, finished: Finished, *, status: Status | None = None) -> Run:
        return await active.record(finished, status=status or active.status)
