import asyncio


async def delayed(value, seconds):
    await asyncio.sleep(seconds)
    return value


async def main():
    order = []
    for future in asyncio.as_completed([delayed("slow", 0.03), delayed("fast", 0.01), delayed("middle", 0.02)]):
        order.append(await future)
    first = []
    async for task in asyncio.as_completed([asyncio.create_task(delayed(n, n / 100)) for n in (3, 1, 2)]):
        first.append(await task)
    return [order, first]


asyncio.run(main())
