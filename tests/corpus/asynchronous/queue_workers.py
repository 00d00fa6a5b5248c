import asyncio


async def producer(queue, items):
    for item in items:
        await queue.put(item)
    await queue.join()


async def consumer(queue, results):
    while True:
        sku = await queue.get()
        try:
            results[sku] = await get_price(sku)
        finally:
            queue.task_done()


async def main():
    queue = asyncio.Queue(maxsize=2)
    results = {}
    workers = [asyncio.create_task(consumer(queue, results)) for _ in range(2)]
    await producer(queue, ["MUG", "TEA", "POT"])
    for worker in workers:
        worker.cancel()
    ended = await asyncio.gather(*workers, return_exceptions=True)
    return [dict(sorted(results.items())), [type(e).__name__ for e in ended], queue.empty()]


asyncio.run(main())
