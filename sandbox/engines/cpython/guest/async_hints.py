"""What to write instead where a program awaited wrongly: the hint of an exception that asyncio or `await` raised."""

import re

_AWAIT = "the value of an async function was used without waiting for it: write `await` in front of the call"
_GATHER = "write `await` in front of asyncio.gather(...): async functions give awaitables where the program awaits"
_SYNC = (
    "only the value of an async function can be awaited, and this one is not: leave `await` out, "
    "or call it with .aio(...), as in `await f.aio(x)` or asyncio.gather(f.aio(1), f.aio(2))"
)
_STAR = (
    "asyncio.gather takes awaitables one by one: put an asterisk in front of them, as in asyncio.gather(*[f(1), f(2)])"
)
_PARENTHESES = '`await` holds for the whole of what follows: put the call into parentheses, as in (await f(x))["name"]'
_TASK = (
    "create_task takes what an async function gives, and this is a plain value: leave create_task out, or call a "
    "function of this run with .aio(...), as in create_task(f.aio(x))"
)
# What an exception says -> what to write instead. The first that is found holds.
_SAID = (
    ("Passing coroutines is forbidden", "asyncio.wait takes tasks: write asyncio.create_task(f(x)) for each, or use "
     "asyncio.gather"),
    ("cannot reuse already awaited coroutine", "a coroutine can be awaited once: call the function again for each "
     "attempt, as in `await f(x)` inside of the loop"),
    ("object with __aiter__ method, got coroutine", "it gives one value and no stream: write `for x in await f(...)`, "
     "or loop over one of its lists"),
    ("a coroutine was expected, got <function", "call the function: create_task(f(x))"),
    ("a coroutine was expected, got <", "it can be awaited as it is: leave create_task out"),
    ("a coroutine was expected, got", _TASK),
    ("'async_generator' object is not iterable", "a generator that awaits is asynchronous: write a list in its place, "
     "as in sum([await f(x) for x in xs]), or `async for`"),
    ("'function' object can't be awaited", "call the function: await f(x)"),
    ("be awaited", _SYNC),
    ("awaitable is required", _SYNC),
    ("coroutine", _AWAIT),
)  # fmt: skip
# A list, a name alone or a generator, without an asterisk.
_ONE_ARGUMENT = re.compile(r"gather\(\s*(?:[\[(]|\w+\s*(?:,\s*return_exceptions\s*=[^)]*)?\)|[^*]*\bfor\b)")
# `await f(x)["name"]`, where the call has at most one level of parentheses in it.
_AWAITED_TOO_MUCH = re.compile(r"\bawait\s+[\w.]+\((?:[^()]|\([^()]*\))*\)\s*[\[.]")
_TIMED = re.compile(r"\b(?:wait_for|timeout|timeout_at|as_completed)\(")


def of_awaiting(text: str, line: str) -> str | None:
    """Return the hint for what a TypeError, AttributeError or RuntimeError says; `line` is where it was raised."""
    if "gather(" in line and ("unhashable" in text or "awaitable is required" in text):
        if _ONE_ARGUMENT.search(line):
            return _STAR
        return _SYNC if "await " in line else _GATHER
    if "'coroutine' object" in text and _AWAITED_TOO_MUCH.search(line):
        return _PARENTHESES
    return next((hint for said, hint in _SAID if said in text), None)


def of_timeout(text: str, line: str) -> str | None:
    """Return the hint for a TimeoutError; those of functions say something."""
    if text or not _TIMED.search(line):
        return None
    return "the time that asyncio gave it was over: allow more, or catch TimeoutError"
