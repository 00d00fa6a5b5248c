"""Idempotency keys: a function that asks another service says which call it makes; made again, it is the same one."""

import hashlib
from contextvars import ContextVar

from sandbox.journal import Journal

_CALL: ContextVar[tuple[str, Journal, int] | None] = ContextVar("isthmus_call", default=None)


def begin_call(root_id: str, journal: Journal, number: int) -> None:
    """Note which call the current task makes; `root_id` names the first run of a line of patches and forks."""
    _CALL.set((root_id, journal, number))


def idempotency_key() -> str | None:
    """Return what the call that is being made is known by, None where the run has no id.

    The same function with the same arguments, the nth time, has the same key in a run and in all that take it over.
    """
    made = _CALL.get()
    if made is None:
        return None
    root_id, journal, number = made
    key = journal.key_of(number)
    return hashlib.sha256(f"{root_id} {key.function} {key.digest} {key.nth}".encode()).hexdigest()
