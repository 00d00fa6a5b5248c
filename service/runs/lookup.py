"""Where a run is: in hand in this process, among those that ended here a while ago, or in the store.

Whatever names a run by its id looks for it here; an id of another tenant's is as one that never was.
"""

from service.errors import JournalNotKept
from service.functions.registry import Registry
from service.runs.active import ActiveRun
from service.runs.record import Run
from service.runs.running import Running
from service.runs.stored import Stored, load, run_of_stored


def in_memory(running: Running, run_id: str, *, tenant: str) -> ActiveRun | Run | None:
    """Return a run that is in hand, or the record of one that ended here; None: only the store may have it."""
    active = running.find(run_id, tenant=tenant)
    return active or running.recent.find(run_id, tenant=tenant, now=running.clock())


async def at_rest(running: Running, run_id: str, *, tenant: str, goes_on: bool = False) -> Stored | Run:
    """Return a run that is not in hand, as the store has it; or the record of one that was not kept there.

    Args:
        goes_on: it is to go on, so where its events end is read as well.

    Raises:
        RunNotKept: there is no such run.
    """
    stored = await load(running, run_id, tenant=tenant, goes_on=goes_on)
    return stored or running.recent.get(run_id, tenant=tenant, now=running.clock())


async def stored_run(running: Running, run_id: str, *, tenant: str) -> Stored:
    """Return a run as the store has it, with its journal.

    Raises:
        RunNotKept: there is no such run.
        JournalNotKept: there is only the record of how it ended.
    """
    found = await at_rest(running, run_id, tenant=tenant)
    if isinstance(found, Run):
        raise JournalNotKept(await _taken_over(running, found))
    return found


async def run_at_rest(running: Running, run_id: str, registry: Registry, *, tenant: str) -> Run:
    """Return a run that is not in hand, as callers see it.

    Raises:
        RunNotKept: there is no such run.
    """
    found = await at_rest(running, run_id, tenant=tenant)
    return found if isinstance(found, Run) else await run_of_stored(found, registry)


async def _taken_over(running: Running, run: Run) -> str | None:
    """Return the run whose journal another one took over, if it can be taken over again."""
    if run.patch is None:
        return None
    earlier = await load(running, run.patch["run_id"], tenant=run.tenant)
    return None if earlier is None or earlier.journal is None else earlier.row.id
