"""The environment variables of one program: those that the host handed over, and no others.

A program gets a dictionary of its own, as Python programs write to theirs: what it puts there nobody else reads, least
of all the libraries of the guest, which see the interpreter's environment. That one is empty.
"""

import os
from typing import Any

_ENVIRON: dict[str, str] = {}


def begin(variables: dict[str, str], *, guarded: bool) -> None:
    """Set what the program finds; without the policy it imports the interpreter's own `os`."""
    _ENVIRON.clear()
    _ENVIRON.update(variables)
    if not guarded:
        os.environ.clear()
        os.environ.update(variables)


def getenv(key: str, default: Any = None) -> Any:
    """`os.getenv` of programs."""
    if not isinstance(key, str):
        raise TypeError(f"str expected, not {type(key).__name__}")
    return _ENVIRON.get(key, default)


IN_OS: dict[str, Any] = {"environ": _ENVIRON, "getenv": getenv}
