import asyncio


class Debounced:
    def __init__(self, function, delay):
        self._function = function
        self._delay = delay
        self._task = None
        self.results = []

    def __call__(self, *args):
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.ensure_future(self._later(*args))

    async def _later(self, *args):
        await asyncio.sleep(self._delay)
        self.results.append(self._function(*args))


async def main():
    debounced = Debounced(lambda text: classify(text), 0.01)
    for part in ("h", "he", "hello?"):
        debounced(part)
    await asyncio.sleep(0.05)
    debounced("bye")
    await asyncio.sleep(0.05)
    return debounced.results


asyncio.run(main())
