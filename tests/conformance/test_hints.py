"""A failure says what to write instead; the program is read for it without running any of its code."""

import pytest

from sandbox import policy
from sandbox.engine import Engine
from sandbox.turns import Violation
from tests.play import Play, run

pytestmark = pytest.mark.of_cpython

ROW = {"name": "Ada", "amount": 2}
FENCED = "send the code of one block alone: without fences, and without the other blocks"
FOUR_SPACES = "indent every line with four spaces"
AWAIT = "the value of an async function was used without waiting for it: write `await` in front of the call"
NONE = "the value in front is None: look at what gave it, and check it first, as in `if x is not None:`"

RUNTIME = {
    # names
    "find_custmer(1)": 'did you mean "find_customer"?',
    "total = 1\ntotl": 'did you mean "total"?',
    "rws": 'did you mean "row"?',
    "def total(x): return x\ntotla(1)": 'did you mean "total"?',
    "functions.find_customer(1)":
    '"find_customer" is there by its own name: write find_customer, without "functions."',
    "wholly_unknown": "names given to this program: row, f, find_customer, g",
    "n = 1\ndef up():\n    n += 1\nup()": '"n" is assigned in this function and so is a variable of its own there: '
    "write `global n` as its first line (`nonlocal n` inside of another function), or give it another name",
    # keys
    "row['nmae']": 'did you mean "name"? its keys: "name", "amount"',
    "def get(one):\n    return one['amont']\nget(row)": 'did you mean "amount"? its keys: "name", "amount"',
    "data = {'rows': [{'mail': 1}]}\ndata['rows'][0]['male']": 'did you mean "mail"? its keys: "mail"',
    "class A:\n    def __init__(self): self.held = {1: 2, 'a': 3}\n    def f(self, k): return self.held[k]\nA().f(5)":
    'its keys: "a"',
    "row.pop('amont')": 'did you mean "amount"? its keys: "name", "amount"',
    "{}['x']": None,
    "d = {f'key{n}': n for n in range(12)}\nd['x']": "its keys: "
    + ", ".join(f'"key{n}"' for n in range(10)) + " and 2 more",
    "def key(): return 'x'\nrow[key()]": 'its keys: "name", "amount"',
    # attributes
    "row.name": 'it is a dictionary: write ["name"] instead of .name',
    "row.itmes()": 'did you mean ".items"?',
    "row.zzz": 'it is a dictionary; its keys: "name", "amount"',
    "class A:\n    def __init__(self): self.total = 1\nA().totl": 'did you mean ".total"?',
    "class A:\n    def count_all(self): pass\nA().count_al()": 'did you mean ".count_all"?',
    "[row].name": "it is a list: take one of its items first, as in x[0], or loop over it",
    "x = None\nx.name": NONE,
    "x = None\nx['name']": NONE,
    "import json\njson.load('x')": policy.ABSENT_MEMBERS["json.load"],
    "import json\njson.lods('x')": 'did you mean "loads"?',
    "import asyncio\nasyncio.get_event_loop()": policy.ABSENT_MEMBERS["asyncio.get_event_loop"],
    # types
    "[row]['name']": "it is a list: take one of its items first, as in x[0], or loop over it",
    "'{}'['name']": 'it is text: if it is JSON, json.loads(x) reads it, and then x["name"] works',
    "import json\njson.loads(row)": "the value is no JSON text but was read already: leave json.loads out",
    "import json\njson.dumps({1})": "convert it first: dataclasses.asdict(x), list(x), str(x); or leave json.dumps "
    "out: the answer becomes JSON by itself",
    "def area(w, /, h=1, *, unit, **more): pass\narea()": "signature: area(w, /, h=..., *, unit, **more)",
    "def area(w, *more, unit=1): pass\narea(unit=2)": "signature: area(w, *more, unit=...)",
    "class A:\n    def __init__(self, x): pass\nA()": "signature: A.__init__(self, x)",
    "len()": None,
    # awaiting
    "async def one(): return {}\none()['x']": AWAIT,
    "async def rows(): return []\nfor row in rows(): pass": AWAIT,
    "await f(1)": "only the value of an async function can be awaited, and this one is not: leave `await` out, "
    "or call it with .aio(...), as in `await f.aio(x)` or asyncio.gather(f.aio(1), f.aio(2))",
    "await g": "call the function: await f(x)",
    "import asyncio\nasyncio.gather(g({}), g({}))": "write `await` in front of asyncio.gather(...): async functions "
    "give awaitables where the program awaits",
    "with row: pass": "only some objects can be entered with `with`: write `async with` for asynchronous ones, or "
    "nothing but the call",
    "async with row: pass": "only some objects can be entered with `async with`: write `with`, or nothing but the call",
    # what there is not
    "input()": "input is not available: nobody can answer here; pass the value under `inputs`",
    "raise SystemExit(0)":
    "end the program with the value as its last line; to stop earlier, write `return` and the value",
}  # fmt: skip

