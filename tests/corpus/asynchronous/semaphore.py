import asyncio

running = 0
most = 0


async def limited(semaphore, n):
    global running, most
    async with semaphore:
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return n * n


async def main():
    semaphore = asyncio.Semaphore(2)
    values = await asyncio.gather(*[limited(semaphore, n) for n in range(6)])
    return [values, most, semaphore.locked()]


await main()
