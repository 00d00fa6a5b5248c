import asyncio

log = []


async def runner(barrier, name):
    log.append(f"{name} ready")
    await barrier.wait()
    log.append(f"{name} runs")


async def main():
    barrier = asyncio.Barrier(3)
    await asyncio.gather(*(runner(barrier, n) for n in "abc"))
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout_at(loop.time() + 0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        log.append("timed out")
    async with asyncio.timeout(None) as limit_:
        limit_.reschedule(loop.time() + 100)
        log.append(limit_.when() > loop.time())
    return [sorted(log[:3]), sorted(log[3:6]), log[6:]]


asyncio.run(main())
