"""Isolates that are kept for a template instead of thrown away."""

import datetime
from dataclasses import dataclass
from typing import Literal

from sandbox.advice import advising
from sandbox.options import checks

_LEAST_SECONDS = 30


@advising
@dataclass(frozen=True)
class ReusePolicy:
    """How many isolates are kept, and for how long.

    Raises:
        ValueError: a field has another type or is out of bounds.
    """

    replicas: int | tuple[int, int] = 2
    """How many, or a pair (fewest, most)."""
    idle_ttl: datetime.timedelta | float = 30
    """After how long without a run all of them go, in seconds or as a timedelta; at least 30 s."""
    concurrency: int = 1
    """How many runs one may hold at once."""
    scaledown_ttl: datetime.timedelta | float = 30
    """After how long without a run one of them goes; at least 30 s."""
    scope: Literal["global", "run"] = "global"
    """Whether several runs may use the same, or only the parts of one run."""

    def __post_init__(self) -> None:
        replicas: object = self.replicas
        pair = replicas if isinstance(replicas, tuple) else (replicas, replicas)
        if len(pair) != 2:
            message = f"ReusePolicy.replicas must be a whole number or a pair (fewest, most), not {replicas!r}"
            raise ValueError(message)
        fewest, most = (checks.whole_number("ReusePolicy.replicas", one, least=0) for one in pair)
        if fewest > most:
            message = f"ReusePolicy.replicas must have fewest of at most most, not {replicas!r}"
            raise ValueError(message)
        object.__setattr__(self, "replicas", (fewest, most))
        checks.whole_number("ReusePolicy.concurrency", self.concurrency, least=1)
        for field in ("idle_ttl", "scaledown_ttl"):
            length = checks.duration(f"ReusePolicy.{field}", getattr(self, field), least=_LEAST_SECONDS)
            object.__setattr__(self, field, length)
        if self.scope not in ("global", "run"):
            message = f"ReusePolicy.scope must be 'global' or 'run', not {self.scope!r}"
            raise ValueError(message)
