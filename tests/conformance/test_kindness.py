"""Programs that models write as if they were elsewhere: each is helped, with a note; what only looks like it is not."""

from typing import Any

import pytest

from sandbox import policy
from sandbox.engine import Engine
from sandbox.limits import Limits
from sandbox.source import Source
from sandbox.turns import Blocked, LimitExceeded, Note, Program
from tests.play import NOW, Play, Played

pytestmark = pytest.mark.of_cpython

Noted = list[tuple[str, int]]

RETURNS_IN_BLOCKS = """
import asyncio
class Held:
    async def __aenter__(self): return self
    async def __aexit__(self, *error): print("released")
for n in [1, 2]:
    async with Held() as held:
        try:
            if n == 2:
                return {"n": n, "last": total}
            total: int = await g(n)
        finally:
            print("finally", n)
"never"
"""
RETURN_AMONG_DEFINITIONS = """
from __future__ import annotations
limit: int = 2
rates: list
class Row:
    width: int = limit
    def double(self): return self.width * limit
def change():
    global limit
    limit += 1
    return [limit for limit in "ab"]
letters = change()
squares = [last := n * n for n in range(4)]
match squares:
    case [first, *_] if letters:
        del squares
        return limit, Row().double(), letters, last, first, (lambda: limit)(), Row.__qualname__
"""
# Source, value and the notes: code and line, in the order of the text.
HELPED: dict[str, tuple[str, Any, Noted]] = {
    "fence": ("```python\nx = 20\nx + 1\n```", 21, [("fence-removed", 1)]),
    "fence without an end": ("```\n21", 21, [("fence-removed", 1)]),
    "fence of tildes, indented": (
        "  ~~~ py\n  21\n  ~~~", 21, [("fence-removed", 1), ("indentation-removed", 2)]
    ),
    "fence with a fence in a string": ("```python\nx = '''\n```\n'''\nlen(x)\n```", 5, [("fence-removed", 1)]),
    "fence in prose": (
        "Here's the program:\n\n```py\n21\n```\nIt doesn't fail.",
        21, [("prose-removed", 1), ("fence-removed", 3), ("prose-removed", 6)],
    ),
    "indented": ("\n    x = 20\n    x + 1", 21, [("indentation-removed", 2)]),
    "byte-order mark": ("\ufeff21", 21, [("mark-removed", 1)]),
    "return": ("return 21", 21, [("return-at-top", 1)]),
    "return in blocks": (RETURNS_IN_BLOCKS, {"n": 2, "last": 1}, [("return-at-top", 10)]),
    "return among definitions": (
        RETURN_AMONG_DEFINITIONS, (3, 6, ["a", "b"], 9, 0, 3, "Row"), [("return-at-top", 17)]
    ),
    "return that is not reached": ("if rows:\n    pass\nelse:\n    return 1\n21", 21, [("return-at-top", 4)]),
    "return in a main block": (
        "if __name__ == '__main__':\n    if not rows:\n        return 1\n    21",
        21, [("main-block", 1), ("return-at-top", 3)],
    ),
    "main block": ("if __name__ == '__main__':\n    x = 20\n    x + 1", 21, [("main-block", 1)]),
    "main block, the other way round": ('if "__main__" == __name__:\n    21', 21, [("main-block", 1)]),
    "main block with asyncio.run": (
        "import asyncio\nasync def main(): return await g(21)\nif __name__ == '__main__':\n    asyncio.run(main())",
        21, [("main-block", 3)],
    ),
    "asyncio.run beside await": (
        "import asyncio\nasync def main(n):\n    return await g(n)\nx = await g(20)\nx + asyncio.run(main(1))",
        21, [("run-awaited", 5)],
    ),
    "asyncio.run beside await and return": (
        "import asyncio\nasync def main(n): return await g(n)\nx = asyncio.run(main(1))\nif x:\n    return await g(21)",
        21, [("run-awaited", 3), ("return-at-top", 5)],
    ),
    "import of functions": ("from tools import f, g\nimport f\nimport json, g\nf(21)", 21,
                            [("import-left-out", 1), ("import-left-out", 2), ("import-left-out", 3)]),
    "coroutine": ("async def main():\n    return 21\nmain()", 21, [("coroutine-awaited", 3)]),
    "coroutine beside await": ("x = await g(20)\ng(x + 1)", 21, [("coroutine-awaited", 2)]),
    "gather": ("import asyncio\nawait g(1)\nasyncio.gather(g(1), g(2))", [1, 2], [("coroutine-awaited", 3)]),
    "task": ("import asyncio\nawait g(1)\nasyncio.create_task(asyncio.sleep(0, 21))", 21, [("coroutine-awaited", 3)]),
    "never awaited": ("async def send(n):\n    f(n)\nsend(1)\n21", 21, [("never-awaited", 3)]),
    "never awaited function": ("await g(1)\ng(2)\n21", 21, [("never-awaited", 2)]),
    "assignment": ("x = f(21)", None, [("last-assigns", 1)]),
    "annotated assignment": ("x: int = f(21)", None, [("last-assigns", 1)]),
    "result of main": ("def main():\n    return 21\nresult = main()", None, [("last-assigns", 3)]),
    "print": ("import json\nprint(json.dumps(f(21)))", None, [("last-prints", 2)]),
    "main that returns nothing": ("def main():\n    x = f(21)\nmain()", None, [("last-returns-none", 3)]),
    "main that prints, in a main block": (
        "import asyncio\nasync def main():\n    print(21)\nif __name__ == '__main__':\n    asyncio.run(main())",
        None, [("main-block", 4), ("last-returns-none", 5)],
    ),
    "main that nobody calls": ("def main():\n    return 21", None, [("never-called", 1)]),
    "main that nobody calls, in the middle": ("def main():\n    return 21\nx = 1", None, [("never-called", 1)]),
    "function that nobody calls": ("import math\nasync def solve(x):\n    return x", None, [("never-called", 2)]),
    "expression in a block": ("for row in rows:\n    if row:\n        row['a']", None, [("last-in-block", 3)]),
}  # fmt: skip

