import asyncio


async def guarded(name, coroutine):
    try:
        return {"name": name, "ok": True, "value": await coroutine}
    except Exception as error:
        return {"name": name, "ok": False, "error": type(error).__name__, "text": str(error)}


results = await asyncio.gather(
    guarded("user", get_user(1)),
    guarded("ghost", get_user(7)),
    guarded("price", get_price("none")),
    guarded("stock", reserve("MUG", 6)),
    guarded("page", fetch_page(4)),
)
failed = [r for r in results if not r["ok"]]
print(f"{len(failed)} of {len(results)} failed")
{"failed": failed, "value": results[0]["value"]["name"]}
