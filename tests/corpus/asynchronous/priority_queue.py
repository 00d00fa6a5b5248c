import asyncio


async def main():
    queue = asyncio.PriorityQueue()
    for priority, name in [(3, "c"), (1, "a"), (2, "b")]:
        queue.put_nowait((priority, name))
    order = [(await queue.get())[1] for _ in range(queue.qsize())]
    stack = asyncio.LifoQueue()
    await stack.put(1)
    await stack.put(2)
    try:
        queue.get_nowait()
    except asyncio.QueueEmpty:
        order.append("empty")
    small = asyncio.Queue(1)
    small.put_nowait("x")
    try:
        small.put_nowait("y")
    except asyncio.QueueFull:
        order.append("full")
    try:
        async with asyncio.timeout(0.01):
            await small.put("z")
    except TimeoutError:
        order.append("blocked")
    return [order, await stack.get(), small.full()]


asyncio.run(main())
