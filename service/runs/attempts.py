"""The attempts of a run: one that failed in a way that may pass is followed by another, as the submission allows.

Each attempt has a journal of its own, and all of them are kept, one after the other: what was answered with a value in
any of them is not asked again, by this process or by one that goes on after a crash.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sandbox.deadline import late
from sandbox.execute import Finished, LiveRun
from sandbox.external import Suspended
from sandbox.journal import Journal
from sandbox.options import Backoff, RetryStrategy
from sandbox.patched import PatchedReplay
from sandbox.retry import RetryDecision, decide
from sandbox.turns import Outcome
from sandbox.values import decode
from service.runs.active import ActiveRun
from service.runs.bounds import bounded, left_to_queue
from service.runs.events import EventLog
from service.runs.keeping import keep_attempt
from service.runs.recorder import StoreRecorder, texts_of
from service.runs.submission import Submission
from service.runs.watched import Watched
from service.store.database import Store


class Watch(Protocol):
    """Has what happens in an attempt told to the run's log."""

    def __call__(self, live: LiveRun, log: EventLog, /, *, attempt: int) -> Watched:
        """Return what tells it."""


async def attempted(
    active: ActiveRun,
    queued_seconds: float,
    *,
    store: Store | None,
    clock: Callable[[], datetime],
    watch: Watch,
) -> Finished | Suspended:
    """Drive a run until it needs no further attempt, or waits for somebody outside.

    Raises:
        LimitExceeded: an attempt took longer than it may.
    """
    while True:
        async with bounded(active, "max_runtime", now=clock(), spent_seconds=queued_seconds):
            progress = await _driven(active, left_to_queue(active, spent_seconds=queued_seconds))
        decision = None if isinstance(progress, Suspended) else another(active, progress)
        if decision is None:
            return progress
        await begin_again(active, store)
        active.watched = watch(active.live, active.log, attempt=decision.attempt)
        queued_seconds = 0.0
        await asyncio.sleep(strategy_of(active.submission).pause_before(decision.attempt))


async def _driven(active: ActiveRun, queued_seconds: float | None) -> Finished | Suspended:
    try:
        return await active.live.drive(queued_seconds, before_news=active.until_written)
    except TimeoutError:
        raise late("max_queued_time")(active.submission.timeout["max_queued_time"]) from None


def another(active: ActiveRun, finished: Finished) -> RetryDecision | None:
    """Return which attempt follows one that ended, None when that was the last one."""
    error, attempt = finished.error, len(active.earlier) + 1
    if error is None:
        return None
    retries = strategy_of(active.submission).count
    return decide(error.kind, error.type, calls=len(finished.calls), attempt=attempt, retries=retries)


async def begin_again(active: ActiveRun, store: Store | None) -> None:
    """Put a run at its beginning again, with the answers of its attempts so far; what is kept of them stays kept."""
    async with active.writing:
        recorder, before = active.live.recorder, list[str]()
        run = await active.record(active.live.state(), status=active.status)
        active.spent = run.usage
        if recorder is not None and store is not None:
            await keep_attempt(store, active, run)
            before = await texts_of([*active.earlier, active.live.journal])
        active.earlier.append(active.live.journal)
        active.live = LiveRun(
            active.engine,
            active.order.start(active.seed),
            now=active.submission.now,
            replay=retry_of(active.ancestors, active.earlier, active.lineage),
            can_ask=store is not None,
            root_id=active.root_id,
        )
        if active.entries_kept is not None:
            active.entries_kept = 0
        if recorder is not None and store is not None:
            active.live.attach(
                StoreRecorder(
                    store,
                    active.id,
                    allowance=active.allowance,
                    wake=active.wake,
                    written=None,
                    log=active.log,
                    replaces=True,
                    before=before,
                )
            )


def retry_of(
    ancestors: Sequence[Journal], earlier: Sequence[Journal], lineage: Mapping[str, Any] | None
) -> PatchedReplay | None:
    """Return what answers another attempt: earlier ones, and the runs from which it took over.

    Args:
        lineage: how it did that; a fork tells one of the calls something else.
    """
    outcome = changed_outcome(lineage)
    changed = None if outcome is None or not ancestors else (ancestors[-1].key_of(outcome.number), outcome)
    return PatchedReplay.retry([*ancestors, *earlier], changed=changed)


def changed_outcome(lineage: Mapping[str, Any] | None) -> Outcome | None:
    """Return what a fork tells a call of its parent, None when the run is no fork."""
    if lineage is None or "call" not in lineage:
        return None
    return Outcome(number=lineage["call"], value=decode(lineage["value"]))


def strategy_of(submission: Submission) -> RetryStrategy:
    """Return how often, and after which pauses, a run is begun again."""
    asked = submission.retries
    if "base_seconds" not in asked:
        return RetryStrategy(int(asked.get("count", 0)))
    base, cap = timedelta(seconds=asked["base_seconds"]), timedelta(seconds=asked["cap_seconds"])
    return RetryStrategy(int(asked["count"]), Backoff(base=base, factor=asked["factor"], cap=cap))
