"""What numbers may do to the tables of sets and dictionaries: counted before one is made of them."""

import datetime
import decimal
from typing import Any

import pytest

from sandbox.collisions import MAX_EQUAL_HASHES, check_hashes
from sandbox.errors import HashesCollide
from tests.colliding import colliding

COUNT = 20_000
ORDINARY: dict[str, list[Any]] = {
    "a range": [*range(COUNT)],
    "a range that goes down": [*range(0, -COUNT, -1)],
    "identifiers": [1_700_000_000_000 + 60_000 * n for n in range(COUNT)],
    "powers of two": [2**n for n in range(2_000)],
    "multiples of 2 ** 20": [n << 20 for n in range(COUNT)],
    "multiples of 2 ** 40": [n << 40 for n in range(COUNT)],
    "multiples of 2 ** 55": [n << 55 for n in range(COUNT)],
    "squares": [n * n for n in range(COUNT)],
    "numbers all over": [n * 0x9E3779B97F4A7C15 % 2**60 for n in range(COUNT)],
    "tenths": [n / 10 for n in range(COUNT)],
    "small parts": [n / 2**40 for n in range(COUNT)],
    "pairs": [(n // 100, n % 100) for n in range(COUNT)],
    "amounts": [decimal.Decimal(n) / 100 for n in range(COUNT)],
    "times": [datetime.timedelta(seconds=n) for n in range(COUNT)],
    "texts": [str(n) for n in range(COUNT)],
}


@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize("of_dict", [True, False])
def test_what_nobody_chose_is_taken(name: str, *, of_dict: bool) -> None:
    """Also where the lower bits of all are the same."""
    check_hashes(ORDINARY[name], "$", of_dict=of_dict)


def test_numbers_on_one_chain_are_refused() -> None:
    """Each of them differs in its hash, and looks at every one before it: 5,400 take as long as 270,000 others."""
    keys = colliding(size=8_192, filled=2_700, count=2_700)

    with pytest.raises(HashesCollide, match="numbers that collide with each other in a hash table; return a list"):
        check_hashes(keys, "$", of_dict=True)


def test_numbers_on_one_chain_of_a_set_are_refused() -> None:
    """A set looks at the next nine slots as well, so its chains are others: 4,800 take as long as 110,000 others."""
    items = colliding(size=8_192, filled=2_400, count=2_400, neighbours=9)

    with pytest.raises(HashesCollide, match="numbers that collide with each other in a hash table; return a list"):
        check_hashes(items, "$", of_dict=False)
    check_hashes(items[:2_400], "$", of_dict=False)
    check_hashes([one for one in items if one % 5], "$", of_dict=False)


def test_they_are_found_among_the_first_of_many() -> None:
    """The table has that size for a while, however large it becomes."""
    keys = [*colliding(size=8_192, filled=2_700, count=2_700), *range(10**9, 10**9 + 20_000)]

    with pytest.raises(HashesCollide):
        check_hashes(keys, "$", of_dict=True)


def test_equal_hashes_are_counted() -> None:
    """The bound itself is allowed."""
    step = 2**61 - 1

    check_hashes([n * step for n in range(MAX_EQUAL_HASHES)], "$", of_dict=False)
    with pytest.raises(HashesCollide, match="more than 64 values with the same hash"):
        check_hashes([n * step for n in range(MAX_EQUAL_HASHES + 1)], "$", of_dict=False)
