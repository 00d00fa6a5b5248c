import asyncio


async def stage(source, target, function):
    while (item := await source.get()) is not None:
        await target.put(await function(item))
    await target.put(None)


async def price_of(sku):
    return [sku, await get_price(sku)]


async def in_dollars(pair):
    return [*pair, convert(pair[1], "EUR", "USD")]


async def main():
    first, second, third = (asyncio.Queue() for _ in range(3))
    async with asyncio.TaskGroup() as group:
        group.create_task(stage(first, second, price_of))
        group.create_task(stage(second, third, in_dollars))
        for sku in ["MUG", "TEA", None]:
            await first.put(sku)
    out = []
    while (row := third.get_nowait()) is not None:
        out.append(row)
    return out


asyncio.run(main())
