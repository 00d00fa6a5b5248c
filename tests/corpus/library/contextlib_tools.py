import asyncio
import contextlib
import io
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, contextmanager, nullcontext, redirect_stdout, suppress

log = []


class Resource:
    def close(self):
        log.append("closed")


@contextmanager
def step(name):
    log.append(f"+{name}")
    try:
        yield name
    except ValueError as error:
        log.append(f"!{error}")
    finally:
        log.append(f"-{name}")


@asynccontextmanager
async def session(name):
    await asyncio.sleep(0)
    log.append(f"open {name}")
    yield name.upper()
    log.append(f"close {name}")


class timer(contextlib.ContextDecorator):
    def __enter__(self):
        log.append("start")
        return self

    def __exit__(self, *exc):
        log.append("stop")


@timer()
def work():
    return "worked"


async def main():
    async with session("db") as db, AsyncExitStack() as stack:
        other = await stack.enter_async_context(session("cache"))
        stack.push_async_callback(asyncio.sleep, 0)
        return [db, other]


with step("a"):
    raise ValueError("bad")
with closing(Resource()), suppress(KeyError), nullcontext(5) as five:
    {}["x"]
with redirect_stdout(io.StringIO()) as captured:
    print("hidden", 1)
with ExitStack() as stack:
    for n in range(2):
        stack.enter_context(step(str(n)))
    keep = stack.pop_all()
keep.close()
[work(), asyncio.run(main()), log, five, captured.getvalue()]
