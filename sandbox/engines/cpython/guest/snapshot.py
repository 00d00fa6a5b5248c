"""Shapes the memory that every isolate starts from, so that a short program writes to few pages.

A fresh isolate shares its pages with the compiled file until it writes to them, and the first write to each costs a
page fault: that is most of what a short program costs. So the interpreter's caches are filled by running typical
programs while the guest is built, and then the holes that building left all over the heap are filled with
objects that stay: what a program allocates then lies together, on new pages.
"""

import gc
from collections.abc import Callable

# pymalloc serves up to 512 bytes in steps of 16; larger objects come from the C library's allocator.
_SMALL = range(48, 513, 16)
_LARGE = (600, 800, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000, 48_000)
_MOST_OBJECTS = 200_000
_BYTES_HEADER = 33

_FILLING: list[bytes] = []


def shape(warm_up: Callable[[], None]) -> None:
    """Run `warm_up`, then fill the heap's holes; the last thing to do while the guest is built."""
    warm_up()
    gc.collect()
    for size in (*reversed(_LARGE), *_SMALL):
        _fill(size)
    gc.collect()
    gc.freeze()


def _fill(size: int) -> None:
    """Allocate objects of one size until one lies above everything that there is."""
    top = id(bytes(1_000_000))
    for _ in range(_MOST_OBJECTS):
        filling = bytes(size - _BYTES_HEADER)
        _FILLING.append(filling)
        if id(filling) > top:
            return
