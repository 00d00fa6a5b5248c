import asyncio

log = []


async def bad(n):
    await asyncio.sleep(n / 1000)
    raise ValueError(n)


async def long():
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        log.append("sibling cancelled")
        raise


try:
    async with asyncio.TaskGroup() as group:
        group.create_task(bad(1))
        group.create_task(long())
except* ValueError as errors:
    log.append([e.args[0] for e in errors.exceptions])
try:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(10))
        raise KeyError("body")
except* KeyError as errors:
    log.append(repr(errors.exceptions[0]))
log
