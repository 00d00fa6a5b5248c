import asyncio

plain = get_user(1)["name"]


async def main():
    return await asyncio.gather(get_user.aio(2), get_price.aio("TEA"), convert.aio(5, "EUR", "USD"))


user, price, converted = asyncio.run(main())
[plain, user["name"], price, converted]
