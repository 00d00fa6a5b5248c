"""Nothing of one execution can be seen by another: not in memory, modules or caches, not by time, order or number.

One program, the observer, returns whatever it can see of the interpreter around it. It runs first in a worker that has
run nothing, then after programs that leave behind as much as they can, without the language policy. What it sees, what
it is told and how many instructions it takes must be the same: an instruction count is the finest clock there is.
"""

import asyncio

import pytest

from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.limits import Limits
from sandbox.turns import Blocked, FunctionSpec, Outcome, Program, Progress, Returned
from tests.play import NOW

OBSERVER = """
import builtins, enum, functools, gc, json, linecache, os, re, string, sys, time, types, _thread
seen = {
    "modules": sorted(sys.modules),
    "names of modules": {name: len(vars(one)) for name, one in sorted(sys.modules.items()) if hasattr(one, "__dict__")},
    "builtins": sorted(vars(builtins)),
    "regular expressions": len(re._cache),
    "lines": sorted(linecache.cache),
    "environment": dict(os.environ),
    "interned": id(sys.intern("left-behind" + str(1))),
    "address": id(object()),
    "hash": hash("left-behind"),
    "objects": len(gc.get_objects()),
    "collected": gc.get_stats(),
    "counts": gc.get_count(),
    "types": len(type.__subclasses__(object)),
    "enums": sorted(one.__name__ for one in enum.Enum.__subclasses__()),
    "exceptions": len(Exception.__subclasses__()),
    "recursion": sys.getrecursionlimit(),
    "switch": sys.getswitchinterval(),
    "allocated": sys.getallocatedblocks(),
    "path": sys.path,
    "hooks": [len(sys.meta_path), len(sys.path_hooks), sys.gettrace() is None, sys.getprofile() is None],
    "locals of the thread": _thread.get_ident(),
    "json": json.dumps({"a": 1}),
    "memory": bytes(bytearray(10_000)).strip(b"\\0"),
    "random": __import__("random").random(),
    "uuid": str(__import__("uuid").uuid4()),
    "secrets": __import__("secrets").token_hex(),
    "time": [time.time_ns(), time.perf_counter_ns(), time.monotonic_ns(), time.process_time_ns()],
}
[seen, f(1)]
"""
LEAVE_BEHIND = {
    "nothing": "1",
    "memory full of a secret": "kept = [b'left-behind' * 1000 for _ in range(3000)]",
    "memory up to the limit": "kept = []\nwhile True: kept.append(bytearray(b'left-behind') * 10_000)",
    "modules": "import json, sys\njson.dumps = json.loads = None\nsys.modules['left'] = type(sys)('left')",
    "builtins": "import builtins\nbuiltins.sorted = lambda *_: 'left behind'\nbuiltins.left = 1",
    "a cache of regular expressions": "import re\nfor n in range(300): re.compile(f'left{n}')",
    "a cache of lines": "import linecache\nlinecache.cache['left'] = (1, None, ['behind'], 'left')",
    "a cache of functions": "import re\nfor n in range(500): re._compile_template(re.compile('x'), f'left{n}')",
    "types": "kept = [type(f'Left{n}', (), {}) for n in range(2000)]",
    "an enumeration": "import enum\nclass Left(enum.Enum):\n    BEHIND = 1",
    "interned strings": "import sys\nkept = [sys.intern(f'left-behind{n}') for n in range(5000)]",
    "exceptions": "class Left(Exception): pass\nraise Left('behind')",
    "settings of the interpreter": "import sys, gc\nsys.setrecursionlimit(77_777)\ngc.disable()\ngc.set_threshold(1)",
    "hooks": "import sys\nsys.meta_path.append(1)\nsys.settrace(lambda *_: None)\nsys.path.append('left')",
    "an environment": "import os\nos.environ['LEFT'] = 'behind'",
    "randomness": "import random\nrandom.seed(1)\n[random.random() for _ in range(1000)]",
    "output": "print('left behind' * 1000)",
    "a loop that was stopped": "while True: pass",
    "an abort": "import os\nos.abort()",
    "an overflowing stack": "l = []\nfor _ in range(10 ** 5): l = [l]\nrepr(l)",
    "calls": "for n in range(20): f(n)",
}
FUNCTIONS = (FunctionSpec(name="f"),)
LIMITS = Limits(fuel=2_000_000_000)


async def play(engine: CPythonEngine, source: str) -> list[Progress]:
    """Run a program without policy, answering its calls; return its turns."""
    program = Program(source=source, functions=FUNCTIONS, guarded=False)
    execution = engine.execution(program, limits=LIMITS, seed=7)
    turns = [await execution.start({}, now=NOW)]
    while isinstance(blocked := turns[-1], Blocked):
        outcomes = [Outcome(number=number, value=0) for number in blocked.waiting_for]
        turns.append(await execution.advance(outcomes, now=NOW))
    return turns


def told(turns: list[Progress]) -> list[str]:
    """Return all that a caller is told, but for the processor time, which is the machine's."""
    return [repr(turn).replace(f"cpu_seconds={turn.spent.cpu_seconds!r}", "") for turn in turns]


@pytest.fixture
async def alone() -> list[str]:
    """What the observer sees as the first program of a worker."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    turns = await play(engine, OBSERVER)
    await engine.close()
    assert isinstance(turns[-1], Returned)
    return told(turns)


async def test_nothing_that_a_program_leaves_behind_is_seen(alone: list[str]) -> None:
    """In one worker, one after the other; each may have broken the language policy."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    seen = {}
    for name, source in LEAVE_BEHIND.items():
        await play(engine, source)
        seen[name] = told(await play(engine, OBSERVER))
    await engine.close()

    assert {name: one for name, one in seen.items() if one != alone} == {}


async def test_nothing_is_seen_of_programs_that_wait_beside(alone: list[str]) -> None:
    """In one worker, at the same time, in a call."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    for n in range(20):
        program = Program(source=f"import json\njson.loads = 'left{n}'\nf({n})", functions=FUNCTIONS, guarded=False)
        blocked = await engine.execution(program, limits=LIMITS, seed=n).start({}, now=NOW)
        assert isinstance(blocked, Blocked)

    seen = told(await play(engine, OBSERVER))
    await engine.close()

    assert seen == alone


async def test_an_isolate_made_ahead_cannot_be_told_from_a_fresh_one(alone: list[str]) -> None:
    """A worker has a few isolates ready: of many programs at once, the first get those, the others fresh ones."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    seen = await asyncio.gather(*(play(engine, OBSERVER) for _ in range(12)))
    await engine.close()

    assert [told(one) for one in seen] == [alone] * 12


async def test_calls_are_numbered_from_one_in_every_execution() -> None:
    """A number that went on counting would tell how much others call."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    numbers = []
    for _ in range(3):
        turns = await play(engine, "f(1)\nf(2)")
        numbers.append([call.number for turn in turns if isinstance(turn, Blocked) for call in turn.new_calls])
    await engine.close()

    assert numbers == [[1, 2]] * 3
