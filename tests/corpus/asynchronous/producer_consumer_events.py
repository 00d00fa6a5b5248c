import asyncio


class Channel:
    def __init__(self):
        self._items = []
        self._closed = False
        self._changed = asyncio.Event()

    async def put(self, item):
        self._items.append(item)
        self._changed.set()
        await asyncio.sleep(0)

    def close(self):
        self._closed = True
        self._changed.set()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while not self._items:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._items.pop(0)


async def main():
    channel = Channel()

    async def produce():
        for sku in ("MUG", "TEA"):
            await channel.put([sku, await get_price(sku)])
        channel.close()

    async def consume():
        return [item async for item in channel]

    _, got = await asyncio.gather(produce(), consume())
    return got


asyncio.run(main())
