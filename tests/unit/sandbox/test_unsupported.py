"""What a program needs that the interpreter of `monty` lacks, found in its words."""

import time

import pytest

from sandbox.engines.monty.screening.doubts import has_doubts
from sandbox.engines.monty.screening.unsupported import refusal_of
from sandbox.engines.monty.screening.wording import Wording
from sandbox.turns import ErrorReport, Frame, FunctionSpec, Program, Violation

HINT = 'choose engine="cpython"'


async def found(source: str) -> list[tuple[int, int, str]]:
    """Line, column and message of what is lacking."""
    report = await refusal_of(source)
    return [] if report is None else [(one.line, one.column, one.message) for one in report.violations]


async def test_a_refusal_names_every_place_and_the_other_engine() -> None:
    """Nothing has run, so whoever repairs the program learns all of it at once."""
    assert await refusal_of("import statistics\nx = 1\nopen_ = vars(x)") == ErrorReport(
        kind="policy",
        type="NotSupported",
        message="line 1: the engine monty has no module statistics; line 3: the engine monty has no vars",
        traceback=(
            Frame(line=1, column=8, function="<module>", source="import statistics"),
            Frame(line=3, column=9, function="<module>", source="open_ = vars(x)"),
        ),
        hint=HINT,
        violations=(
            Violation(
                line=1, column=8, code="not-in-engine", message="the engine monty has no module statistics", hint=HINT
            ),
            Violation(line=3, column=9, code="not-in-engine", message="the engine monty has no vars", hint=HINT),
        ),
    )


@pytest.mark.parametrize(
    ("source", "lacking"),
    [
        ("import json, enum as e", [(1, 14, "the engine monty has no module enum")]),
        ("if 1: import heapq; import math", [(1, 14, "the engine monty has no module heapq")]),
        ("from copy import (\n    copy,\n    replace,\n)", [(3, 5, "the engine monty has no copy.replace")]),
        ("import asyncio as a\na.create_task(f())", [(2, 3, "the engine monty has no asyncio.create_task")]),
        ("f'{vars(x)} {{vars(x)}}'", [(1, 4, "the engine monty has no vars")]),
        ("class A:\n    def __len__(self):\n        return 3", [(2, 9, "the engine monty does not call __len__")]),
        ("class A:\n    __slots__ = ()", [(2, 5, "the engine monty does not call __slots__")]),
        ("(5).bit_length()", [(1, 5, "no type of the engine monty has the attribute bit_length")]),
    ],
)  # fmt: skip
async def test_what_is_certainly_lacking_is_found(source: str, lacking: list[tuple[int, int, str]]) -> None:
    """In whatever way a program names it."""
    assert await found(source) == lacking


@pytest.mark.parametrize(
    "source",
    [
        "'import enum'  # import enum",
        '"""\nimport enum\n"""',
        "vars = 1\nvars",
        "def f(vars): return vars",
        "f(1, vars=2)",
        "x.vars",
        "row.bit_length = 5\nrow.bit_length",
        "class A:\n    bit_length: int\nA(5).bit_length",
        "P = namedtuple('P', 'bit_length')\nP(1).bit_length",
        "import json\njson.dumps({'asdict': 1})",
        "important = 1\nreimport = 2",
    ],
)
async def test_what_a_program_may_mean_otherwise_is_left_to_it(source: str) -> None:
    """A refusal must be certain: what only looks like something that is lacking might run."""
    assert await found(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "x * 2",
        "[f(x) for x in xs if x]",
        "list(map(f, xs)), sorted(x for x in xs), ', '.join(str(x) for x in xs)",
        "for i, x in enumerate(zip(a, b)):\n    print(i, x)",
        "import json\njson.dumps(rows, indent=2)",
        "raise ValueError(f'bad {x}')",
        "f'{x:.2f} {y:,} {z!r} {xs[1:3]}'",
        "await g(1)",
        "await g(0)\ntry:\n    await g(1)\nexcept ValueError as error:\n    print(error)\nexcept Exception:\n    pass",
        "import asyncio\nawait asyncio.gather(*[g(x) for x in xs])",
        "import asyncio\nasync def main():\n    return await g(1)\nasyncio.run(main())",
        "round(x) + round(f(x) / 2)",
        "def cost(o):\n    return o['cost']\nsorted(xs, key=cost)\nawait g(1)",
        "async def f(x):\n    return await g(x)\nawait f(1)",
        "n = 2\nn *= x\nn -= 1\nprice *= 1.1\nrows += [1]\nrows += page\ntext += 'a'\ntotal += (a + b) * 2",
        "d = {'a': 1}\nn -= d['a']",
    ],
)
def test_plain_programs_leave_no_doubt(source: str) -> None:
    """These are what the quick engine is for."""
    assert not has_doubts(Program(source=source, functions=(FunctionSpec(name="g", is_async=True),)))


