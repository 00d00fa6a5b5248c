"""How far a run comes that has a place: by being run, by the result of an equal one, or not at all for its types."""

from sandbox.cache import CacheStore
from sandbox.deadline import late
from sandbox.engine import Engine
from sandbox.execute import Finished, refused
from sandbox.external import Suspended
from service.runs.active import ActiveRun
from service.runs.cached import answered_order
from service.runs.check import refusal_by_types


async def progress_of(
    active: ActiveRun, *, engine: Engine, results: CacheStore | None, queued_seconds: float | None
) -> Finished | Suspended:
    """Return how a run ended, or what it waits for.

    Args:
        results: where results are kept that equal runs are given; None: nowhere.
        queued_seconds: how long it may wait for a worker; None: as long as it takes.

    Raises:
        LimitExceeded: it waited longer.
        ValueRejected: an input cannot cross.
    """
    checks = active.submission.type_check
    if active.live.journal.entries or not (checks or active.order.cache.is_enabled()):
        return await _driven(active, queued_seconds)

    async def compute() -> Finished:
        wrong = await refusal_by_types(engine, active.order, registered=active.registry) if checks else None
        if wrong is not None:
            return refused(wrong)
        progress = await _driven(active, queued_seconds)
        if isinstance(progress, Suspended):
            raise _Waits(progress)
        return progress

    try:
        return await answered_order(active.order, compute, tenant=active.tenant, engine=engine, store=results)
    except _Waits as waits:
        return waits.suspended


async def _driven(active: ActiveRun, queued_seconds: float | None) -> Finished | Suspended:
    try:
        return await active.live.drive(queued_seconds)
    except TimeoutError:
        raise late("max_queued_time")(active.submission.timeout["max_queued_time"]) from None


class _Waits(Exception):
    """A run whose result would have been kept has none yet."""

    def __init__(self, suspended: Suspended) -> None:
        super().__init__()
        self.suspended = suspended
