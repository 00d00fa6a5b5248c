import asyncio

log = []


async def ticker(n):
    try:
        for i in range(n):
            yield i
            await asyncio.sleep(0)
    finally:
        log.append("closed")


async def echo():
    received = None
    while True:
        received = yield received
        if received is None:
            return


async def main():
    ticks = ticker(5)
    first = await anext(ticks)
    await ticks.aclose()
    e = echo()
    await e.asend(None)
    answers = [await e.asend("a"), await e.asend("b")]
    try:
        await anext(ticks)
    except StopAsyncIteration:
        log.append("exhausted")
    default = await anext(ticks, "none")
    nested = [[x async for x in ticker(y)] for y in range(3)]
    return [first, answers, default, nested, log]


asyncio.run(main())
