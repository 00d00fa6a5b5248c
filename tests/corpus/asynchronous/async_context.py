import asyncio


class Connection:
    opened = 0

    def __init__(self, name):
        self.name = name
        self._closed = False

    async def __aenter__(self):
        await asyncio.sleep(0)
        Connection.opened += 1
        return self

    async def __aexit__(self, kind, error, trace):
        self._closed = True
        Connection.opened -= 1
        return kind is KeyError

    def __aiter__(self):
        self._n = 0
        return self

    async def __anext__(self):
        if self._n == 2:
            raise StopAsyncIteration
        self._n += 1
        return f"{self.name}{self._n}"


async def main():
    seen = []
    async with Connection("a") as a, Connection("b") as b:
        seen.append(Connection.opened)
        async for row in a:
            seen.append(row)
        seen.append(await anext(aiter(b)))
        raise KeyError("swallowed")
    return [seen, a._closed, Connection.opened]


asyncio.run(main())
