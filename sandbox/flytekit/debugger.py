"""Stops a task in the debugger before its first line, where the environment asks for that."""

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

FLYTE_ENABLE_VSCODE_KEY = "_F_E_VS"
"""The environment variable, Flyte's; on with `1`, `true`, `t`, `yes`, `y` and `on`."""
_ON = frozenset({"1", "true", "t", "yes", "y", "on"})


def decorate_function(fn: F) -> F:
    """Return the function itself, unless the variable is set: then one that calls `breakpoint()` before it.

    Which debugger that is says `PYTHONBREAKPOINT`, as everywhere in Python. Flyte starts an editor instead.
    """
    if os.environ.get(FLYTE_ENABLE_VSCODE_KEY, "").lower() not in _ON:
        return fn
    wrapped: Any = _stopping_async(fn) if inspect.iscoroutinefunction(fn) else _stopping(fn)
    return wrapped  # type: ignore[no-any-return]  # called like the function


def _stopping(fn: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fn)
    def stopped(*args: Any, **kwargs: Any) -> Any:
        breakpoint()
        return fn(*args, **kwargs)

    return stopped


def _stopping_async(fn: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fn)
    async def stopped(*args: Any, **kwargs: Any) -> Any:
        breakpoint()
        return await fn(*args, **kwargs)

    return stopped
