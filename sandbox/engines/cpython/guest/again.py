"""What an isolate that is reused keeps from one run of its program to the next, and what it forgets.

The compiled program and the modules stay, with whatever state the modules have. Forgotten is what a run had of its
own: its names and all that they held, its handles, its classes, its context variables, its random numbers.
"""

import contextvars
import gc
from collections.abc import Callable
from typing import Any

from sandbox.engines.cpython.guest import guards, handles, kinds, owners
from sandbox.engines.cpython.guest.transformer import Compiled
from sandbox.engines.cpython.guest.turns import TURNS

_PROGRAM: list[tuple[str, Compiled]] = []


def keep(source: str, compiled: Compiled) -> None:
    """Keep the program of this isolate for its further runs."""
    if not _PROGRAM:
        _PROGRAM.append((source, compiled))


def source() -> str:
    """Return the source of the program of this isolate."""
    return _PROGRAM[0][0]


def compiled() -> Compiled:
    """Return the program of this isolate."""
    return _PROGRAM[0][1]


def in_own_context(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function without any context variable, so that what it sets, as for `decimal`, ends with it."""
    return contextvars.Context().run(function, *arguments)


def tidy() -> None:
    """Forget the run that has ended, and free what it left: objects of its own that end now do so at its expense."""
    if not _PROGRAM:  # it was refused, and nothing has run
        return
    TURNS.let_go()
    for forget in (owners.forget, kinds.forget, guards.TEXTS.clear, handles.forget):
        forget()
    gc.collect()
