"""Remembers, while a union tries its members, what became of each record in the value.

Two records of a union that contain that union again would otherwise take every value below them twice, and what is
below those four times: `Sum | Product` on a formula of depth 60 would not come to an end.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sandbox.errors import ValueRejected

# (type, value, form) -> the value itself, which keeps its id taken, and what became of it.
_Results = dict[tuple[int, int, str], tuple[Any, Any]]
_RESULTS: ContextVar[_Results | None] = ContextVar("_RESULTS", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Remember what `once` finds, until the outermost of these blocks ends."""
    if _RESULTS.get() is not None:
        yield
        return
    token = _RESULTS.set({})
    try:
        yield
    finally:
        _RESULTS.reset(token)


def once(kind: object, value: Any, form: str, convert: Callable[[], Any]) -> Any:
    """Return what `convert` makes of the value; inside `remembering`, it is asked only once for each value and form."""
    results = _RESULTS.get()
    if results is None:
        return convert()
    key = (id(kind), id(value), form)
    if key not in results:
        results[key] = (value, _outcome(convert))
    outcome = results[key][1]
    if isinstance(outcome, ValueRejected):
        raise ValueRejected(outcome.path, outcome.reason)
    return outcome


def _outcome(convert: Callable[[], Any]) -> Any:
    try:
        return convert()
    except ValueRejected as error:
        return error.with_traceback(None)
