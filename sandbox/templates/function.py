"""Templates of Python functions, which run where they are called, without a sandbox."""

import asyncio
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

from sandbox.dispatch import HostFunction
from sandbox.interface import NativeInterface
from sandbox.templates.template import TaskTemplate

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(kw_only=True, eq=False)
class AsyncFunctionTaskTemplate(TaskTemplate, Generic[P, R]):
    """A function, sync or async. Calling the template calls the function."""

    func: Callable[P, R]
    plugin_config: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_plugin_config()
        self._host_function: HostFunction | None = None

    @staticmethod
    def of(function: HostFunction, *, environment: str) -> "AsyncFunctionTaskTemplate[..., Any]":
        """Return the template of a function that belongs to an environment."""
        template = AsyncFunctionTaskTemplate(
            name=f"{environment}.{function.name}",
            interface=NativeInterface.from_callable(function.call),
            func=function.call,
        )
        template._host_function = function
        functools.update_wrapper(template, function.call, updated=())
        template.__name__ = function.name  # type: ignore[attr-defined]  # as functions have one
        return template

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function; a coroutine function gives a coroutine."""
        return self.forward(*args, **kwargs)

    def forward(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.func(*args, **kwargs)

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, on a thread when it is a sync one."""
        if inspect.iscoroutinefunction(self.func):
            return await self.func(*args, **kwargs)
        return await asyncio.to_thread(self.func, *args, **kwargs)

    def as_function(self) -> HostFunction:
        """Return the function that a guest calls under the template's name."""
        if self._host_function is None:
            self._host_function = HostFunction.of(self.func)
        return self._host_function

    def _check_plugin_config(self) -> None:
        if self.plugin_config is not None:
            message = f"plugin_config is not supported yet for {type(self).__name__}: leave it out"
            raise ValueError(message)
