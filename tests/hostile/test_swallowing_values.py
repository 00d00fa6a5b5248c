"""Values that are too large end the run wherever they come from: the program sees nothing that it could catch."""

from typing import Any

import pytest

from sandbox.engine import Engine
from tests.play import run

# What surrounds the call; `{}` is where it stands.
AROUND = {
    "everything is caught": "while True:\n    try:\n        {}\n    except BaseException:\n        print('seen')\n",
    "finally loops": "try:\n    {}\nfinally:\n    print('seen')\n    while True: pass\n",
    "exit suppresses": "class C:\n    def __enter__(self): return self\n"
    "    def __exit__(self, *a):\n        print('seen')\n        return True\n"
    "while True:\n    with C():\n        {}\n",
    "groups are caught": "try:\n    {}\nexcept* BaseException:\n    print('seen')\n",
    "context manager": "import contextlib\nwith contextlib.suppress(BaseException):\n    {}\nprint('seen')\n",
    "generator": "def g():\n    while True:\n        try:\n            yield {}\n        except BaseException:\n"
    "            print('seen')\nfor x in g(): print('seen')\n",
    "destructor": "class D:\n    def __del__(self):\n        print('seen')\n        while True: pass\nd = D()\n{}\n",
    "text of an exception": "class E(Exception):\n    def __str__(self):\n        {}\n        print('seen')\n"
    "        return ''\nraise E()\n",
}
ASYNC_AROUND = {
    "everything is caught": "while True:\n    try:\n        {}\n    except BaseException:\n        print('seen')\n",
    "failures are kept": "x = await asyncio.gather({}, return_exceptions=True)\nprint('seen')\n",
    "a sibling goes on": "async def other():\n    await asyncio.sleep(3_600)\n    print('seen')\n"
    "async def one():\n    return {}\nawait asyncio.gather(one(), other(), return_exceptions=True)\n",
    "task": "async def one():\n    return {}\nt = asyncio.create_task(one())\n"
    "t.add_done_callback(lambda t: print('seen'))\nawait asyncio.wait([t])\nprint('seen')\n",
    "group of tasks": "async def one():\n    return {}\ntry:\n    async with asyncio.TaskGroup() as group:\n"
    "        group.create_task(one())\nexcept* BaseException:\n    print('seen')\n",
    "shielded": "async def one():\n    try:\n        return {}\n    finally:\n        print('seen')\n"
    "try:\n    await asyncio.wait_for(asyncio.shield(one()), 60)\nfinally:\n    print('seen')\n",
}
CALLS = {
    "arguments": ("take('a' * 92)", "the arguments of take(): 101 bytes"),
    "arguments by name": ("take(x='a' * 91)", "the arguments of take(): 104 bytes"),
    "arguments, mapped": ("flyte_map('take', ['a', 'a' * 92])", "the arguments of take(): 101 bytes"),
    "outcome": ("give(101)", "the result of give(): 101 bytes"),
    "outcome, mapped": ("flyte_map('give', [9, 101], return_exceptions=True)", "the result of give(): 101 bytes"),
}
ASYNC_CALLS = {
    "arguments": ("await take_async('a' * 92)", "the arguments of take_async(): 101 bytes"),
    "arguments, aio": ("await take.aio('a' * 92)", "the arguments of take(): 101 bytes"),
    "arguments, mapped": ("await flyte_map.aio('take', ['a' * 92])", "the arguments of take(): 101 bytes"),
    "outcome": ("await give_async(101)", "the result of give_async(): 101 bytes"),
    "outcome, aio": ("await give.aio(101)", "the result of give(): 101 bytes"),
    "outcome, mapped": ("await flyte_map.aio('give', [9, 101])", "the result of give(): 101 bytes"),
    "outcome, sync": ("give(101)", "the result of give(): 101 bytes"),
}


def take(x: Any) -> None:
    """Take anything."""


def give(n: int) -> str:
    """Return a text that takes so many bytes."""
    return "a" * (n - 2)


async def take_async(x: Any) -> None:
    """Take anything."""


async def give_async(n: int) -> str:
    """Return a text that takes so many bytes."""
    return "a" * (n - 2)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("call", CALLS)
async def test_plain_code_cannot_swallow_it(engine: Engine, around: str, call: str) -> None:
    """In the guest there is no exception that could be caught."""
    await check(engine, AROUND[around], *CALLS[call])


@pytest.mark.parametrize("around", ASYNC_AROUND)
@pytest.mark.parametrize("call", ASYNC_CALLS)
async def test_tasks_cannot_swallow_it(engine: Engine, around: str, call: str) -> None:
    """Nor do siblings go on."""
    statement, detail = ASYNC_CALLS[call]
    if "gather({}" in ASYNC_AROUND[around]:
        statement = statement.removeprefix("await ")

    await check(engine, "import asyncio\nawait asyncio.sleep(0)\n" + ASYNC_AROUND[around], statement, detail)


async def check(engine: Engine, around: str, statement: str, detail: str) -> None:
    """Check that a statement ends the run by `value_bytes`, and that nothing runs after it."""
    finished = await run(
        engine, "print('said')\n" + around.format(statement), take, give, take_async, give_async, value_bytes=100
    )

    assert finished.error is not None
    assert finished.error.message == f"the program reached the limit value_bytes of 100 with {detail}"
    assert len(finished.error.traceback) == 1
    assert statement in finished.error.traceback[0].source
    assert finished.output == "said\n"
