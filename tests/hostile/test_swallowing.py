"""Programs that will not end: whatever they catch, the limit ends them."""

import pytest

from tests.play import Play

STUBBORN = {
    "catches everything": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "finally loops": "try:\n    while True: pass\nfinally:\n    while True: pass",
    "exit suppresses": "class C:\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\n"
    "while True:\n    with C():\n        while True: pass",
    "destructor loops": "class D:\n    def __del__(self):\n        while True: pass\nD()\nwhile True: pass",
    "generator ignores close": "def g():\n    while True:\n        try: yield\n        except GeneratorExit: pass\n"
    "x = g()\nnext(x)\ntry:\n    x.close()\nfinally:\n    while True: pass",
    "str loops": "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E()",
    "comparison loops": "class K:\n    def __lt__(self, other):\n        while True: pass\nsorted([K(), K()])",
    "regular expression": "import re\nre.match('(a+)+$', 'a' * 40 + 'b')",
    "big integers": "x = 3\nwhile True: x = x * x",
    "integer to text": "while True: str(7 ** 4_000)",
    "least common multiple": "import math\nx = 1\nfor n in range(1, 10**9): x = math.lcm(x, n)",
    "tasks forever": "import asyncio\nasync def spin():\n    while True:\n        await asyncio.sleep(0)\nawait spin()",
}


@pytest.mark.parametrize("name", STUBBORN)
async def test_the_limit_ends_it(play: Play, name: str) -> None:
    """Fuel and processor time are counted outside the guest."""
    assert (await play(STUBBORN[name], cpu_seconds=0.3)).limit in {"cpu_seconds", "fuel", "memory_bytes"}


async def test_output_before_the_end_is_kept(play: Play) -> None:
    """After a limit the answer still has what was printed in turns that ended, and the calls."""
    played = await play("print('before')\nf(1)\nwhile True: pass", sync=["f"], cpu_seconds=0.1)

    assert played.limit == "cpu_seconds"
    assert played.output == "before\n"
    assert [call.function for call in played.calls] == ["f"]
