"""What outlives its request, for how long, and how much of it."""

from dataclasses import dataclass

from service.store.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The bounds of what is kept of runs."""

    hold_seconds: float
    """How long an interpreter waits with a run that was suspended."""
    seconds: float
    """How long runs that ended are kept."""
    runs: int
    """How many of them, of each tenant."""
    most: Usage
    """What a tenant may have that has no bounds of its own."""