# What looks like the above and is as it should be: source and value.
LEFT_ALONE: dict[str, tuple[str, Any]] = {
    "fence in a string": ('x = """\n```python\n1\n```\n"""\nlen(x)', 17),
    "fence in a string after quotes in a comment": ("# don't '''\nx = '''\n```\n'''\nlen(x)", 5),
    "fence in a string after quotes in a string": ("y = '\"\"\"'\nx = '''\n```\n'''\nlen(x)", 5),
    "fence in a comment": ("# ```\n21", 21),
    "indented lines in a string": ("x = '''\n  a\n'''\nlen(x)", 5),
    "mark in a string": ("len('\ufeff')", 1),
    "return in a function": ("def f2():\n    return 21\nf2()", 21),
    "return in a method": ("class A:\n    def m(self): return 21\nA().m()", 21),
    "if that is no main block": ("name = '__main__'\nif name == '__main__':\n    f(21)", None),
    "main block in the middle": ("if __name__ == '__main__':\n    x = 20\nx + 1", 21),
    "main block with an else": ("if __name__ == '__main__':\n    f(21)\nelse:\n    f(1)", None),
    "await": ("x = await g(20)\nx + 1", 21),
    "asyncio.run": ("import asyncio\nasync def main():\n    return await g(21)\nasyncio.run(main())", 21),
    "asyncio.run of somebody else": (
        "class asyncio:\n    def run(x): return x\nasync def main(): return 1\nawait main() + asyncio.run(20)",
        21,
    ),
    "import": ("from math import floor\nimport json\nfloor(21.5)", 21),
    "import of a module that bears a function's name": ("import json\njson.loads('21')", 21),
    "coroutine that is awaited later": ("async def one(): return 21\nlater = one()\nawait later", 21),
    "coroutine of a task that is cancelled": (
        "import asyncio\ntask = asyncio.create_task(asyncio.sleep(9))\ntask.cancel()\nawait g(21)",
        21,
    ),
    "function that returns None": ("f(None)", None),
    "main that returns None": ("def main():\n    return f(None)\nmain()", None),
    "main that returns in a block": ("def main():\n    for row in []:\n        return 1\nmain()", None),
    "main called by another": ("def main():\n    return 21\ndef run(): return main()\nrun()", 21),
    "print of its own": ("def show(x): return x\nprint('a')\nshow(21)", 21),
    "None": ("x = 21\nNone", None),
    "loop for its effects": ("for row in rows:\n    f(row)", None),
    "pass": ("pass", None),
    "class": ("class A:\n    x = 1", None),
}


