"""What a program printed before a limit ended it: the first lines all, of more lines at least eight in nine."""

from typing import Any

import pytest

from tests.play import Play, of_cpython

ENDINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "fuel": ("while True: pass", {"fuel": 200_000_000}),
    "cpu_seconds": ("while True: pass", {"fuel": 10**13, "cpu_seconds": 0.3}),
    "memory_bytes": ("x = []\nwhile True: x.append(bytes(1_000_000))", {}),
    "stack": ("x = ()\nfor n in range(100_000): x = (x,)\nhash(x)", {}),
    "output_bytes": ("print('a' * 100_000)", {"output_bytes": 50_000}),
}


@pytest.mark.parametrize("limit", [of_cpython(one) if one == "fuel" else one for one in ENDINGS])
@pytest.mark.parametrize("lines", [1, 8, 100, 1_000])
async def test_lines_that_were_printed_arrive(play: Play, limit: str, lines: int) -> None:
    """Whoever looks for what went wrong looks at the last of them."""
    body, limits = ENDINGS[limit]

    played = await play(f"for n in range({lines}): print('line', n)\n{body}", **limits)

    assert played.limit == limit
    arrived = [line for line in played.output.split("\n") if line.startswith("line")]
    assert arrived == [f"line {n}" for n in range(len(arrived))]
    assert len(arrived) >= (lines if lines <= 8 else lines * 8 // 9)


@pytest.mark.parametrize("limit", [of_cpython(one) if one == "fuel" else one for one in ENDINGS])
async def test_what_was_printed_before_a_call_arrives(play: Play, limit: str) -> None:
    """Also of a line that has not ended."""
    body, limits = ENDINGS[limit]

    played = await play(
        f"for n in range(500): print('line', n)\nprint('and', end='')\nf()\n{body}", sync=["f"], **limits
    )

    assert played.limit == limit
    assert "line 499\nand" in played.output
