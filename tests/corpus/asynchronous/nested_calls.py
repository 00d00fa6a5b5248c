import asyncio


async def manager_of(user):
    return await get_user(user["manager"]) if user["manager"] else None


async def chain(user_id):
    user = await get_user(user_id)
    names = [user["name"]]
    while (user := await manager_of(user)) is not None:
        names.append(user["name"])
    return names


async def main():
    async with asyncio.TaskGroup() as group:
        chains = [group.create_task(chain(i)) for i in (1, 2, 3)]
    return [c.result() for c in chains]


await main()
