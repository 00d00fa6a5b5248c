"""Same program, inputs, seed and turns: same calls, value, output and fuel, to the bit, in whichever worker."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from sandbox.engine import Engine
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.limits import Limits
from sandbox.turns import LimitExceeded, Returned
from tests.play import NOW, Play, counted
from tests.programs import FUNCTIONS, INPUTS, corpus
from tests.recording import bits, record, resume

# What a guest could see of the machine, the process, the worker or the run before it, if it could see anything.
TEMPTING = {
    "identities": "class A: pass\n[[id(A()) for _ in range(50)], id(A), hash(A()), repr(object()), repr(lambda: 0)]",
    "sets": "words = {f'w{n}' for n in range(300)} | {b'x', 1.5, None, (1, 'a')}\n"
    "[list(words), list(frozenset('abc')), {w: 1 for w in words}, list({object() for _ in range(9)} and words)]",
    "hashes": "[hash(x) for x in ('a', b'b', 1.5, (1, 'x'), None, 2**80, frozenset('ab'), int, len)]",
    "objects as keys": "class K: pass\nd = {K(): n for n in range(40)}\n"
    "s = {K() for _ in range(40)}\n[list(d.values()), [id(k) for k in s], [hash(k) for k in d]]",
    "chance": "import random, uuid, secrets\nrandom.shuffle(x := list(range(99)))\n"
    "[x, random.gauss(0, 1), random.Random().random(), random.SystemRandom().random(), str(uuid.uuid4()), "
    "secrets.token_bytes(9), secrets.randbelow(10**9), random.sample(range(10**6), 9)]",
    "clocks": "import time, datetime\nt = [time.time(), time.time_ns(), time.monotonic(), time.perf_counter_ns()]\n"
    "time.sleep(0.5)\n[t, time.time_ns(), str(datetime.datetime.now()), str(datetime.date.today()), "
    "time.strftime('%c'), time.localtime()[:9]]",
    "process time": "import time\nsum(range(100000))\n[time.process_time(), time.get_clock_info('time').resolution]",
    "memory": "kept = []\nfor n in range(60):\n    kept.append(bytearray(200_000 + n))\n    if n % 3: kept.pop()\n"
    "[len(kept), id(kept[-1]), id(bytearray(10))]",
    "memory error": "sizes = []\ntry:\n    kept = []\n    while True:\n        kept.append(bytearray(2**20))\n"
    "except MemoryError as error:\n    sizes = [len(kept), repr(error)]\ndel kept\n[sizes, id(bytearray(5000))]",
    "garbage": "class Node:\n    def __init__(self): self.me = self\n    def __del__(self): fell.append(len(fell))\n"
    "fell = []\nfor n in range(5000): Node()\n[len(fell), id(Node())]",
    "texts of exceptions": "class A: pass\nfound = []\n"
    "for f in (lambda: A() + 1, lambda: {}[A()], lambda: A().x, lambda: int('x'), lambda: [].pop(), lambda: 1 / 0,\n"
    "          lambda: max({A(), A()}), lambda: None.y, lambda: A(1)):\n"
    "    try: f()\n    except Exception as error: found.append(f'{error!r}')\nfound",
    "unfinished": "def count():\n    try:\n        yield 1\n        yield 2\n    finally:\n        print('closed')\n"
    "g = count()\nnext(g)\nasync def agen():\n    try:\n        yield 1\n    finally:\n        print('aclosed')\n"
    "import asyncio\nasync def main():\n    a = agen()\n    await anext(a)\n"
    "    t = asyncio.create_task(asyncio.sleep(9))\n"
    "    await asyncio.sleep(0)\nasyncio.run(main())\nlen([g])",
    "recursion": "def depth(n):\n    try: return depth(n + 1)\n    except RecursionError: return n\n"
    "[depth(0), depth(0), str(depth)]",
    "floats": "import math, decimal, fractions\n[0.1 + 0.2, 1e300 * 1e10, float('nan'), -0.0, 2**0.5, math.sin(1e6), "
    "f'{1/3:.30f}', round(2.675, 2), math.fsum([0.1] * 10), str(fractions.Fraction(0.1)), 5e-324, math.gamma(0.5)]",
    "decimals": "import decimal\nfrom decimal import Decimal\n"
    "a = Decimal(1) / 7\nwith decimal.localcontext() as c:\n    c.prec = 50\n    b = Decimal(2).sqrt()\n"
    "[a, b, str(decimal.getcontext()), Decimal('0.1').hash() if hasattr(Decimal, 'hash') else hash(Decimal('0.1'))]",
    "interning": "a = 'x' * 20\nb = ''.join(['x'] * 20)\n[a is b, id(a) == id(b), id('abc'), id(257), id(())]",
    "types": "[[t.__name__ for t in (type(convert), type(iter([])), type(None))], str({'a': 1}.keys()), dir(object)]",
    "order of tasks": "import asyncio\ndone = []\nasync def one(n):\n    await asyncio.sleep(n % 3 / 100)\n"
    "    done.append(n)\n"
    "async def main():\n    await asyncio.gather(*(one(n) for n in range(12)))\n"
    "    tasks = {asyncio.create_task(one(n)) for n in range(9)}\n"
    "    for t in asyncio.as_completed(tasks): await t\n"
    "    first, rest = await asyncio.wait({asyncio.create_task(one(n)) for n in range(4)})\n"
    "    return [t.get_name() for t in first]\n[asyncio.run(main()), done]",
    "order of calls": "import asyncio\nseen = []\nasync def one(sku):\n    seen.append((sku, await get_price(sku)))\n"
    "async def main():\n    await asyncio.gather(*(one(s) for s in ('MUG', 'TEA', 'POT') * 3))\n"
    "    for t in asyncio.as_completed([get_price(s) for s in {'MUG', 'TEA', 'POT'}]): seen.append(await t)\n"
    "asyncio.run(main())\nseen",
    "failures of calls": "import asyncio\n"
    "found = await asyncio.gather(*(get_price(s) for s in ('MUG', 'x', 'TEA', 'y')), "
    "get_user(9), reserve('TEA', 9), return_exceptions=True)\n[repr(one) for one in found]",
    "given up": "import asyncio\ntry:\n    async with asyncio.timeout(0.01):\n"
    "        await asyncio.gather(fetch_page(1), asyncio.sleep(9))\n"
    "except TimeoutError as error:\n    print(repr(error))\nawait fetch_page(2)",
    "printed": "print({*'hello world'}, object, [print], sep='\\n')\nprint('x' * 20_000)\n"
    "convert(1, 'EUR', 'USD')",
    "compression": "import zlib, hashlib, json\n[zlib.compress(b'abc' * 999), hashlib.sha256(b'x').hexdigest(), "
    "json.dumps({1: {2, 3} and [1]}), hashlib.blake2b(b'x').hexdigest()]",
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Two engines of one worker each: nothing that one of them knows can reach the other."""

    one: Engine
    other: Engine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    """Two workers."""
    engines = Pair(CPythonEngine(workers=1), CPythonEngine(workers=1))
    await asyncio.gather(engines.one.open(), engines.other.open())
    yield engines
    await asyncio.gather(engines.one.close(), engines.other.close())