@pytest.mark.parametrize(
    "source",
    [
        "import enum",
        "any(f(x) for x in xs)",
        "names = map(f, xs)",
        "next(zip(a, b))",
        "sorted(xs, key=d.get)",
        "raise ValueError(x)",
        "f.__name__",
        "f'{x:>4}|'",
        "'{:>4}'.format(x)",
        "if __name__ == '__main__':\n    main()",
        "import itertools\nzip(itertools.count(), xs)",
        "x = g(1)\nimport asyncio\nasync def main():\n    return await g(1)\nasyncio.run(main())",
        "async def main():\n    return await g(1)\nmain()",
        "g.aio(1)",
        "try:\n    f()\nexcept FunctionError:\n    pass",
        "import \\\n    enum",
        "f'{vars(x)}'",
        "open('a')",
        "await g(0)\ntry:\n    await g(1)\nexcept Exception as error:\n    print(error)",
        "import re\nre.match('a$', x)",
        "from datetime import timedelta\ntimedelta(hours=0.5)",
        "try:\n    f()\nexcept Exception as e:\n    kind = type(e)",
        "hash('a')",
        "pow(3, -1, 7)",
        "import math\nmath.log10(79.71)",
        "from math import atan2, cos\natan2(cos(a), b)",
        "abs(3 + 4j)",
        "amount * (1 + rate) ** years",
        "x **= 3",
        "x ** 2",
        "2 ** -n",
        "float('nan') in xs",
        "'\\ud800'",
        "dict(**row, b=2)",
        "assert x, (1, 2)",
        "set().union(*xs)",
        "import json\ntry:\n    json.loads(x)\nexcept ValueError as e:\n    print(e)",
        "import json\njson.loads(x, object_pairs_hook=list)",
        "x.encode('latin-1')",
        "class A:\n    def __getitem__(self, i): return i\nlist(A())",
        "async def f(): pass\nf()",
        "sorted(xs, key=lambda x: g(x))",
        "list(map(g, xs))",
        "def key(x):\n    return g(x)\nsorted(xs, key=key)",
        "class A:\n    def __repr__(self):\n        return g(1)\nstr(A())",
        "later = g(1)\nawait g(2)",
        "f'{import re}'",
        "sums = [sum, max]",
        "def max(xs):\n    return 1\nmax(x for x in xs)",
        "list = keep\nlist(x for x in xs)",
        "for sum, n in pairs:\n    pass",
        "def f(x, set):\n    return set(y for y in x)",
        "print(map(round, xs))",
        "sum(xs, 1j)",
        "sum(g(x) for x in xs)",
        "def own(x):\n    print(x)\n    return x\nmax(own(x) for x in xs)",
        "total = lambda x: g(x)\nset(total(x) for x in xs)",
        "sum(map(g, xs))",
        "any(x > 1 for x in xs)",
        "any('a' in x for x in xs)",
        "all(not x for _, x in xs)",
        "for i, x in enumerate(xs):\n    xs.append(x)",
        "for a, b in zip(xs, ys):\n    if a:\n        ys.pop()",
        "def grow():\n    xs.append(1)\nfor i, x in enumerate(xs):\n    grow()",
        "for x in filter(None, xs):\n    pass",
        "row = range(3)\nrow.index(1)",
        "x.count",
        "import json\njson.dumps(x, default=str)",
        "from datetime import timedelta\ntimedelta(days=n)",
        "from datetime import date\n(b - a) * share",
        "from datetime import date\n(b - a) / 1.5",
        "try:\n    d[1]\nexcept KeyError as error:\n    print(error)",
        "try:\n    d[1]\nexcept (ValueError, LookupError) as error:\n    print(f'{error}')",
        "ERRORS = KeyError\ntry:\n    d[1]\nexcept ERRORS as error:\n    print(error)",
        "try:\n    g(1)\nexcept OSError as error:\n    print(type(error).__name__)",
        "sorted(xs,\n    key=lambda x:\n        g(x))",
        "class A:\n    def key(self):\n        return g(1)\nsorted(xs, key=lambda a: a.key())",
        "print(type(x))",
        "print(f.__name__)",
        "def add(seen, more):\n    seen |= more",
        "seen = {1}\nknown = seen\nseen -= {1}",
        "seen = {x[1:] for x in xs}\nseen -= known",
        "row = rows[0]\nrow *= 2",
        "totals['a'] *= 2",
        "rows += (1, 2)",
        "rows += range(3)",
        "rows += (x for x in xs)",
        "rows += d.items()",
        "rows = []\nrows += 'ab'",
        "pair = (1, 2)\nrows += pair",
        "def f(*xs):\n    rows += xs",
    ],
)
def test_what_might_mean_something_else_is_doubted(source: str) -> None:
    """With `auto`, a program does the same whichever engine runs it."""
    assert has_doubts(Program(source=source, functions=(FunctionSpec(name="g", is_async=True),)))


