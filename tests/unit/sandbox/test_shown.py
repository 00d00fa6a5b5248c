"""Values as short texts: bounded whatever they hold."""

from decimal import Decimal
from typing import Any

import pytest

from sandbox.shown import LONGEST, cut, shown

DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "None"),
        ({"a": [1, 2.5, (True,)], "b": {3}}, "{'a': [1, 2.5, (True)], 'b': {3}}"),
        (Decimal("1.5"), "Decimal('1.5')"),
        ([*range(30)], "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, \u2026]"),
        ((DEEP,), "([[[[\u2026]]]])"),
        ([1 << 100_000], "[(an integer of 100,001 bits)]"),
        (b"\x00a", "b'\\x00a'"),
    ],
    ids=lambda _: "",
)
def test_a_value_is_shown_as_python_writes_it_up_to_a_length(value: Any, expected: str) -> None:
    """Whoever reads it wants to recognise it, not to have all of it."""
    assert shown(value) == expected


def test_no_value_is_longer_than_its_bound() -> None:
    """Also one of many long items, at every depth."""
    assert shown("x" * 10**7) == "'" + "x" * (LONGEST - 2) + "\u2026"
    assert len(shown([["y" * 1_000] * 100] * 100, 50)) == 50
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab\u2026"
