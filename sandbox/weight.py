"""How heavy a value is, and where work on heavy ones is done: not on the event loop that serves everybody."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

# Work on more bytes than this is done on a thread, so that other requests go on meanwhile.
HEAVY_BYTES = 100_000
# Work on fewer is not worth counting.
_LIGHT_BYTES = 4_096

_Result = TypeVar("_Result")
_NO_STRUCTURE = bytes(set(range(256)) - set(b'",[{'))
_CONSTANT = frozenset({bool, float, type(None)})


def weight_of(value: Any, *, enough: int | None = None) -> int:
    """Return about how many bytes a value takes; stops counting soon after `enough`."""
    total, rest, bound = 0, [value], sys.maxsize if enough is None else enough
    while rest and total < bound:
        item = rest.pop()
        total += 32
        kind = type(item)
        # The types that nearly all values are of come first: asking an abstract class takes longer than all the rest.
        if kind in _CONSTANT:
            continue
        if kind is int:
            total += item.bit_length() >> 3
        elif kind is list or kind is tuple:
            rest += item
        elif kind is str:
            total += len(item)
        elif kind is dict:
            rest += item
            rest += item.values()
        else:
            total += _own_bytes(item, rest)
    return total


def is_crowded(text: bytes, max_nodes: int) -> bool:
    """Say whether JSON holds more values than that, before it is parsed; a list or an object weighs as much as four.

    Parsing holds up all threads, and makes more than its length of memory. What commas and brackets stand in texts is
    counted out only where they could be too many.
    """
    if _structure(text) <= max_nodes:
        return False
    marks = text.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _NO_STRUCTURE)
    return _structure(b"".join(marks.split(b'"')[::2])) > max_nodes


async def in_its_place(size_bytes: int, work: Callable[[], _Result]) -> _Result:
    """Do work here, or on a thread when there is much of it, or has been in this round of the event loop."""
    if size_bytes < _LIGHT_BYTES:
        return work()
    if size_bytes < HEAVY_BYTES and _round_has_room(size_bytes):
        return work()
    return await asyncio.to_thread(work)


def _own_bytes(item: Any, rest: list[Any]) -> int:
    """Return how many bytes something takes beside its parts, which are put into `rest`."""
    if isinstance(item, (str, bytes)):
        return len(item)
    if isinstance(item, Mapping):
        rest += item.keys()
        rest += item.values()
    elif isinstance(item, list | tuple | set | frozenset):
        rest += item
    elif isinstance(item, int):
        return item.bit_length() >> 3
    elif _is_record(type(item)):
        rest.append(getattr(item, "__dict__", None))
    return 0


def _is_record(kind: type) -> bool:
    return hasattr(kind, "__dataclass_fields__") or hasattr(kind, "__pydantic_fields__")


def _structure(text: bytes) -> int:
    return text.count(b",") + 4 * (text.count(b"[") + text.count(b"{"))


def _round_has_room(size_bytes: int) -> bool:
    """Take a part of what may be done in one round of the event loop: a thousand calls may settle in the same one."""
    loop = asyncio.get_running_loop()
    done = _ROUNDS.get(loop, 0)
    if done >= HEAVY_BYTES:
        return False
    if done == 0:
        loop.call_soon(_ROUNDS.pop, loop, None)
    _ROUNDS[loop] = done + size_bytes
    return True


# How much was done in the present round of each event loop; an entry lasts as long as the round.
_ROUNDS: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
