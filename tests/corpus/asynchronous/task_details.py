import asyncio


async def child(n):
    await asyncio.sleep(0)
    if n == 2:
        raise RuntimeError("two")
    return n * 10


async def main():
    finished = []
    tasks = [asyncio.create_task(child(n), name=f"t{n}") for n in range(3)]
    for task in tasks:
        task.add_done_callback(lambda t: finished.append(t.get_name()))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    me = asyncio.current_task()
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.01, future.set_result, "later")
    asyncio.get_running_loop().call_soon(finished.append, "soon")
    return [[r if isinstance(r, int) else repr(r) for r in results], finished, me in asyncio.all_tasks(), await future, asyncio.iscoroutinefunction(child), tasks[2].exception().args[0]]


asyncio.run(main())
