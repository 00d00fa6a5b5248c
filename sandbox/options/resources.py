"""What a task asks of the machine that it runs on, in the units of Kubernetes."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.advice import advising

_QUANTITY = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)(m|k|K|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
_DEVICE = re.compile(r"[A-Za-z][\w ]{0,60}:[1-9]\d{0,3}")
_UNITS = {
    "m": Decimal("0.001"),
    "": Decimal(1),
    **{unit: Decimal(1_000) ** power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    "K": Decimal(1_000),
    **{unit: Decimal(1_024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
}


@advising
@dataclass(frozen=True)
class Resources:
    """Processor, memory and devices.

    Raises:
        ValueError: a field is no quantity, or a request is larger than its limit.
    """

    cpu: Any = None
    """Cores: a number, a text such as `500m`, or a pair (request, limit)."""
    memory: str | tuple[str, str] | None = None
    """Bytes: a text such as `512Mi` or `1G`, or a pair (request, limit)."""
    gpu: str | int | None = None
    """How many, or which and how many as in `T4:1`."""
    disk: str | None = None
    """Bytes: a text such as `10Gi`."""
    shm: str | None = None
    """Bytes of shared memory: a text such as `1Gi`, or `auto`."""

    def __post_init__(self) -> None:
        _check("cpu", self.cpu, numbers=True, pair=True)
        _check("memory", self.memory, pair=True)
        _check("disk", self.disk)
        if self.shm != "auto":
            _check("shm", self.shm)
        gpu: object = self.gpu
        counted = isinstance(gpu, int) and not isinstance(gpu, bool) and gpu >= 0
        named = isinstance(gpu, str) and _DEVICE.fullmatch(gpu)
        if gpu is not None and not counted and not named:
            message = f"Resources.gpu must be a number of devices, or a text such as 'T4:1', not {gpu!r}"
            raise ValueError(message)

    def memory_bytes(self) -> int | None:
        """Return the limit side of `memory` in bytes, None when it was not given."""
        limit = self.memory[1] if isinstance(self.memory, tuple) else self.memory
        return None if limit is None else int(_amount(limit))

    def gpu_count(self) -> int:
        """Return how many devices are asked for, 0 when none are."""
        return int(self.gpu.rpartition(":")[2]) if isinstance(self.gpu, str) else self.gpu or 0


def _check(field: str, value: object, *, numbers: bool = False, pair: bool = False) -> None:
    if value is None:
        return
    parts = value if pair and isinstance(value, tuple) else (value,)
    if not all(_is_quantity(part, numbers=numbers) for part in parts) or len(parts) != (2 if parts is value else 1):
        example = "a number of cores or a text such as '500m'" if numbers else "a text such as '512Mi' or '1G'"
        pairs = ", or a pair of them (request, limit)" if pair else ""
        message = f"Resources.{field} must be {example}{pairs}, not {value!r}"
        raise ValueError(message)
    if len(parts) == 2 and _amount(parts[0]) > _amount(parts[1]):
        message = f"Resources.{field} must have a request of at most its limit, not {value!r}"
        raise ValueError(message)


def _is_quantity(value: object, *, numbers: bool) -> bool:
    if isinstance(value, str):
        return _QUANTITY.fullmatch(value) is not None
    return numbers and isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _amount(quantity: Any) -> Decimal:
    match = _QUANTITY.fullmatch(quantity) if isinstance(quantity, str) else None
    return Decimal(str(quantity)) if match is None else Decimal(match[1]) * _UNITS[match[2] or ""]
