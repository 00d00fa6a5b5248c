"""Where work is done: the event loop serves everybody, so no round of it may become long."""

import asyncio
import threading

from sandbox.weight import HEAVY_BYTES, in_its_place

SMALL = HEAVY_BYTES // 10


async def places(size_bytes: int, *, times: int) -> list[bool]:
    """Do pieces of work that all begin in one round; say for each whether it was done on the event loop."""
    here = threading.get_ident()
    return await asyncio.gather(
        *(in_its_place(size_bytes, lambda: threading.get_ident() == here) for _ in range(times))
    )


async def test_heavy_work_is_done_on_a_thread() -> None:
    """And light work here, where it costs no change of threads."""
    assert await places(HEAVY_BYTES, times=1) == [False]
    assert await places(HEAVY_BYTES - 1, times=1) == [True]
    assert all(await places(100, times=5_000))


async def test_much_work_in_one_round_goes_to_threads_too() -> None:
    """A thousand calls with arguments of 90 KB, made at once, held the event loop for ten seconds."""
    assert await places(SMALL, times=15) == [True] * 10 + [False] * 5


async def test_each_round_has_room_of_its_own() -> None:
    """Nothing is kept of the rounds before."""
    for _ in range(3):
        await asyncio.sleep(0)

        assert all(await places(SMALL, times=10))