SOURCES = {**{f"tempting/{name}": source for name, source in TEMPTING.items()}, **{p.name: p.source for p in corpus()}}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_program_is_the_same_in_another_worker(pair: Pair, name: str) -> None:
    """Recorded in one worker with outcomes in one order, replayed in the other: the recorded turns decide.

    Then from the journal cut after every turn, and at the beginning of every turn: what a crash leaves leads on to the
    same end, by calling the functions that were not called yet. All of these at once, so that they meet in the worker.
    """
    recorded = await record(pair.one, SOURCES[name], *FUNCTIONS, inputs=INPUTS, order=len(name))
    assert isinstance(recorded.turns[-1], Returned), recorded.turns[-1]
    whole = len(recorded.journal.entries)

    resumed = await asyncio.gather(*(resume(pair.other, recorded, cut=cut) for cut in [*recorded.cuts(), whole]))

    assert len(resumed) == 2 * len(recorded.turns) - 1
    for one in resumed:
        assert bits(one) == bits(recorded)


@pytest.mark.asyncio(loop_scope="module")
async def test_isolates_made_ahead_and_made_on_demand_are_the_same(pair: Pair) -> None:
    """A burst takes more of them than were made ahead."""
    source = TEMPTING["identities"]

    first = await record(pair.one, source, *FUNCTIONS, inputs=INPUTS)
    burst = await asyncio.gather(*(record(pair.one, source, *FUNCTIONS, inputs=INPUTS) for _ in range(12)))

    assert {bits(one) for one in burst} == {bits(first)}


CROSSING = """
total = 0
for n in range(200):
    total += n
    print(n, end=" ")
    if n % 90 == 7:
        convert(n, "EUR", "USD")
total
"""


@pytest.mark.asyncio(loop_scope="module")
async def test_fuel_runs_out_at_the_same_instruction_everywhere(pair: Pair) -> None:
    """What a program uses is enough for it, one unit less is not, and it stops having printed the same."""
    used = counted((await record(pair.one, CROSSING, *FUNCTIONS, inputs=INPUTS)).turns[-1].spent.fuel)

    ends = [
        await record(engine, CROSSING, *FUNCTIONS, inputs=INPUTS, limits=Limits(fuel=fuel))
        for fuel in (used, used - 1, used * 2 // 3)
        for engine in (pair.one, pair.other)
    ]

    assert [type(one.turns[-1]) for one in ends] == [Returned, Returned, *[LimitExceeded] * 4]
    limits = [one.turns[-1] for one in ends[2:]]
    assert [one.limit for one in limits if isinstance(one, LimitExceeded)] == ["fuel"] * 4
    assert [one.spent.fuel for one in limits] == [used - 1] * 2 + [used * 2 // 3] * 2
    assert bits(ends[2]) == bits(ends[3])
    assert bits(ends[4]) == bits(ends[5])
    assert 0 < len("".join(one.output for one in ends[4].turns)) < len("".join(one.output for one in ends[0].turns))


async def test_another_seed_gives_other_chances(play: Play) -> None:
    """The seed is all the chance that there is."""
    first, second = (
        await play("import random, uuid\n[random.random(), str(uuid.uuid4())]"),
        await play("import random, uuid\n[random.random(), str(uuid.uuid4())]", seed=8),
    )

    assert first.value[0] != second.value[0]
    assert first.value[1] != second.value[1]


async def test_the_clock_is_that_of_the_turn(play: Play) -> None:
    """The guest's time is what the host hands it, and sleeping is a turn."""
    played = await play(
        "import time\nbefore = time.time()\ntime.sleep(90)\n[round(before), round(time.time() - before)]"
    )

    assert played.value == [NOW // 10**9, 90]
