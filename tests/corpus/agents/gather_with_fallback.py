import asyncio


async def fetch(n):
    try:
        page = await fetch_page(n)
    except ConnectionError:
        return {"page": n, "items": [], "failed": True}
    return {"page": n, "items": page["items"], "failed": False}


async def main():
    pages = await asyncio.gather(*[fetch(n) for n in range(1, 6)])
    items = [item for page in pages for item in page["items"]]
    return {
        "items": items,
        "failed": [p["page"] for p in pages if p["failed"]],
        "total": sum(items),
        "mean": round(sum(items) / max(len(items), 1), 2),
    }


asyncio.run(main())
