"""Bounds what it costs to make a set or a dictionary of numbers that somebody chose.

The hash of a number is known to everybody, and which numbers collide differs between the guest (32 bits) and the host
(64): what took a guest a moment to build could hold the host up for minutes. Two ways lead there: numbers that share a
hash, and numbers that differ in it but end on the same chain of slots, which grows with every one of them. So what the
interpreter would do with more than a few of them is counted first. Texts and bytes have hashes that nobody knows.

This module is also part of the guest, where it has nothing to do: there a program pays for its sets with fuel.
"""

import operator
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.errors import HashesCollide

MAX_EQUAL_HASHES = 64
# Fewer are not worth counting: all of them on one chain are 8 million steps, which take some 40 ms.
_FEW = 4_096
# Steps per item in a table. Numbers that nobody chose take up to 14: by then all bits of a hash have had their say.
_STEPS_PER_ITEM = 24
# Hashes that lie so close together cannot all be on one chain.
_DENSE = 4
_HASH_BITS = 64
_HAS_THIS_HASH = sys.hash_info.width == _HASH_BITS
_SECRET_HASHES = frozenset({str, bytes})


def check_hashes(items: Sequence[Any], path: str, *, of_dict: bool) -> None:
    """Refuse items of a set, or keys of a dictionary, that would make it quadratic.

    Raises:
        HashesCollide: too many of them hash alike, or are on the same chains.
        TypeError: one cannot be hashed.
    """
    if not _HAS_THIS_HASH or len(items) <= MAX_EQUAL_HASHES or set(map(type, items)) <= _SECRET_HASHES:
        return
    hashes = [*map(hash, items)]
    ordered = sorted(hashes)
    if any(map(operator.eq, ordered, ordered[MAX_EQUAL_HASHES:])):
        raise HashesCollide(path, f"more than {MAX_EQUAL_HASHES} values with the same hash")
    if len(items) <= _FEW or ordered[-1] - ordered[0] < _DENSE * len(items):
        return
    for size, room in _tables(len(items), of_dict=of_dict):
        if _is_slow(hashes[:room], size - 1, neighbours=0 if of_dict else 9):
            raise HashesCollide(path, "numbers that collide with each other in a hash table")


def _tables(count: int, *, of_dict: bool) -> Iterator[tuple[int, int]]:
    """Yield the sizes that CPython's table takes on while it grows, and how many items are in it before the next."""
    size, room = 8, 0
    while room < count:
        room = size * 2 // 3 if of_dict else size * 3 // 5
        if room > _FEW:
            yield size, room
        least = room * 3 if of_dict else room * (2 if room > 50_000 else 4)
        size = 1 << least.bit_length()


def _is_slow(hashes: list[int], mask: int, *, neighbours: int) -> bool:
    """Say whether too many slots of a table would be found to be taken.

    They are looked at in CPython's order; its `set` looks at the next ones of each as well.
    """
    taken = bytearray(mask + 1)
    find = taken.find
    steps_left = _STEPS_PER_ITEM * len(hashes)
    for one in hashes:
        slot = one & mask
        if taken[slot]:
            rest = one % (1 << _HASH_BITS)
            while (free := find(0, slot, slot + neighbours + 1)) < 0:
                rest >>= 5
                slot = (slot * 5 + rest + 1) & mask
                steps_left -= 1
            if steps_left < 0:
                return True
            slot = free
        taken[slot] = 1
    return False