def test_a_wording_keeps_every_place() -> None:
    """What is found in it stands there in the source."""
    source = "a = f\"x{b}y\" + 'é' # c\nd"
    wording = Wording.of(source)

    assert wording.code == "a = f\"     \" + ' '    \nd"
    assert wording.fields == "        b".ljust(22) + "\n "
    assert wording.place(source.index("d")) == (2, 1)


@pytest.mark.parametrize(
    "part",
    [
        "from a import (\n",
        "f'{",
        "x.",
        "import a;",
        "'''",
        "ValueError(" * 3,
        "vars ",
        "a.b\\\n",
        "f'{import a ",
        "except Exception ",
        "round(",
        "**a,",
        "await g(",
        "lambda: g",
        "def f(): g(",
        "def f():\n g(\n",
        "for a in enumerate(b):\n",
        " for a in enumerate(b):\n  b.append(",
        "any(x for ",
        "sum(map(",
        "lambda x: (",
        "x = y *",
        "import datetime; timedelta(days=",
        "except A as e:\n",
        "from math import (pi)",
        "a += (",
        "a += b.",
        "a *= ",
        "a -= {b ",
        "a: b",
    ],
)
def test_long_texts_take_time_in_line_with_their_length(part: str) -> None:
    """A megabyte of whatever is looked at in seconds, not in hours: the host does it."""
    source = part * (500_000 // len(part))
    begin = time.process_time()
    has_doubts(Program(source=source, functions=(FunctionSpec(name="g", is_async=True),)))

    assert time.process_time() - begin < 20


@pytest.mark.parametrize(
    "rest",
    [
        "await g(1)\n" + "from math import (pi)" * 2_000,
        "lambda x: (" * 5_000,
        "try: 0\n" + "".join(f"except KeyError as e{n:06}: 0\n" for n in range(5_000)),
        f"import datetime\n{'a' * 100_000}",
    ],
)
def test_many_names_take_time_in_line_with_their_length(rest: str) -> None:
    """However many functions there are, each word is looked at once; and so is what a line holds more often."""
    defined = "".join(f"async def a{n:06}(): g(0)\n" for n in range(7_000))
    source = f"def h():\n    g(1)\n{defined}{rest}" + "\nb000000()" * 20_000
    begin = time.process_time()
    has_doubts(Program(source=source, functions=(FunctionSpec(name="g"),)))

    assert time.process_time() - begin < 3


async def test_a_module_that_only_this_engine_has_is_no_refusal() -> None:
    """Its names are in no list of what is lacking."""
    assert await refusal_of("from pathlib import Path\nPath('a') / 'b'") is None
