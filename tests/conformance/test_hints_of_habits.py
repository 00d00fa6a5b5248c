"""Failures that come from habits of other places: HTTP clients, pandas, threads, retries. The hint names the repair."""

import pytest

from sandbox.turns import Call, Failure, Outcome
from tests.play import Play

pytestmark = pytest.mark.of_cpython

STAR = (
    "asyncio.gather takes awaitables one by one: put an asterisk in front of them, as in asyncio.gather(*[f(1), f(2)])"
)
TASK = (
    "create_task takes what an async function gives, and this is a plain value: leave create_task out, or call a "
    "function of this run with .aio(...), as in create_task(f.aio(x))"
)
STREAM = "it gives one value and no stream: write `for x in await f(...)`, or loop over one of its lists"
ONCE = (
    "a coroutine can be awaited once: call the function again for each attempt, as in `await f(x)` inside of the loop"
)
ZONES = (
    "one of the two has a time zone and the other has none: write datetime.now(timezone.utc), or "
    "x.replace(tzinfo=timezone.utc) for a time that is UTC"
)
DECIMALS = 'Decimal and float do not mix: write the float as text, Decimal("1.19"), or Decimal(str(x))'
EXECUTOR = "there are no threads; call the function itself, or `await f.aio(...)` for several at once"
OVER = "the time that asyncio gave it was over: allow more, or catch TimeoutError"
FUNCTION_ERROR = (
    'catch FunctionError: its "type" is "QuotaError". What a function raises and is no built-in exception arrives '
    "as FunctionError"
)
LOOP = "a loop over page gives its keys, which are text: loop over "
NONE = "the value in front is None: look at what gave it, and check it first, as in `if x is not None:`"
NONE_OF_TWO = "one of the two is None: look at what gave it, and leave it out or replace it first, as in `x or 0`"
NEXT = "there was nothing left for next(): give it a default, as in next(x, None)"
CLASS = "the class of the module is meant: begin with `from datetime import datetime`"
PARENTHESES = '`await` holds for the whole of what follows: put the call into parentheses, as in (await f(x))["name"]'
PLAIN = "it is the value itself and no response"

HINTS = {
    # awaiting
    "import asyncio\nawait asyncio.gather([g(1), g(2)])": STAR,
    "import asyncio\ntasks = [g(1), g(2)]\nawait asyncio.gather(tasks, return_exceptions=True)": STAR,
    "import asyncio\nawait asyncio.gather(g(i) for i in (1, 2))": STAR,
    "import asyncio\nawait asyncio.wait([g(1)])": "asyncio.wait takes tasks: write asyncio.create_task(f(x)) for each, "
    "or use asyncio.gather",
    "import asyncio\nt = asyncio.create_task(f([1]))\nawait t": TASK,
    "import asyncio\nasync with asyncio.TaskGroup() as group:\n    group.create_task(f([1]))": TASK,
    "import asyncio\nt = asyncio.create_task(g)\nawait t": "call the function: create_task(f(x))",
    "async def all_rows():\n    async for one in g([1]):\n        yield one\n[x async for x in all_rows()]": STREAM,
    "async def again(started):\n    for n in range(2):\n        await started\nawait again(g(1))": ONCE,
    "import asyncio\nawait asyncio.wait_for(asyncio.sleep(9), timeout=0.01)": OVER,
    "import asyncio\nasync with asyncio.timeout(0.01):\n    await asyncio.sleep(9)": OVER,
    "raise TimeoutError": None,
    "import asyncio\nawait asyncio.get_running_loop().run_in_executor(None, f, 1)": EXECUTOR,
    "import asyncio\nawait asyncio.to_thread(f, 1)": EXECUTOR,
    # values that were taken for responses of an HTTP client
    "'{}'.json()": f"{PLAIN}: json.loads(x) reads a text that is JSON",
    "'x'.raise_for_status()": f"{PLAIN}: leave .raise_for_status out",
    "'x'.text": f"{PLAIN}: leave .text out",
    "row.json()": f"{PLAIN}: leave .json out",
    "row.status_code": f"{PLAIN}: leave .status_code out",
    "[row].json()": f"{PLAIN}: leave .json out",
    # loops over a dictionary
    "page = {'items': [row], 'next': None}\n[one['name'] for one in page]": LOOP + 'page["items"]',
    "page = {'next': None, 'items': [row]}\nfor one in page:\n    one['name']": LOOP + 'page["items"]',
    "pages = {'a': {'name': 1}}\nfor one in pages:\n    one['name']": LOOP.replace("page", "pages") + "pages.values()",
    "page = {'a': 'x'}\n[one['name'] for one in page['a']]": "it is text: if it is JSON, json.loads(x) reads "
    'it, and then x["name"] works',
    # types
    "from datetime import datetime, timezone\ndatetime.now() - datetime.now(timezone.utc)": ZONES,
    "from datetime import datetime, timezone\ndatetime.now() < datetime.now(timezone.utc)": ZONES,
    "from decimal import Decimal\nDecimal('2') * 1.19": DECIMALS,
    "from decimal import Decimal\n1.19 + Decimal('2')": DECIMALS,
    "from datetime import timedelta\ntimedelta(months=1)": "a timedelta has no months and years: write "
    "d.replace(year=..., month=...); calendar.monthrange(year, month)[1] is a month's last day",
    # what is not there
    "rows = []\nrows[0]": "it is empty: look at what gave it, and check it first, as in `if x:`",
    "rows = [1, 2]\nrows[2]": "it has 2 items: the last one is x[1] or x[-1]",
    "def last(page): return page['rows'][5]\nlast({'rows': [1]})": "it has 1 item: x[0]",
    "import json\njson.loads('')": "the text is empty: look at what gave it",
    "import json\njson.loads('<html>no</html>')": 'from there on the text reads "<html>no</html>"',
    "import json\njson.loads('[1, 2, x' + 'y' * 100)": 'from there on the text reads "x' + "y" * 39 + '"',
    "from zoneinfo import ZoneInfo\nZoneInfo('Europe/Berln')": 'did you mean "Europe/Berlin"?',
    "len(None)": NONE,
    "1 + None": NONE_OF_TWO,
    "sorted([None, 1])": NONE_OF_TWO,
    "next(iter([]))": NEXT,
    "await g(1)\nnext(n for n in [1] if n > 1)": NEXT,
    "async def get():\n    return next(n for n in [1] if n > 1)\nawait get()": NEXT,
    # imports that are missing, or are not what was meant
    "import datetime\ndatetime.now()": CLASS,
    "datetime.now()": "write `from datetime import datetime` first",
    "datetime.date(2026, 1, 1)": "write `import datetime` first",
    "from datetime import datetime\ndatetime.datetime.now()": "datetime is the class itself here: write datetime once, "
    "without the module in front",
    "defaultdict(list)": "write `from collections import defaultdict` first",
    "sleep(1)": "write `from asyncio import sleep` or `from time import sleep` first",
    "np.mean([1])": "np is not available: packages are not installed here; use lists, dictionaries, statistics and "
    "collections",
    "os.getenv('X')": "write `import os` first",
    "Path('x').read_text()": "names given to this program: row, f, g",
    # more of awaiting
    "await g({'a': 1})['a']": PARENTHESES,
    "await g({'a': 1}).get('a')": PARENTHESES,
    "sum(await g(n) for n in (1, 2))": "a generator that awaits is asynchronous: write a list in its place, as in "
    "sum([await f(x) for x in xs]), or `async for`",
    "import asyncio\nasync def fail(): raise ValueError('x')\nasync with asyncio.TaskGroup() as group:\n"
    "    group.create_task(fail())": "what a TaskGroup raises is a group: catch it with `except* ValueError`",
    # local variables
    "def get():\n    try:\n        one = row['x']\n    except KeyError:\n        pass\n    return one\nget()":
    '"one" has no value on this way through the function: give it one before the `if`, loop or `try` that may pass it '
    "by",
    "total = 0\ndef up():\n    total = total + 1\nup()": '"total" is assigned in this function and so is a variable of '
    "its own there: write `global total` as its first line (`nonlocal total` inside of another function), or give it "
    "another name",
}  # fmt: skip


