"""How heavy a value is, and where work on heavy ones is done: not on the event loop that serves everybody."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

# Work on more bytes than this is done on a thread, so that other requests go on meanwhile.
HEAVY_BYTES = 100_000

_Result = TypeVar("_Result")


def weight_of(value: Any, *, enough: int | None = None) -> int:
    """Return about how many bytes a value takes; stops counting soon after `enough`."""
    total, rest = 0, [value]
    while rest and (enough is None or total < enough):
        item = rest.pop()
        total += 32
        if isinstance(item, str | bytes):
            total += len(item)
        elif isinstance(item, Mapping):
            rest.extend(item.keys())
            rest.extend(item.values())
        elif isinstance(item, list | tuple | set | frozenset):
            rest.extend(item)
        elif isinstance(item, int):
            total += item.bit_length() >> 3
        elif item is not None and type(item) is not float and _is_record(type(item)):
            rest.append(getattr(item, "__dict__", None))
    return total


def _is_record(kind: type) -> bool:
    return hasattr(kind, "__dataclass_fields__") or hasattr(kind, "__pydantic_fields__")


async def in_its_place(size_bytes: int, work: Callable[[], _Result]) -> _Result:
    """Do work on a thread when there is much of it, else here."""
    return work() if size_bytes < HEAVY_BYTES else await asyncio.to_thread(work)
