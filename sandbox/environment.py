"""A task environment: the functions of one part of a system, collected by a decorator."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar, overload

from sandbox.dispatch import HostFunction
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
    def task(self, func: Callable[P, R], /) -> AsyncFunctionTaskTemplate[P, R]: ...

    @overload
    def task(
        self, *, name: str | None = None, description: str | None = None
    ) -> Callable[[Callable[P, R]], AsyncFunctionTaskTemplate[P, R]]: ...

    def task(self, func: Any = None, *, name: str | None = None, description: str | None = None) -> Any:
        """Add a function; what it is replaced by is called like it.

        Args:
            name: what guests call it; default: its own name.
            description: what is told of it; default: its docstring.

        Raises:
            TypeError: it cannot be called, or a type of its signature cannot cross.
            ValueError: there is a task of that name already.
        """
        if func is None:
            return lambda decorated: self._add(decorated, name, description)
        return self._add(func, name, description)

    def _add(self, func: Any, name: str | None, description: str | None) -> AsyncFunctionTaskTemplate[..., Any]:
        function = HostFunction.of(func, name=name, description=description)
        if function.name in self._functions:
            message = f"Duplicate task name {function.name!r}"
            raise ValueError(message)
        self._functions[function.name] = function
        return AsyncFunctionTaskTemplate.of(function, environment=self.name)