@pytest.mark.parametrize("source", HINTS)
async def test_a_habit_from_elsewhere_is_told_what_to_write_here(play: Play, source: str) -> None:
    """A hint that fits another mistake costs an attempt, and one more than no hint at all."""
    played = await play(source, {"row": {"name": "Ada"}}, sync=["f"], asynchronous=["g"])

    assert played.error.hint == HINTS[source]


async def test_an_exception_of_a_function_that_is_caught_by_its_own_name_is_told_how_to(play: Play) -> None:
    """The name means nothing in the program; the error that it hides is the function's."""

    def refuse(call: Call) -> Outcome:
        return Outcome(number=call.number, failure=Failure(type="QuotaError", message="5", arguments=("5",)))

    played = await play("try:\n    f(9)\nexcept QuotaError:\n    1", sync=["f"], answer=refuse)

    assert (played.error.message, played.error.hint) == ("name 'QuotaError' is not defined", FUNCTION_ERROR)


async def test_a_function_as_the_value_is_told_to_be_called(play: Play) -> None:
    """`main` on the last line, without its parentheses."""
    played = await play("def main(): return 1\nmain")

    assert played.error.hint == "is a function, which cannot cross; call it, as in f()"


@pytest.mark.parametrize("module", ["tools", "functions"])
async def test_a_module_of_the_functions_is_no_misspelt_one(play: Play, module: str) -> None:
    """`tools` is near to `itertools`, and never meant it."""
    played = await play(f"import {module}\n{module}.f(1)", sync=["f"])

    assert (
        played.error.violations[0].hint
        == "the functions of this run are there without an import: call f(x), not m.f(x)"
    )


async def test_a_stop_iteration_is_told_with_its_line(play: Play) -> None:
    """A coroutine turns it into a RuntimeError, which has no line of the program's."""
    played = await play("await g(1)\nnext(n for n in [1] if n > 1)", asynchronous=["g"])

    assert (played.error.type, [one.line for one in played.error.traceback]) == ("StopIteration", [2])


async def test_a_private_member_of_a_module_is_named_by_the_module(play: Play) -> None:
    """The facade is the driver's, and no name of the driver appears."""
    played = await play("import json\njson._default_decoder")

    assert played.error.message == "attribute \"_default_decoder\" of module 'json' is private"


async def test_the_dictionary_of_an_object_has_a_function(play: Play) -> None:
    """`x.__dict__` is refused, and `vars(x)` gives the same."""
    played = await play("class A: pass\nA().__dict__")

    assert played.error.violations[0].hint == "use vars(x)"


async def test_javascript_is_told_as_such(play: Play) -> None:
    """`invalid syntax` is all that the parser knows."""
    played = await play("const x = 1;")

    assert played.error.hint == "this is JavaScript: write Python"
