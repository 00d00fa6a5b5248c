"""How many runs go on at once, and what further ones are told."""

import asyncio

import pytest

from service.errors import Overloaded, Stopping
from service.runs.admission import Admission


async def hold(admission: Admission, release: asyncio.Event, order: list[str], name: str) -> None:
    """Take part as one run does."""
    async with admission.slot():
        order.append(name)
        await release.wait()


async def test_runs_beyond_the_slots_wait_and_beyond_the_queue_are_refused() -> None:
    """Refused at once: there is nothing to wait for."""
    admission, release, order = Admission(max_running=1, max_queued=1), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(hold(admission, release, order, name)) for name in "ab"]
    await asyncio.sleep(0)

    assert (order, admission.admitted) == (["a"], 2)
    with pytest.raises(Overloaded, match="1 runs are running and 1 are waiting"):
        admission.check()

    release.set()
    await asyncio.gather(*tasks)

    assert (order, admission.admitted) == (["a", "b"], 0)
    admission.check()


async def test_a_stop_ends_the_running_and_turns_the_waiting_away() -> None:
    """A run that never began can be sent again as it was."""
    admission, release, order = Admission(max_running=1, max_queued=1), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(hold(admission, release, order, name)) for name in "ab"]
    await asyncio.sleep(0)
    admission.stop()
    running, waiting = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(running, asyncio.CancelledError)
    assert isinstance(waiting, Stopping)
    with pytest.raises(Stopping):
        admission.check()


async def test_a_caller_that_gives_up_waiting_frees_its_place() -> None:
    """Else the queue would fill with nobody."""
    admission, release, order = Admission(max_running=1, max_queued=1), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(hold(admission, release, order, name)) for name in "ab"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]

    assert admission.admitted == 1
    release.set()
    await tasks[0]
