"""What a store of results is. Stores are blocking, are used from several threads at once, and never raise.

A store that cannot be read has nothing, and one that cannot be written to keeps nothing: the program is then run.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A result as it is kept."""

    text: str
    """The value as it crosses the wall, written by `sandbox.values.encode`."""
    kept_at: float
    """Seconds since the epoch."""
    seed: int | None = None
    """Of the run that it is the value of."""


class Claim(Protocol):
    """The right to be the only one that computes a result."""

    def release(self) -> None:
        """Give it up."""


class CacheStore(Protocol):
    """Keeps results by key."""

    def get(self, key: str) -> Kept | None:
        """Return what is kept, however old."""

    def put(self, key: str, kept: Kept) -> None:
        """Keep a result, instead of one that is there."""

    def claim(self, key: str) -> Claim | None:
        """Return the right to compute a result, None while somebody else has it; it ends with its process."""
