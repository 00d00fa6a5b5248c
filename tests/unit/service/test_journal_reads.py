"""How many whole journals are read at once."""

import asyncio

from service.runs.journal_reads import AT_ONCE, JournalReads


async def test_a_tenant_reads_few_journals_at_once_and_keeps_no_other_waiting() -> None:
    """Each may take hundreds of megabytes while it is read: many at once would take the service's memory."""
    reads, may_end = JournalReads(), asyncio.Event()
    begun: list[str] = []

    async def read(tenant: str) -> None:
        async with reads.places(tenant):
            begun.append(tenant)
            await may_end.wait()

    tasks = [asyncio.create_task(read("a")) for _ in range(AT_ONCE + 3)] + [asyncio.create_task(read("b"))]
    await asyncio.sleep(0)
    first = [*begun]
    may_end.set()
    await asyncio.gather(*tasks)

    assert first == ["a"] * AT_ONCE + ["b"]
    assert begun == [*first, *["a"] * 3]


async def test_whoever_leaves_while_waiting_leaves_the_place_to_the_next() -> None:
    """A client that closes its connection must not close the journals for its tenant."""
    reads = JournalReads()
    held = [reads.places("a") for _ in range(AT_ONCE)]
    for place in held:
        await place.acquire()
    waiting = asyncio.create_task(reads.places("a").acquire())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    held[0].release()

    assert await asyncio.wait_for(reads.places("a").acquire(), 30)
