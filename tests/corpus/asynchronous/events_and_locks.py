import asyncio

log = []


async def waiter(event, name):
    await event.wait()
    log.append(f"{name} goes")


async def worker(lock, name):
    async with lock:
        log.append(f"{name} in")
        await asyncio.sleep(0)
        log.append(f"{name} out")


async def consumer(condition, items):
    async with condition:
        await condition.wait_for(lambda: items)
        log.append(f"got {items.pop()}")


async def main():
    event, lock, condition, items = asyncio.Event(), asyncio.Lock(), asyncio.Condition(), []
    waiting = [asyncio.create_task(waiter(event, n)) for n in "ab"]
    await asyncio.sleep(0)
    log.append("set")
    event.set()
    await asyncio.gather(*waiting, worker(lock, "x"), worker(lock, "y"))
    task = asyncio.create_task(consumer(condition, items))
    await asyncio.sleep(0)
    async with condition:
        items.append(7)
        condition.notify_all()
    await task
    return [log, lock.locked(), event.is_set()]


asyncio.run(main())
