"""Makes numbers that differ in their hash and yet collide, step after step, in one table of CPython's."""

import itertools
from collections.abc import Iterator

_BITS = 60


def colliding(*, size: int, filled: int, count: int, neighbours: int = 0) -> list[int]:
    """Return `filled` numbers that fill the first slots of a table of `size`, and `count` that end on one chain.

    Every slot that one of these looks at is among the first ones, until all bits of its hash are used up; from there
    on all of them take the same way. A set looks at 9 `neighbours` of each slot as well.
    """
    mask = size - 1
    place, slot = [0] * size, 0
    for step in range(size):
        place[slot] = step
        slot = (slot * 5 + 1) & mask
    found = sorted(itertools.islice(_walks(mask, filled - neighbours), count * 24), key=lambda one: place[one[1]])
    first = min(range(len(found) - count), key=lambda n: place[found[n + count][1]] - place[found[n][1]])
    return [*range(filled), *(number for number, _ in found[first : first + count])]


def _walks(mask: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield numbers, each with the slot at which its bits are used up."""
    for start in range(1, last, 5):
        yield from itertools.islice(_from(start, start, 1, mask, last), 3_000)


def _from(number: int, slot: int, step: int, mask: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield what a number that is known up to some bit can go on as."""
    rest = number >> 5 * step
    used = mask.bit_length() + 5 * (step - 1)
    if used >= _BITS and not rest:
        yield number, slot
        return
    new = max(0, min(5, _BITS - used))
    for bits in range(1 << new):
        longer = number | bits << used
        following = (slot * 5 + 1 + (longer >> 5 * step)) & mask
        if following < last:
            yield from _from(longer, following, step + 1, mask, last)
