"""Taking up a run that waits, or that another process left: it is driven while the store takes note that it is.

Both take time, and neither needs the other: up to the end of its journal a run calls, writes and tells nothing. What is
new waits until the store has it; when the store refuses, whoever drives the run is stopped, and nothing has happened.
"""

import asyncio
from dataclasses import replace

from service.runs.active import ActiveRun
from service.runs.running import Running


async def go_on(running: Running, active: ActiveRun) -> None:
    """Take up a run that is in hand, in the store too, and drive it; the caller holds its lock.

    It takes place even if the caller stops waiting for it.

    Raises:
        RunTaken: somebody else was quicker.
        StorageFull: there is no room for the answers that it was given.
        StoreUnavailable: it cannot be written now.
        In all these cases it is let go, and is what it was.
    """
    active.is_taken_up = True
    active.caller = replace(active.caller, rights=active.caller.rights.once_accepted())
    active.live.foretell()
    # First in line for the run's state, which whoever drives it waits for.
    taking_up = asyncio.create_task(_take_up(running, active))
    running.begin(active)
    await asyncio.shield(taking_up)


async def _take_up(running: Running, active: ActiveRun) -> None:
    try:
        await running.move(active, "running")
    except BaseException:
        # Before anybody else has its state.
        running.let_go(active)
        await running.stop_driving(active)
        raise