async def played(play: Play, source: str) -> tuple[Played, Noted]:
    """Run a text as a caller sends it; return all notes, in the order of the text."""
    sent = Source.of(source)
    ended = await play(sent.program(), {"rows": [{"a": 1}]}, sync=["f"], asynchronous=["g"])
    notes = [*sent.notes, *(note for turn in ended.turns for note in turn.notes)]
    return ended, sorted(((note.code, note.line) for note in notes), key=lambda noted: noted[1])


@pytest.mark.parametrize("name", HELPED)
async def test_a_program_is_helped_and_told(play: Play, name: str) -> None:
    """Its value is what was meant, or None with a note that says what to change."""
    source, value, notes = HELPED[name]

    ended, found = await played(play, source)

    assert (ended.value, found) == (value, notes)


@pytest.mark.parametrize("name", LEFT_ALONE)
async def test_a_program_that_only_looks_like_it_is_left_alone(play: Play, name: str) -> None:
    """No help that a program did not need, and no note that says nothing."""
    source, value = LEFT_ALONE[name]

    ended, found = await played(play, source)

    assert (ended.value, found) == (value, [])


def test_every_note_is_made_by_a_program() -> None:
    """A rule of the policy that nothing enforces would be a promise."""
    assert {code for _, _, notes in HELPED.values() for code, _ in notes} == set(policy.NOTES)


async def test_a_return_runs_what_must_run(play: Play) -> None:
    """It is an ordinary return: `finally` and `with` see it."""
    ended, _ = await played(play, RETURNS_IN_BLOCKS)

    assert ended.output == "finally 1\nreleased\nfinally 2\nreleased\n"


async def test_frames_of_a_program_that_returns_are_those_of_a_module(play: Play) -> None:
    """The function that its body became is nobody's business."""
    source = "fail = lambda: 1 / 0\ndef outer():\n    return fail()\nif rows:\n    return outer()"

    ended, _ = await played(play, source)

    assert [(frame.line, frame.function) for frame in ended.error.traceback] == [
        (5, "<module>"), (3, "outer"), (1, "<lambda>"),
    ]  # fmt: skip


REFUSED = {
    "return in a class": ("class A:\n    return 1", "'return' outside function"),
    "yield": ("yield 1\nreturn 2", "'yield' outside function"),
    "several blocks": ("```python\n1\n```\nor\n```python\n2\n```", "invalid syntax"),
    "fence of another language": ("```json\n{}\n```", "invalid syntax"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_helped_is_refused(play: Play, name: str) -> None:
    """Nobody knows what was meant."""
    source, message = REFUSED[name]

    ended, found = await played(play, source)

    assert (ended.error.kind, ended.error.message, found) == ("syntax", message, [])


@pytest.mark.parametrize("name", ["fence", "indented", "return in blocks", "asyncio.run beside await", "coroutine"])
async def test_help_does_not_depend_on_the_policy(play: Play, name: str) -> None:
    """It is about what was meant, not about what is allowed."""
    source, value, _ = HELPED[name]

    ended = await play(Source.of(source).program(), {"rows": [{"a": 1}]}, sync=["f"], asynchronous=["g"], guarded=False)

    assert ended.value == value


async def test_notes_survive_a_limit(engine: Engine) -> None:
    """They were told when they were made, and not at the end."""
    execution = engine.execution(
        Program(source="while True:\n    if not True:\n        return 1"), limits=Limits(fuel=50_000_000), seed=1
    )

    ended = await execution.start({}, now=NOW)

    assert isinstance(ended, LimitExceeded)
    assert ended.notes == (Note(code="return-at-top", line=3),)


async def test_a_note_belongs_to_the_turn_in_which_it_was_made(engine: Engine) -> None:
    """Whoever replays turns sees each note once."""
    source = "import time\ntime.sleep(1)\nif True:\n    return 5"
    execution = engine.execution(Program(source=source), limits=Limits(), seed=1)

    blocked = await execution.start({}, now=NOW)
    ended = await execution.advance([], now=NOW + 2_000_000_000)

    assert isinstance(blocked, Blocked)
    assert (blocked.notes, ended.notes) == ((Note(code="return-at-top", line=4),), ())
