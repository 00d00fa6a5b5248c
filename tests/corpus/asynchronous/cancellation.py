import asyncio

log = []


async def job(name):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        log.append(f"{name} cancelled")
        raise
    finally:
        log.append(f"{name} cleaned")


async def stubborn():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        return "kept going"


async def main():
    task = asyncio.create_task(job("a"))
    await asyncio.sleep(0)
    task.cancel("enough")
    try:
        await task
    except asyncio.CancelledError as error:
        log.append(str(error))
    other = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    other.cancel()
    shielded = asyncio.create_task(asyncio.sleep(0.01, "shielded"))
    try:
        await asyncio.wait_for(asyncio.shield(shielded), 0.001)
    except TimeoutError:
        log.append("outer timed out")
    return [log, await other, await shielded, task.cancelled(), other.done()]


asyncio.run(main())