SYNTAX = {
    "x = \u201ca\u201d": 'write a straight quotation mark: " instead of U+201C',
    "x\u00a0= 1": "write an ordinary space instead of U+00A0",
    "x = 3 \u2212 1": "write a minus: - instead of U+2212",
    "x\u200b = 1": "write nothing instead of U+200B",
    "if 1:\n\tx = 1\n        y = 2": f"{FOUR_SPACES}, and none with tabs",
    "if 1:\n    x = 1\n  y = 2": f"{FOUR_SPACES} for each level",
    "x = 1\n  y = 2": f"{FOUR_SPACES} for each level, and the first one not at all",
    "x = 1\nThis program doubles the number.": "is this line an explanation? leave it out, or begin it with #",
    "Here's the program that you want:\nx = 1": "is this line an explanation? leave it out, or begin it with #",
    "```python\n1\n```\nor\n```python\n2\n```": FENCED,
    "```json\n{}\n```": FENCED,
    "`x`": "send the code without the backticks around it",
    ">>> x = 1": "leave out the prompts >>> and ... of the interactive interpreter, and what it printed",
    "!pip install x": "there is no shell and no notebook here: leave the line out",
    "<code>\nx\n</code>": "send the code without the tags around it",
    "if row &lt; 3: pass": "write < instead of &lt;",
    "x = 1\\ny = 2": "the text holds \\n in place of line breaks: it was escaped twice",
    "class A:\n    return 1": "the value of the last expression is the answer: write the expression without `return`",
    "yield 1": "put the loop into a function, and call it on the last line, as in list(f())",
    "def f():\n    await g(1)": "write `async def` for the function around it, and `await` where it is called; or call "
    "the function without `await`: then it waits and gives its value",
    "x = '\0'": "remove the NUL character; in a string, write \\x00 for it",
    "x = = 1": None,
    "x + += y": None,
}  # fmt: skip


@pytest.mark.parametrize("source", RUNTIME)
async def test_an_exception_says_what_to_write_instead(play: Play, source: str) -> None:
    """The nearest name, the keys, the signature: what whoever repairs it would have to look up."""
    played = await play(source, {"row": ROW}, sync=["f", "find_customer"], asynchronous=["g"])

    assert played.error.hint == RUNTIME[source]


@pytest.mark.parametrize("source", SYNTAX)
async def test_a_text_that_is_no_python_says_what_to_send(play: Play, source: str) -> None:
    """Most of it was Python before it went through a chat, a page or a shell."""
    played = await play(source, {"row": ROW}, sync=["f"], asynchronous=["g"])

    assert (played.error.kind, played.error.hint) == ("syntax", SYNTAX[source])


@pytest.mark.parametrize("module", policy.ABSENT_MODULES)
async def test_a_module_that_is_not_there_says_what_to_use(play: Play, module: str) -> None:
    """Before anything runs: the program's print is not seen."""
    played = await play(f"print(1)\nimport {module}")

    assert (played.error.kind, played.output) == ("policy", "")
    assert played.error.violations == (
        Violation(
            line=2, column=8, code="import-not-allowed", message=f'module "{module}" cannot be imported',
            hint=policy.ABSENT_MODULES[module],
        ),
    )  # fmt: skip


