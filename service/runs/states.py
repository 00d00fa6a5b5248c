"""The states of a run, and which may follow which: the only place that says so."""

from typing import Literal, get_args

Status = Literal["queued", "running", "suspended", "completed", "failed", "cancelled", "expired"]
STATUSES: tuple[Status, ...] = get_args(Status)

_NEXT: dict[Status, frozenset[Status]] = {
    "queued": frozenset({"running", "failed", "cancelled"}),
    "running": frozenset({"queued", "suspended", "completed", "failed", "cancelled", "expired"}),
    "suspended": frozenset({"running", "queued", "cancelled", "expired", "failed"}),
    "completed": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}


def is_final(status: Status) -> bool:
    """Say whether nothing can follow."""
    return not _NEXT[status]


def may_follow(before: Status, after: Status) -> bool:
    """Say whether a run may go from one state to another."""
    return after in _NEXT[before]


def read_status(text: str) -> Status:
    """Return the status that a row names.

    Raises:
        ValueError: there is none of that name.
    """
    for one in STATUSES:
        if one == text:
            return one
    message = f"no status is named {text[:40]!r}; statuses: {', '.join(STATUSES)}"
    raise ValueError(message)
