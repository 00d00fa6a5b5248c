"""What a run with a place comes to: refused for its types, answered with the result of an equal run, or driven."""

from collections.abc import Awaitable, Callable

from sandbox.cache import CacheStore
from sandbox.execute import Finished, refused
from sandbox.external import Suspended
from service.runs.active import ActiveRun
from service.runs.cached import answered_order
from service.runs.check import refusal_by_types
from service.runs.type_checks import TypeChecks


async def progress_of(
    active: ActiveRun,
    drive: Callable[[], Awaitable[Finished | Suspended]],
    *,
    checks: TypeChecks,
    results: CacheStore | None,
) -> Finished | Suspended:
    """Return how a run ended, or what it waits for.

    Args:
        checks: what checks its types, if it asks for that.
        results: where results are kept that equal runs are given; None: nowhere.
        drive: runs it.

    Raises:
        LimitExceeded: it waited longer.
        ValueRejected: an input cannot cross.
    """
    is_checked = active.submission.type_check
    if active.live.journal.entries or not (is_checked or active.order.cache.is_enabled()):
        return await drive()

    async def compute() -> Finished:
        wrong = None
        if is_checked:
            wrong = await refusal_by_types(checks, active.order, registered=active.registry, caller=active.caller)
        if wrong is not None:
            return refused(wrong)
        progress = await drive()
        if isinstance(progress, Suspended):
            raise _Waits(progress)
        return progress

    try:
        return await answered_order(active.order, compute, tenant=active.tenant, engine=active.engine, store=results)
    except _Waits as waits:
        return waits.suspended


class _Waits(Exception):
    """A run whose result would have been kept has none yet."""

    def __init__(self, suspended: Suspended) -> None:
        super().__init__()
        self.suspended = suspended
