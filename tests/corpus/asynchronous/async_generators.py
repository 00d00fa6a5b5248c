import asyncio


async def pages():
    number = 1
    while number:
        page = await fetch_page(number)
        for item in page["items"]:
            yield item
        number = page["next"]


async def main():
    evens = [item async for item in pages() if item % 2 == 0]
    lookup = {item: item % 7 async for item in pages() if item > 29}
    first = None
    async for item in pages():
        if item > 20:
            first = item
            break
    return [evens, {str(k): v for k, v in lookup.items()}, first, sorted({i async for i in pages() if i < 12}), sum([x async for x in pages()])]


asyncio.run(main())
