"""How many runs go on at once, and what further ones are told."""

import asyncio
from typing import Any

import pytest

from service.errors import Overloaded, RateReached, Stopping, TenantBusy
from service.rights import OPERATOR, Caller, Rights, RunRate
from service.runs.admission import Admission


def caller(tenant: str, **rights: Any) -> Caller:
    """Return a caller of a tenant with these rights."""
    return Caller(tenant=tenant, rights=Rights(**rights), key_id="ik_a", scopes=frozenset())


async def hold(
    admission: Admission, release: asyncio.Event, order: list[str], name: str, *, by: Caller = OPERATOR
) -> None:
    """Take part as one run does."""
    with await admission.place(by):
        order.append(name)
        await release.wait()


async def test_runs_beyond_the_slots_wait_and_beyond_the_queue_are_refused() -> None:
    """Refused at once: there is nothing to wait for."""
    admission, release, order = Admission(max_running=1, max_queued=1), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(hold(admission, release, order, name)) for name in "ab"]
    await asyncio.sleep(0)

    assert (order, admission.counts()) == (["a"], {OPERATOR.tenant: (1, 1)})
    with pytest.raises(Overloaded, match="1 runs are running and 1 are waiting"):
        admission.check(OPERATOR)

    release.set()
    await asyncio.gather(*tasks)

    assert (order, admission.counts()) == (["a", "b"], {OPERATOR.tenant: (0, 0)})
    admission.check(OPERATOR)


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
        admission.check(OPERATOR)


async def test_a_caller_that_gives_up_waiting_frees_its_place() -> None:
    """Else the queue would fill with nobody."""
    admission, release, order = Admission(max_running=1, max_queued=1), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(hold(admission, release, order, name)) for name in "ab"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]

    assert admission.counts() == {OPERATOR.tenant: (1, 0)}
    release.set()
    await tasks[0]


async def test_a_tenant_that_floods_the_queue_fills_its_own() -> None:
    """Another one still gets in, and has the next place: it has none yet."""
    admission, release, order = Admission(max_running=1, max_queued=2), asyncio.Event(), list[str]()
    flood, other = caller("flood"), caller("other")
    names = [("a", flood), ("b", flood), ("c", flood), ("d", other)]
    tasks = [asyncio.create_task(hold(admission, release, order, name, by=by)) for name, by in names]
    await asyncio.sleep(0)

    with pytest.raises(Overloaded):
        admission.check(flood)
    admission.check(other)
    assert admission.counts() == {"flood": (1, 2), "other": (0, 1)}

    release.set()
    await asyncio.gather(*tasks)

    # As many places for either: they take turns, and the flood had the last one.
    assert order == ["a", "d", "b", "c"]
    assert admission.counts() == {"flood": (0, 0), "other": (0, 0)}


async def test_a_tenant_at_its_own_bound_leaves_places_free() -> None:
    """It is told that the bound is its own, and nobody else waits for it."""
    admission, release, order = Admission(max_running=3, max_queued=9), asyncio.Event(), list[str]()
    bounded = caller("bounded", max_running=1, max_queued=1)
    names = [("a", bounded), ("b", bounded), ("c", OPERATOR)]
    tasks = [asyncio.create_task(hold(admission, release, order, name, by=by)) for name, by in names]
    await asyncio.sleep(0)

    assert order == ["a", "c"]
    with pytest.raises(TenantBusy) as refused:
        admission.check(bounded)
    assert str(refused.value) == (
        "1 runs of your tenant are running and 1 are waiting, which is all that it may have; "
        "send the request again later"
    )

    release.set()
    await asyncio.gather(*tasks)

    assert order == ["a", "c", "b"]


async def test_a_bound_that_was_raised_lets_the_waiting_in() -> None:
    """With the tenant's next run, at the latest."""
    admission, release, order = Admission(max_running=3, max_queued=9), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(hold(admission, release, order, name, by=caller("a", max_running=1))) for name in "ab"]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(hold(admission, release, order, "c", by=caller("a", max_running=2))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert order == ["a", "b"]
    release.set()
    await asyncio.gather(*tasks)


async def test_a_place_is_not_lost_on_somebody_who_left() -> None:
    """A caller hangs up at the moment in which it is its turn, whether it was called already or not."""
    admission, release, order = Admission(max_running=1, max_queued=9), asyncio.Event(), list[str]()
    tasks: list[asyncio.Task[None]] = []

    async def first() -> None:
        with await admission.place(OPERATOR):
            await release.wait()
            tasks[1].cancel()
        # Now the third one was called, and has not come to know it.
        tasks[2].cancel()

    tasks = [asyncio.create_task(first())]
    tasks += [asyncio.create_task(hold(admission, release, order, name)) for name in "bcd"]
    await asyncio.sleep(0)
    release.set()
    await asyncio.wait(tasks)

    assert order == ["d"]
    assert admission.counts() == {"default": (0, 0)}


async def test_a_rate_says_when_to_come_again() -> None:
    """Runs that were refused before they began take nothing of it."""
    now = [0.0]
    admission = Admission(max_running=9, max_queued=9, clock=lambda: now[0])
    often = caller("often", rate=RunRate(runs=2, per_seconds=10))
    for _ in range(2):
        admission.check(often)
        with await admission.place(often):
            pass

    with pytest.raises(RateReached) as refused:
        admission.check(often)

    assert str(refused.value) == "your tenant may submit 2 runs in 10 s; send the request again in 5 s"
    assert refused.value.retry_after_seconds == 5
    admission.check(caller("other"))
    now[0] = 4.9
    with pytest.raises(RateReached, match="again in 1 s"):
        admission.check(often)
    now[0] = 5.0
    admission.check(often)
    admission.check(caller("often", rate=RunRate(runs=9, per_seconds=10)))
