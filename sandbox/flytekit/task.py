"""`task` with the parameters of flytekit: each is that of `@env.task` under its older name, or is refused by name."""

from collections.abc import Callable
from typing import Any

from sandbox.environment import TaskEnvironment
from sandbox.flytekit.debugger import decorate_function
from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.parameters import MISSING
from sandbox.templates.plugins import TaskPluginRegistry

# flytekit's name -> the name here.
_NAMES = {
    "task_config": "plugin_config",
    "retries": "retries",
    "timeout": "timeout",
    "secret_requests": "secrets",
    "docs": "docs",
    "environment": "env_vars",
    "interruptible": "interruptible",
    "resources": "resources",
    "pod_template": "pod_template",
    "pod_template_name": "pod_template",
    "enable_deck": "report",
    "task_resolver": "task_resolver",
    "cache": "cache",
}
# flytekit's name -> why there is nothing that it could do.
_WITHOUT_MEANING = {
    "cache_serialize": "pass cache=Cache(..., serialize=True) to the template that calls the function",
    "cache_version": "pass cache=Cache(..., version_override=...) to the template that calls the function",
    "cache_ignore_input_vars": "pass cache=Cache(..., ignored_inputs=...) to the template that calls the function",
    "deprecated": "say it in the docstring, which is told of the function",
    "container_image": "a function runs in the process that calls it",
    "requests": "a function runs in the process that calls it",
    "limits": "a function runs in the process that calls it",
    "execution_mode": "a function is called, and nothing else; @eager is for orchestrations",
    "node_dependency_hints": "what a function calls is found when it runs",
    "disable_deck": "there is no deck unless enable_deck asks for it",
    "deck_fields": "a report tells of a program, and a function is none",
    "accelerator": "a function runs in the process that calls it",
    "pickle_untyped": "nothing is pickled: values cross by value",
    "shared_memory": "a function runs in the process that calls it",
    "labels": "a function runs in no pod of its own",
    "annotations": "a function runs in no pod of its own",
}
_NOTHING: tuple[object, ...] = (None, False, "", (), [], {}, 0)


def task(_task_function: Callable[..., Any] | None = None, **parameters: Any) -> Any:
    """Make a task of a function, as `@env.task` of an environment that has the name of the function's module.

    Args:
        parameters: flytekit's, by name: `task_config`, `retries`, `timeout`, `secret_requests` and `docs`. A plugin
            that is registered for the type of `task_config` may have a use for `environment`, `interruptible`,
            `resources`, `pod_template`, `pod_template_name`, `enable_deck`, `task_resolver` and `cache`. Each may be
            given the value that asks for nothing.

    Raises:
        TypeError: flytekit has no such parameter, or it has a value of another type.
        ValueError: it has no meaning here, or a value that it cannot have.
    """
    settled = _settled(parameters)

    def made(func: Callable[..., Any]) -> Any:
        env = TaskEnvironment(name=getattr(func, "__module__", None) or "task")
        return env.task(decorate_function(func), **settled)

    return made if _task_function is None else made(_task_function)


def _settled(parameters: dict[str, Any]) -> dict[str, Any]:
    for name in parameters:
        if name not in _NAMES and name not in _WITHOUT_MEANING:
            message = f"task() got an unexpected parameter {name!r}; parameters: {', '.join(_NAMES)}"
            raise TypeError(message)
    given = {name: value for name, value in parameters.items() if not _asks_for_nothing(value)}
    config = given.get("task_config")
    kind = AsyncFunctionTaskTemplate if config is None else TaskPluginRegistry.needed(config)
    for name in given:
        reason = _WITHOUT_MEANING.get(name) or _refusal(kind, _NAMES[name])
        if reason is not None and name != "disable_deck":
            message = f"task({name}=...) has no meaning here: {reason}"
            raise ValueError(message)
    return {_NAMES[name]: value for name, value in given.items() if name in _NAMES}


def _asks_for_nothing(value: object) -> bool:
    return any(value is one or (type(value) is type(one) and value == one) for one in _NOTHING)


def _refusal(kind: type[Any], name: str) -> str | None:
    """Return why a class of templates has no use for a parameter, None when it has one."""
    return None if name in kind.supports or name not in MISSING else MISSING[name][1]
