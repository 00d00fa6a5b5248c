"""Arithmetic that CPython does in Python, in a module that its C code imports when it is first needed."""

import pytest

from tests.play import Play

VALUES = {
    "(10 ** 10_000 // 10 ** 3_000) == 10 ** 7_000": True,
    "divmod(7 ** 20_000 + 5, 7 ** 10_000) == (7 ** 10_000, 5)": True,
    "import math\nmath.isqrt(9 ** 100_000) == 3 ** 100_000": True,
    "import math\nmath.comb(20_000, 9_000) % 1_000_003 >= 0": True,
    "import fractions\nfractions.Fraction(10 ** 9_000, 10 ** 8_990) == 10 ** 10": True,
}


@pytest.mark.parametrize("source", VALUES)
async def test_long_integers_are_divided(play: Play, source: str) -> None:
    """Nothing that a program imports has to do with it."""
    assert (await play(source)).value == VALUES[source]


async def test_the_scanner_of_json_says_what_it_did_not_understand(play: Play) -> None:
    """Its error is in a module that a program cannot import."""
    error = (await play("import json\njson.JSONDecoder().scan_once('[\"a', 0)")).error

    assert (error.type, error.message) == (
        "JSONDecodeError",
        "Unterminated string starting at: line 1 column 2 (char 1)",
    )
