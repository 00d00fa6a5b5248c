"""Python as models write it runs, and what the policy refuses is refused before anything runs."""

import pytest

from tests.play import Play

# Programs by name, each with the value 5.
PROGRAMS = {
    "class": """
class A:
    n = 1
    def __init__(self, x): self._x = x; self.__y = 2
    def total(self): self._x += 1; return self._x + self.__y + self.n
A(1).total()
""",
    "inheritance": """
class A:
    def f(self): return 1
class B(A):
    def f(self): return super().f() + 4
B().f()
""",
    "dataclass": """
from dataclasses import dataclass, field, asdict
@dataclass(order=True)
class P:
    x: int
    tags: list[str] = field(default_factory=list)
sum(asdict(P(n))['x'] for n in (2, 3))
""",
    "enum": """
from enum import Enum
class C(Enum):
    RED = 5
C.RED.value
""",
    "generator": """
def g():
    yield 2
    yield from [3]
sum(g())
""",
    "context manager": """
from contextlib import contextmanager
@contextmanager
def c():
    yield 5
with c() as x:
    y = x
y
""",
    "decorator": """
from functools import wraps
def d(f):
    @wraps(f)
    def w(*a, **k): return f(*a, **k) + 1
    return w
@d
def f(x): return x
f(4)
""",
    "closure": """
def c():
    n = 4
    def up():
        nonlocal n
        n += 1
        return n
    return up
c()()
""",
    "match": """
match {'k': [1, 4]}:
    case {'k': [a, b]} if a < b: r = a + b
    case _: r = 0
r
""",
    "except star": """
try:
    raise ExceptionGroup('g', [ValueError(5)])
except* ValueError as g:
    r = g.exceptions[0].args[0]
r
""",
    "walrus": """
(n := 5)
""",
    "comprehensions": """
sum({k: v for k, v in zip('ab', [2, 3])}.values())
""",
    "f-string": """
int(f'{5.4:.0f}')
""",
    "augmented": """
d = {'a': [1, 2]}
d['a'][0] += 3
d['a'][:] = [d['a'][0] + 1]
d['a'][0]
""",
    "delete": """
d = {'a': 1, 'b': 5}
del d['a']
sum(d.values())
""",
    "annotations": """
x: int = 5
type Pair = tuple[int, int]
x
""",
    "star arguments": """
def f(a, /, *b, c=1, **d): return a + sum(b) + c + sum(d.values())
f(1, 1, c=2, e=1)
""",
    "format": """
int('{0[a]}'.format({'a': 5}))
""",
    "type name": """
len(type(ValueError()).__name__) - 5
""",
    "async": """
import asyncio
async def f(x):
    await asyncio.sleep(0.1)
    return x
async def main():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(f(n)) for n in (2, 3)]
    return sum(task.result() for task in tasks)
asyncio.run(main())
""",
    "async generator": """
async def g():
    for n in (2, 3):
        yield n
sum([n async for n in g()])
""",
    "timeout": """
import asyncio
try:
    async with asyncio.timeout(1):
        await asyncio.sleep(5)
except TimeoutError:
    r = 5
r
""",
    "private helper": """
def _double(x): return x * 2
_n = 2
_double(_n) + 1
""",
    "standard library": """
import json, re, math, statistics, itertools, collections, datetime, decimal, hashlib, string
len(json.dumps([1, 2])) - 1 and statistics.mean([4, 6])
""",
    "strptime": """
from datetime import datetime
datetime.strptime('2026-05-01', '%Y-%m-%d').month
""",
    "named tuple": """
from collections import namedtuple
P = namedtuple('P', 'x y')
sum(P(2, 3)._asdict().values())
""",
    "json round trip": """
import json
json.loads('{"a": [5]}')['a'][0]
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_ordinary_python_runs(play: Play, name: str) -> None:
    """Each program gives 5."""
    assert (await play(PROGRAMS[name])).value == 5


async def test_all_violations_are_told_at_once(play: Play) -> None:
    """Whoever repairs the program repairs it once."""
    error = (await play("import sys\nf = lambda: 1\nf.__globals__\n().__class__.__subclasses__()\nf.gi_frame")).error

    assert error.kind == "policy"
    assert error.message == (
        'line 1: module "sys" cannot be imported; line 3: attribute "__globals__" is not available; '
        'line 4: attribute "__subclasses__" is not available; line 5: attribute "gi_frame" exposes the interpreter'
    )
    assert [(frame.line, frame.column) for frame in error.traceback] == [(1, 8), (3, 3), (4, 14), (5, 3)]


async def test_a_syntax_error_names_its_place(play: Play) -> None:
    """Line, column and the source line."""
    error = (await play("x = 1\ny = = 2")).error

    assert (error.kind, error.type) == ("syntax", "SyntaxError")
    assert [(frame.line, frame.column, frame.source) for frame in error.traceback] == [(2, 5, "y = = 2")]


async def test_a_traceback_holds_the_programs_own_frames(play: Play) -> None:
    """No frame of the driver or of a library appears."""
    error = (await play("import json\ndef read(text):\n    return json.loads(text)\nread('{')")).error

    assert (error.kind, error.type) == ("runtime", "JSONDecodeError")
    assert [(frame.line, frame.function) for frame in error.traceback] == [(4, "<module>"), (3, "read")]


async def test_without_the_policy_the_other_walls_stand(play: Play) -> None:
    """The open guest has no files."""
    played = await play("import sys\nopen('/etc/passwd')", guarded=False)

    assert played.error.kind == "runtime"


HINTS = {
    "await f(1)": "only the value of an async function can be awaited, and this one is not: leave `await` out, "
    "or call it with .aio(...), as in `await f.aio(x)` or asyncio.gather(f.aio(1), f.aio(2))",
    "math.pi": "write `import math` first",
    "null": "write None",
    "find_custmer": 'did you mean "find_customer"?',
    "class A:\n    return 1": "the value of the last expression is the answer: write the expression without `return`",
    "```python\n1\n```": "send the code of one block alone: without fences, and without the other blocks",
    "x = 1\nx.rela": 'did you mean ".real"?',
    "open('x')": "open is not available: there are no files here; call a whitelisted function that gives the content",
}


@pytest.mark.parametrize("source", HINTS)
async def test_a_hint_says_what_to_write_instead(play: Play, source: str) -> None:
    """It is read by whoever repairs the program, often a model."""
    played = await play(source, sync=["f", "find_customer"])

    assert played.error.hint == HINTS[source]


async def test_the_members_of_a_group_are_told(play: Play) -> None:
    """Else nobody can repair what a TaskGroup gathered."""
    source = "import asyncio\nasync def fail(n):\n    raise KeyError(n)\nasync with asyncio.TaskGroup() as group:\n"
    source += "    group.create_task(fail(1))\n    group.create_task(fail(2))"

    error = (await play(source)).error

    assert error.message == (
        "unhandled errors in a TaskGroup (2 sub-exceptions): KeyError: 1 (line 3); KeyError: 2 (line 3)"
    )


async def test_a_value_that_cannot_cross_names_the_last_line(play: Play) -> None:
    """Also when a call was awaited on the way."""
    error = (await play("x = await f(1)\n\n\n(n for n in [x])", asynchronous=["f"])).error

    assert [(frame.line, frame.source) for frame in error.traceback] == [(4, "(n for n in [x])")]
