"""A task environment: functions and sandboxed templates of one part of a system, collected by decorators."""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, ParamSpec, TypeGuard, TypeVar, overload

from sandbox.advice import advising_but, check_names
from sandbox.dispatch import HostFunction
from sandbox.interface import NativeInterface
from sandbox.options import Cache, Documentation, Image, Resources, SandboxedConfig, Secret
from sandbox.options import env_vars as checked_env_vars
from sandbox.template_factory import TemplateFactory
from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.plugins import TaskPluginRegistry
from sandbox.templates.sandboxed import SandboxedTaskTemplate
from sandbox.templates.template import TaskTemplate

P = ParamSpec("P")
R = TypeVar("R")


# What of a template is known from its function, and what is not.
_OF_FUNCTION = ("name", "interface", "func")
_PARAMETERS = tuple(one.name for one in fields(AsyncFunctionTaskTemplate) if one.name not in _OF_FUNCTION)


# What Flyte's environments have and these do not.
_OF_FLYTE = ("depends_on", "include", "interruptible", "pod_template", "queue", "reusable", "service_account")


@advising_but(*_OF_FLYTE)
class TaskEnvironment:
    """A named set of functions that guests may be allowed to call, and of templates that run in isolates.

    env = TaskEnvironment(name="shop")

    @env.task
    def price(sku: str) -> float: ...

    @env.sandbox.orchestrator
    def total(skus: list[str]) -> float:
        return sum(flyte_map("price", skus))
    """

    def __init__(
        self,
        name: str,
        *,
        image: str | Image | None = "auto",
        resources: Resources | None = None,
        cache: str | Cache = "disable",
        env_vars: dict[str, str] | None = None,
        secrets: str | Secret | list[str | Secret] | tuple[Secret, ...] | None = None,
        plugin_config: SandboxedConfig | None = None,
        description: str = "",
        **missing: Any,
    ) -> None:
        """Make an environment.

        Args:
            name: the first part of its templates' names.
            image, resources, cache, env_vars, plugin_config: of its sandboxed templates, unless they say otherwise; its
                functions run in the caller's process, which they do not bound.
            secrets: of its sandboxed templates and of its functions, unless they say otherwise.
            description: what is told of it.
            missing: what Flyte's environments also have; refused by name.

        Raises:
            TypeError: a parameter has a value of another type, or there is none of its name.
            ValueError: the name is empty, or a parameter of Flyte's is not supported yet.
        """
        if not name:
            message = f"a TaskEnvironment needs a name, not {name!r}"
            raise ValueError(message)
        if missing:
            message = f"TaskEnvironment({next(iter(missing))}=...) is not supported yet: leave it out"
            raise ValueError(message)
        self.name = name
        self.description = description
        self.image, self.resources, self.plugin_config = image, resources, plugin_config
        self.cache: str | Cache = Cache.of(cache)
        self.env_vars = None if env_vars is None else checked_env_vars(env_vars)
        self.secrets = None if secrets is None else Secret.all_of(secrets)
        self._functions: dict[str, HostFunction] = {}
        self._tasks: dict[str, TaskTemplate] = {}

    @classmethod
    def from_task(cls, name: str, *tasks: TaskTemplate) -> "TaskEnvironment":
        """Return an environment of templates that belong to none yet; those of functions are its functions.

        Raises:
            TypeError: one is no template.
            ValueError: one belongs to another environment, or two have one name or different images.
        """
        for task in tasks:
            _check_free(task)
        images = {task.image for task in tasks}
        if len(images) > 1:
            message = "Tasks must have the same image to be in the same environment."
            raise ValueError(message)
        env = cls(name, image=images.pop() if images else "auto")
        for task in tasks:
            # Before it is taken in: programs call it by the name that it has had.
            function = task.as_function() if _is_function(task) else None
            env.adopt(task)
            if function is not None:
                env._list(function)
        return env

    @property
    def functions(self) -> Mapping[str, HostFunction]:
        """Name -> function made by `task`, in the order in which they were defined."""
        return MappingProxyType(self._functions)

    @property
    def tasks(self) -> Mapping[str, TaskTemplate]:
        """Full name -> template, in the order in which they were defined."""
        return MappingProxyType(self._tasks)

    @property
    def sandbox(self) -> TemplateFactory:
        """What makes sandboxed templates of this environment: `env.sandbox.orchestrator`."""
        return TemplateFactory(self)

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
            parameters: those of `AsyncFunctionTaskTemplate`, such as `effect`, `timeout`, `retries` and `rate`; with a
                `plugin_config`, the class of the template is the one that is registered for its type.

        Raises:
            TypeError: it cannot be called, a type of its signature cannot cross, or there is no such parameter.
            ValueError: there is a task of that name already, or a parameter has a value that is not supported.
        """
        if parameters.get("plugin_config") is None:
            check_names("task()", parameters, _PARAMETERS)
        if func is None:
            return lambda decorated: self._add(decorated, name, description, parameters)
        return self._add(func, name, description, parameters)

    def adopt(self, template: TaskTemplate) -> None:
        """Take a template in.

        Raises:
            ValueError: there is one of that name already.
        """
        if template.name in self._tasks:
            message = f"Duplicate task name {template.name!r}: rename one of them"
            raise ValueError(message)
        self._tasks[template.name] = template
        template.parent_env, template.parent_env_name = weakref.ref(self), self.name

    def _add(
        self, func: Any, name: str | None, description: str | None, parameters: Mapping[str, Any]
    ) -> AsyncFunctionTaskTemplate[..., Any]:
        known = HostFunction.of(func, name=name, description=description)
        if known.name in self._functions:
            message = f"Duplicate task name {known.name!r}: rename one of them"
            raise ValueError(message)
        described: dict[str, Any] = {"docs": Documentation(known.description)} if description is not None else {}
        config = parameters.get("plugin_config")
        kind = AsyncFunctionTaskTemplate if config is None else TaskPluginRegistry.needed(config)
        template: AsyncFunctionTaskTemplate[..., Any] = kind(
            name=f"{self.name}.{known.title}",
            interface=NativeInterface.from_callable(func),
            func=func,
            parent_env_name=self.name,
            **{**described, "short_name": known.title, "secrets": self.secrets, **parameters},
        )
        self.adopt(template)
        self._functions[known.name] = template.as_function()
        return template

    def _list(self, function: HostFunction) -> None:
        if self._functions.setdefault(function.name, function) is not function:
            message = f"Duplicate task name {function.name!r}: rename one of them"
            raise ValueError(message)


def _is_function(task: TaskTemplate) -> TypeGuard[AsyncFunctionTaskTemplate[..., Any]]:
    return isinstance(task, AsyncFunctionTaskTemplate) and not isinstance(task, SandboxedTaskTemplate)


def _check_free(task: object) -> None:
    if not isinstance(task, TaskTemplate):
        message = f"from_task takes templates, not {task!r}"
        raise TypeError(message)
    if task.parent_env is not None and task.parent_env() is not None:
        message = f"{task.name!r} belongs to the environment {task.parent_env_name!r}: a task has one only"
        raise ValueError(message)
