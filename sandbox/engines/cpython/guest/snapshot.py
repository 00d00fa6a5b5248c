"""Shapes the memory that every isolate starts from, so that a short program writes to few pages.

A fresh isolate shares its pages with the compiled file until it writes to them, and the first write to each costs a
page fault: that is most of what a short program costs. So the interpreter's caches are filled by running typical
programs while the guest is built; all objects that there are then become immortal, so that using one does not write to
it; and the holes that building left all over the heap are filled with objects that stay: what a program allocates then
lies together, on new pages.
"""

import gc
from collections.abc import Callable
from typing import Any

from immortal import immortal

# pymalloc serves up to 512 bytes in steps of 16; larger objects come from the C library's allocator.
_SMALL = range(48, 513, 16)
_LARGE = (600, 800, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000, 48_000)
_MOST_OBJECTS = 200_000
_BYTES_HEADER = 33

_FILLING: list[bytes] = []


def shape(warm_up: Callable[[], None]) -> None:
    """Run `warm_up`, make all objects immortal, fill the holes of the heap; the last step of building the guest."""
    warm_up()
    gc.collect()
    _make_all_immortal()
    for size in (*reversed(_LARGE), *_SMALL):
        _fill(size)
    gc.collect()
    gc.freeze()


def _make_all_immortal() -> None:
    """Have the interpreter count no references to what there is: it would write to whatever it looks at."""
    rest: list[Any] = gc.get_objects()
    while rest:
        one = rest.pop()
        if immortal(one):
            rest += gc.get_referents(one)


def _fill(size: int) -> None:
    """Allocate objects of one size until one lies above everything that there is."""
    top = id(bytes(1_000_000))
    for _ in range(_MOST_OBJECTS):
        filling = bytes(size - _BYTES_HEADER)
        _FILLING.append(filling)
        if id(filling) > top:
            return
