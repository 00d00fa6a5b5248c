"""Threads for functions that block."""

import asyncio
import threading
import time

import pytest

from sandbox.threads import DaemonExecutor, DaemonThreads


async def test_calls_run_at_once_and_threads_are_used_again() -> None:
    """As many threads as there are calls at once, and no more."""
    threads = DaemonThreads()
    together = threading.Barrier(3)

    def meet() -> int:
        together.wait(timeout=10)
        return threading.get_ident()

    first = await asyncio.gather(*(threads.run(meet) for _ in range(3)))
    second = await asyncio.gather(*(threads.run(meet) for _ in range(3)))

    assert len(set(first)) == 3
    assert set(second) == set(first)


async def test_an_exception_is_raised_at_the_caller() -> None:
    """The thread stays for the next call."""
    threads = DaemonThreads()

    def fail() -> None:
        raise KeyError("a")

    with pytest.raises(KeyError):
        await threads.run(fail)
    assert await threads.run(lambda: 1) == 1


async def test_a_loop_that_waits_for_calls_hears_of_them_what_it_heard_before() -> None:
    """Values, exceptions, and that they are made on a thread: only who wakes whom is another matter."""
    threads = DaemonThreads()
    made = [await threads.run(threading.get_ident, wait=True) for _ in range(20)]

    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0, wait=True)

    assert threading.get_ident() not in made
    assert await threads.run(lambda: 2, wait=True) == 2


async def test_a_loop_that_waits_for_a_call_goes_on_when_it_takes_long() -> None:
    """A function that was quick a hundred times may hang the next time, and the service must not."""
    threads = DaemonThreads()
    release = threading.Event()
    for _ in range(100):
        await threads.run(lambda: None, wait=True)

    waiting = asyncio.create_task(threads.run(lambda: release.wait(10), wait=True))
    await asyncio.sleep(0)
    release.set()

    assert await waiting is True


async def test_a_call_that_nobody_waits_for_any_more_harms_nobody() -> None:
    """The thread cannot be stopped, but its value is dropped."""
    threads = DaemonThreads()
    release = threading.Event()
    waiting = asyncio.create_task(threads.run(lambda: release.wait(10)))
    await asyncio.sleep(0.01)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()

    assert await threads.run(lambda: 1) == 1


def test_a_loop_that_closed_meanwhile_harms_nobody() -> None:
    """The thread finishes its call after the loop is gone."""
    threads = DaemonThreads()
    done = threading.Event()

    def take_long() -> None:
        time.sleep(0.1)
        done.set()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(threads.run(take_long), 0.01)

    asyncio.run(give_up())

    assert done.wait(5)


def test_threads_do_not_hold_up_the_exit() -> None:
    """They are daemons; so is what an event loop runs its blocking calls on."""
    executor = DaemonExecutor()

    assert executor.submit(lambda: threading.current_thread().daemon).result(5) is True
    assert isinstance(executor.submit(lambda: 1 / 0).exception(5), ZeroDivisionError)
