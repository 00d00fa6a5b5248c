"""A task environment: the functions of one part of a system, collected by a decorator."""

import weakref
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar, overload

from sandbox.dispatch import HostFunction
from sandbox.interface import NativeInterface
from sandbox.options import Documentation
from sandbox.templates.function import AsyncFunctionTaskTemplate

P = ParamSpec("P")
R = TypeVar("R")


class TaskEnvironment:
    """A named set of functions that guests may be allowed to call.

    env = TaskEnvironment(name="shop")

    @env.task
    def price(sku: str) -> float: ...
    """

    def __init__(self, name: str) -> None:
        if not name:
            message = f"a TaskEnvironment needs a name, not {name!r}"
            raise ValueError(message)
        self.name = name
        self._functions: dict[str, HostFunction] = {}

    @property
    def functions(self) -> Mapping[str, HostFunction]:
        """Name -> function, in the order in which they were defined."""
        return MappingProxyType(self._functions)

    @overload
    def task(self, func: Callable[P, R]) -> AsyncFunctionTaskTemplate[P, R]: ...

    @overload
    def task(
        self, *, name: str | None = None, description: str | None = None, **parameters: Any
    ) -> Callable[[Callable[P, R]], AsyncFunctionTaskTemplate[P, R]]: ...

    def task(
        self, func: Any = None, *, name: str | None = None, description: str | None = None, **parameters: Any
    ) -> Any:
        """Add a function; what it is replaced by is called like it.

        Args:
            name: what guests call it; default: its own name.
            description: what is told of it; default: its docstring.
            parameters: those of `AsyncFunctionTaskTemplate`, such as `effect`, `timeout`, `retries` and `rate`.

        Raises:
            TypeError: it cannot be called, a type of its signature cannot cross, or there is no such parameter.
            ValueError: there is a task of that name already, or a parameter has a value that is not supported.
        """
        if func is None:
            return lambda decorated: self._add(decorated, name, description, parameters)
        return self._add(func, name, description, parameters)

    def _add(
        self, func: Any, name: str | None, description: str | None, parameters: Mapping[str, Any]
    ) -> AsyncFunctionTaskTemplate[..., Any]:
        known = HostFunction.of(func, name=name, description=description)
        if known.name in self._functions:
            message = f"Duplicate task name {known.name!r}"
            raise ValueError(message)
        described: dict[str, Any] = {"docs": Documentation(known.description)} if description is not None else {}
        template = AsyncFunctionTaskTemplate[..., Any](
            name=f"{self.name}.{known.title}",
            interface=NativeInterface.from_callable(func),
            func=func,
            parent_env=weakref.ref(self),
            parent_env_name=self.name,
            **{**described, "short_name": known.title, **parameters},
        )
        self._functions[known.name] = template.as_function()
        return template
