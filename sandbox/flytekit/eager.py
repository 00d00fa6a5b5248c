"""Orchestrations in Python itself, which runs in the caller's process."""

import inspect
from collections.abc import Callable
from typing import Any

from sandbox.flytekit.task import task


def eager(_fn: Callable[..., Any] | None = None, **parameters: Any) -> Any:
    """Make a task of an async function that calls templates: `await template.aio(...)`, `asyncio.gather` over several.

    Args:
        parameters: those of `task`.

    Raises:
        TypeError: it is no async function (flytekit takes sync ones as well); or as `task` does.
        ValueError: as `task` does.
    """

    def made(func: Callable[..., Any]) -> Any:
        if not inspect.iscoroutinefunction(func):
            shown = getattr(func, "__name__", repr(func))
            message = f"eager takes an async function, and {shown!r} is none: write `async def`, or use task"
            raise TypeError(message)
        return task(func, **parameters)

    return made if _fn is None else made(_fn)