@pytest.mark.parametrize("member", policy.ABSENT_MEMBERS)
async def test_a_member_that_is_not_there_says_what_to_use(play: Play, member: str) -> None:
    """Whether it is imported by name or read from its module."""
    module, _, name = member.rpartition(".")

    imported = (await play(f"from {module} import {name}")).error
    read = (await play(f"import {module}\n{member}")).error

    assert [one.hint for one in imported.violations] == [policy.ABSENT_MEMBERS[member]]
    assert read.hint == policy.ABSENT_MEMBERS[member]


async def test_every_violation_has_its_place_rule_and_hint(play: Play) -> None:
    """A list for programs that repair, beside the text for those that read."""
    error = (await play("import sys, jsn\nf = 1; f.gi_frame\ndef __x__(): pass")).error

    assert [(one.line, one.column, one.code, one.message, one.hint) for one in error.violations] == [
        (1, 8, "import-not-allowed", 'module "sys" cannot be imported', policy.ABSENT_MODULES["sys"]),
        (1, 13, "import-not-allowed", 'module "jsn" cannot be imported', 'did you mean "json"?'),
        (2, 10, "attribute-not-allowed", 'attribute "gi_frame" exposes the interpreter',
         "keep to public attributes and methods"),
        (3, 1, "name-not-allowed", 'name "__x__" is not available', "choose a name without underscores at both ends"),
    ]  # fmt: skip


async def test_many_violations_are_told_in_a_bounded_answer(play: Play) -> None:
    """The first thirty are listed; the message is cut."""
    error = (await play("x.gi_frame\n" * 20_000)).error

    assert (len(error.violations), len(error.traceback), len(error.message)) == (30, 30, 4_000)


HOSTILE = {
    "names of its own": "class M(type):\n    __name__ = computed\nclass E(Exception, metaclass=M): 1\nraise E('x')",
    "attributes": "class E(AttributeError):\n    name = computed\n    obj = args = name\nraise E('x')",
    "a hint": "class E(KeyError):\n    hint = computed\nraise E('x')",
    "a class": "class E(Exception):\n    __class__ = computed\nraise E('x')",
    "a name": "class E(NameError):\n    name = computed\nraise E('x')",
    "getattr": "class A:\n    def __getattr__(self, n):\n        if n != 'x': spin()\n        "
    "raise AttributeError('x')\nA().x",
    "a property": "class A:\n    @property\n    def held(self): spin()\n    def get(self, k): raise KeyError(k)\n"
    "a = A()\nclass D(dict):\n    def __getitem__(self, k): raise KeyError('x')\n    def __iter__(self): spin()\n"
    "    def keys(self): spin()\nd = D()\nd['x']",
    "a key": "class K:\n    def __hash__(self): return hash('x')\n    def __eq__(self, other): return spin()\n"
    "d = {K(): 1}\ndef raising(): raise KeyError('x')\ndef get(d): d[raising()]\nget(d)",
    "the members of a group": "class G(ExceptionGroup):\n    exceptions = computed\nraise G('x', [ValueError('x')])",
    "a signature": "def f2(a: spin(), b=1): pass\nf2()",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_reading_an_exception_runs_nothing_of_the_program(play: Play, name: str) -> None:
    """A report that asks the program would never be written, or be one that the program wrote."""
    spin = "def spin():\n    print('ran')\n    while True: pass\ncomputed = property(lambda self: spin())\n"

    played = await play(spin + HOSTILE[name], fuel=3_000_000_000)

    assert played.output == ""
    assert played.error.kind == "runtime"


async def test_a_limit_says_what_was_used_of_it(engine: Engine) -> None:
    """Whoever asks for more has to know how much."""
    fuel = await run(engine, "while True: pass", fuel=1_000_000)
    output = await run(engine, "while True: print('a' * 99)", output_bytes=1_000)

    assert fuel.error is not None
    assert output.error is not None
    assert fuel.error.message == "the program reached the limit fuel of 1,000,000"
    assert fuel.error.hint == (
        "the program computes too much: look for an endless loop, or ask for more fuel; it used 1,000,000"
    )
    assert output.error.hint is not None
    assert output.error.hint.endswith("; it used 1,000")
