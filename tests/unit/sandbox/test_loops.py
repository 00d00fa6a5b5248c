"""A loop on a thread of its own."""

import asyncio
import threading

import pytest

from sandbox.loops import LoopThread


async def nothing() -> None:
    """Nothing is left to finish."""


async def test_a_coroutine_runs_on_the_other_loop_and_its_outcome_comes_back() -> None:
    """Value, exception and cancellation."""
    other = LoopThread("test")
    main = threading.current_thread()

    async def elsewhere() -> bool:
        return threading.current_thread() is not main

    async def fail() -> None:
        raise KeyError("a")

    async def give_up() -> None:
        raise asyncio.CancelledError

    assert await other.run(elsewhere)
    with pytest.raises(KeyError):
        await other.run(fail)
    with pytest.raises(asyncio.CancelledError):
        await other.run(give_up)
    await asyncio.to_thread(lambda: other.stop(nothing, within_seconds=5))


async def test_a_waiter_that_is_cancelled_cancels_what_it_waits_for() -> None:
    """On the other loop."""
    other = LoopThread("test")
    ended = threading.Event()

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.run(wait), 0.05)

    assert await asyncio.to_thread(ended.wait, 5)
    await asyncio.to_thread(lambda: other.stop(nothing, within_seconds=5))


def test_a_loop_that_closed_meanwhile_harms_nobody() -> None:
    """The other loop has nobody to tell."""
    other = LoopThread("test")
    ended = threading.Event()

    async def insist() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.1)
        ended.set()

    async def leave() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(other.run(insist), 0.05)

    asyncio.run(leave())

    assert ended.wait(5)
    other.stop(nothing, within_seconds=5)


async def test_once_it_stops_nobody_is_told_anything() -> None:
    """At the end of a process, whoever still waits is a daemon thread: an exception would be printed for nothing."""
    other = LoopThread("test")
    waiting = asyncio.create_task(other.run(lambda: asyncio.sleep(60)))
    await asyncio.sleep(0.05)
    finished = []

    async def finish() -> None:
        finished.append(asyncio.get_running_loop())

    await asyncio.to_thread(lambda: other.stop(finish, within_seconds=5))
    await asyncio.sleep(0.05)

    assert len(finished) == 1
    assert not waiting.done()
    waiting.cancel()


def test_a_loop_that_does_not_stop_is_left_behind() -> None:
    """The end of the process does not wait for it."""
    other = LoopThread("test")
    release = threading.Event()
    other.soon(lambda: release.wait(10))

    other.stop(nothing, within_seconds=0.05)
    release.set()

    # It can be ended after all.
    other.stop(nothing, within_seconds=5)
