"""Counts the bytes of values that cross: of each, and of all in a run, which the host keeps until the run ends."""

from sandbox import values
from sandbox.limits import Limits


class LimitReached(Exception):
    """A guest asks for more than a limit allows, or is to be told more: the run ends.

    Attributes:
        limit: a field of `Limits`, or one of `values.BOUNDS`.
        detail: with what, and how much that is; empty where that is not known.
        line: of the program, 0 when unknown.
        memory_bytes: what the guest had of it, None where it did not say.
    """

    def __init__(self, limit: str, detail: str = "", line: int = 0, memory_bytes: int | None = None) -> None:
        super().__init__(limit, detail, line)
        self.limit = limit
        self.detail = detail
        self.line = line
        self.memory_bytes = memory_bytes


class Crossing:
    """The bytes of all values of one run so far."""

    def __init__(self, limits: Limits) -> None:
        self._most_each = limits.value_bytes
        self._most = limits.run_bytes()
        self._bytes = 0

    def take_inputs(self, size: int) -> None:
        """Count the inputs, which were checked together."""
        self._bytes += size

    def take(self, text: str, what: str, line: int) -> None:
        """Count the text of a value.

        Raises:
            LimitReached: it is too long, or one too many.
        """
        size = size_of(text)
        if size > self._most_each:
            raise LimitReached("value_bytes", detail_of("value_bytes", what, used=size), line)
        self._bytes += size
        if self._bytes > self._most:
            both = f"{self._bytes:,} bytes; together they may take {self._most:,}"
            raise LimitReached("value_bytes", f"all values of the run, up to {what}: {both}", line)


def size_of(text: str) -> int:
    """Return how many bytes a text takes in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def detail_of(limit: str, what: str, *, used: int | None = None, path: str = "$") -> str:
    """Return what is too much of `what`: so many bytes, or levels, of which there are too many at `path`."""
    if limit == "value_bytes":
        return f"{what}: {used:,} bytes"
    return f"{what}, at {path}: nested deeper, or containing itself" if limit == "value_levels" else what


def allowed_by(limits: Limits, limit: str) -> float:
    """Return how much a limit allows."""
    return values.BOUNDS[limit] if limit in values.BOUNDS else getattr(limits, limit)
