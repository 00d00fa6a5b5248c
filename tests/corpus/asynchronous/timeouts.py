import asyncio

told = []
try:
    async with asyncio.timeout(0.05):
        await asyncio.sleep(10)
except TimeoutError:
    told.append("timeout")
try:
    await asyncio.wait_for(asyncio.sleep(10), timeout=0.01)
except asyncio.TimeoutError:
    told.append("wait_for")
told.append(await asyncio.wait_for(get_price("MUG"), timeout=5))
async with asyncio.timeout(5) as deadline:
    told.append((await get_user(1))["team"])
told.append(deadline.expired())
told
