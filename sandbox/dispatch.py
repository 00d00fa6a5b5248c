"""One call of a Python function by a guest: arguments bound to its signature, sync on a thread, async on the loop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFunction:
    """A whitelisted Python function."""

    name: str
    call: Callable[..., Any]
    is_async: bool
