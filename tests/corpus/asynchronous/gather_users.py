import asyncio


async def profile(user_id):
    user = await get_user(user_id)
    orders_ = await list_orders(user["name"].split()[0].lower())
    return {"name": user["name"], "orders": len(orders_)}


async def main():
    return await asyncio.gather(*(profile(i) for i in (1, 2, 3)))


asyncio.run(main())
