import asyncio


async def throttled(function, items, concurrency):
    semaphore = asyncio.BoundedSemaphore(concurrency)

    async def one(item):
        async with semaphore:
            try:
                return await function(item)
            except LookupError as error:
                return f"failed: {error}"

    return await asyncio.gather(*map(one, items))


users = await throttled(get_user, [1, 5, 2], 2)
[u if isinstance(u, str) else u["email"] for u in users]
