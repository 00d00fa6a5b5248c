"""How long a run may take."""

import datetime
from dataclasses import dataclass

from sandbox.advice import advising
from sandbox.options import checks

_Length = datetime.timedelta | float | None


@advising
@dataclass(frozen=True)
class Timeout:
    """Bounds of time, each in seconds or as a timedelta; None and 0 mean none.

    Raises:
        ValueError: a field has another type, or is negative.
    """

    max_runtime: _Length = None
    """Of one attempt, waiting for functions and for a worker included."""
    max_queued_time: _Length = None
    """Of one attempt's waiting for a worker."""
    deadline: _Length = None
    """Of all attempts together, with the pauses between them."""

    def __post_init__(self) -> None:
        for field in ("max_runtime", "max_queued_time", "deadline"):
            value = getattr(self, field)
            length = None if value is None else checks.duration(f"Timeout.{field}", value)
            object.__setattr__(self, field, length or None)

    @staticmethod
    def of(request: object) -> "Timeout":
        """Return what a `timeout=` parameter stands for: a bare length is `max_runtime`.

        Raises:
            ValueError: it is no length of time.
        """
        if isinstance(request, Timeout):
            return request
        return Timeout() if request is None else Timeout(max_runtime=checks.duration("timeout", request))

    def seconds(self, field: str) -> float | None:
        """Return a bound in seconds, None when there is none."""
        length: datetime.timedelta | None = getattr(self, field)
        return None if length is None else length.total_seconds()
