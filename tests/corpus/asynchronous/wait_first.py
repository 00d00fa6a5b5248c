import asyncio


async def source(name, seconds, fail=False):
    await asyncio.sleep(seconds)
    if fail:
        raise ValueError(name)
    return name


async def main():
    tasks = {asyncio.create_task(source("a", 0.01)), asyncio.create_task(source("b", 5))}
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    failing = [asyncio.create_task(source("x", 0.01, fail=True)), asyncio.create_task(source("y", 5))]
    done2, pending2 = await asyncio.wait(failing, return_when=asyncio.FIRST_EXCEPTION)
    late, still = await asyncio.wait(pending2, timeout=0.01)
    for task in still:
        task.cancel()
    return [[t.result() for t in done], [t.cancelled() for t in pending], [str(t.exception()) for t in done2], len(late), len(still)]


await main()
