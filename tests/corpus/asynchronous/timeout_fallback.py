import asyncio


async def slow(value, seconds):
    await asyncio.sleep(seconds)
    return value


async def first_of(*coroutines):
    tasks = [asyncio.ensure_future(c) for c in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()


async def with_default(coroutine, seconds, default):
    try:
        return await asyncio.wait_for(coroutine, seconds)
    except TimeoutError:
        return default


async def main():
    nested = []
    try:
        async with asyncio.timeout(1):
            try:
                async with asyncio.timeout(0.01):
                    await slow("x", 5)
            except TimeoutError:
                nested.append("inner")
            nested.append(await slow("after", 0))
    except TimeoutError:
        nested.append("outer")
    return [await first_of(slow("a", 0.05), slow("b", 0.01)), await with_default(slow("c", 1), 0.01, "default"), await with_default(get_price("MUG"), 5, 0), nested]


asyncio.run(main())
