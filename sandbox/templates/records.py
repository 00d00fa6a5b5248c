"""Listening to a template's run: what became of it, for whoever asked to be told more than its value."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from sandbox.execute import Finished

_TOLD: ContextVar[list[Finished] | None] = ContextVar("_TOLD", default=None)


@contextlib.contextmanager
def listening() -> Iterator[list[Finished]]:
    """Collect what the runs of the one template that is called in this block became."""
    told: list[Finished] = []
    token = _TOLD.set(told)
    try:
        yield told
    finally:
        _TOLD.reset(token)


@contextlib.contextmanager
def telling() -> Iterator[list[Finished] | None]:
    """Give whom to tell; the templates that are called as functions in this block tell nobody."""
    told = _TOLD.get()
    token = _TOLD.set(None)
    try:
        yield told
    finally:
        _TOLD.reset(token)
