import asyncio


async def enumerate_results(coroutines):
    async def tagged(index, coroutine):
        return index, await coroutine

    results = {}
    for future in asyncio.as_completed([tagged(i, c) for i, c in enumerate(coroutines)]):
        index, value = await future
        results[index] = value
    return [results[i] for i in range(len(results))]


users, prices = await asyncio.gather(
    enumerate_results([get_user(n) for n in (3, 1)]),
    enumerate_results([get_price(s) for s in ("POT", "MUG", "TEA")]),
)
[[u["name"] for u in users], prices]
