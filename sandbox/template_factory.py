"""Makes the sandboxed templates of an environment: `env.sandbox.orchestrator` in its three forms."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from types import NoneType
from typing import Any, Protocol, overload

from sandbox.advice import check_names
from sandbox.interface import NativeInterface
from sandbox.options import Cache, Image, Resources, SandboxedConfig, Secret
from sandbox.orchestrator import DEFAULT_NAME, orchestrator_from_str
from sandbox.templates.code import CodeTaskTemplate
from sandbox.templates.sandboxed import SandboxedTaskTemplate
from sandbox.templates.template import TaskTemplate

_CONFIGURED = ("max_memory", "max_stack_depth", "timeout_ms", "type_check")

# Known from the function.
_OF_FUNCTION = ("name", "interface", "func")
_OF_ENVIRONMENT = ("image", "resources", "cache", "env_vars", "secrets")


class Environment(Protocol):
    """What is asked of an environment."""

    name: str
    image: str | Image | None
    resources: Resources | None
    cache: str | Cache
    env_vars: dict[str, str] | None
    secrets: tuple[Secret, ...] | None
    plugin_config: SandboxedConfig | None

    def adopt(self, template: TaskTemplate) -> None:
        """Take a template in."""


class TemplateFactory:
    """Makes sandboxed templates for one environment."""

    def __init__(self, env: Environment) -> None:
        self._env = env

    @overload
    def orchestrator(self, func: Callable[..., Any], /) -> SandboxedTaskTemplate: ...

    @overload
    def orchestrator(
        self,
        source: str,
        /,
        *,
        tasks: Iterable[Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        output: Any = NoneType,
        name: str | None = None,
        **parameters: Any,
    ) -> CodeTaskTemplate: ...

    @overload
    def orchestrator(
        self, /, *, name: str | None = None, **parameters: Any
    ) -> Callable[[Callable[..., Any]], SandboxedTaskTemplate]: ...

    def orchestrator(self, func_or_source: Any = None, /, *, name: str | None = None, **parameters: Any) -> Any:
        """Make a sandboxed template: of a function, as a decorator with or without arguments, or of a code string.

        A function is named `environment.function`. What it uses of its module is carried along: helpers and classes
        as source, constants as the values that they have now, tasks as functions that it may call.

        Args:
            name: another name; code strings without one are not listed in the environment.
            parameters: `max_memory`, `max_stack_depth`, `timeout_ms` and `type_check` of `SandboxedConfig`, and those
                of every template; for code strings also `tasks`, `inputs` and `output`.

        Raises:
            TypeError: it is neither a function nor a text, uses something that cannot be carried along, or a parameter
                has a value of another type.
            ValueError: there is a task of that name already, or a parameter has a value that is not supported.
        """
        settled = self._settled(parameters)
        if isinstance(func_or_source, str):
            file = sys._getframe(1).f_code.co_filename  # noqa: SLF001 - there is no other way
            return self._of_source(func_or_source, name, {"_user_file": file, **settled})
        self._check_parameters(parameters)
        if func_or_source is None:
            return lambda func: self._of_function(func, name, settled)
        if not callable(func_or_source):
            message = f"orchestrator() takes a function, a code string, or parameters by name, not {func_or_source!r}"
            raise TypeError(message)
        return self._of_function(func_or_source, name, settled)

    def _check_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Refuse what a decorator would refuse only when it meets its function, and in words about another class."""
        known = [*_CONFIGURED, *(one.name for one in fields(SandboxedTaskTemplate) if one.name not in _OF_FUNCTION)]
        check_names("orchestrator()", parameters, known)

    def _settled(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters, with those of the environment where nothing else was given."""
        env = self._env
        given = {key: value for key, value in parameters.items() if key not in _CONFIGURED}
        configured = {key: value for key, value in parameters.items() if key in _CONFIGURED}
        if configured and given.get("plugin_config") is not None:
            message = f"{next(iter(configured))} and plugin_config were both given: put it into the SandboxedConfig"
            raise ValueError(message)
        config = given.get("plugin_config") or env.plugin_config or SandboxedConfig()
        if configured:
            config = SandboxedConfig(**{**{key: getattr(config, key) for key in _CONFIGURED}, **configured})
        own = {name: getattr(env, name) for name in _OF_ENVIRONMENT}
        return {**own, **given, "plugin_config": config}

    def _of_source(self, source: str, name: str | None, settled: dict[str, Any]) -> CodeTaskTemplate:
        inputs = settled.pop("inputs", None) or {}
        template = orchestrator_from_str(source, inputs=inputs, name=name or DEFAULT_NAME, **settled)
        if name is not None:
            self._env.adopt(template)
        return template

    def _of_function(self, func: Any, name: str | None, settled: dict[str, Any]) -> SandboxedTaskTemplate:
        template = SandboxedTaskTemplate(
            name=name or f"{self._env.name}.{getattr(func, '__name__', 'function')}",
            interface=NativeInterface.from_callable(func),
            func=func,
            **{"short_name": getattr(func, "__name__", ""), **settled},
        )
        template.check_source()
        self._env.adopt(template)
        return template
