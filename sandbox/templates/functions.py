"""The whitelist of a template: functions and templates by the name under which its guest calls them."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox import policy
from sandbox.dispatch import HostFunction
from sandbox.options import Cache
from sandbox.templates.function import AsyncFunctionTaskTemplate

_BUILTINS = frozenset((*policy.BUILTINS, *policy.GUARDED_BUILTINS, *policy.ABSENT_BUILTINS, *policy.GIVEN))


def check_inputs(names: Iterable[str]) -> None:
    """Check that no input hides what its program expects under that name.

    Raises:
        ValueError: an input has the name of a builtin.
    """
    for name in names:
        if name in _BUILTINS:
            message = f"Sandboxed task input {name!r} is also the name of a builtin: rename it"
            raise ValueError(message)


def check_ignored(cache: Any, names: Iterable[str]) -> None:
    """Check that what a cache is to ignore is there.

    Raises:
        ValueError: it names no input.
    """
    known = [*names]
    for name in Cache.of(cache).ignored_inputs:
        if name not in known:
            message = f"Cache.ignored_inputs names {name!r}, which is no input; inputs: {', '.join(known) or 'none'}"
            raise ValueError(message)


def functions_of(tasks: Iterable[Any]) -> dict[str, HostFunction]:
    """Return name -> function, each under the name that it has.

    Raises:
        TypeError: a task cannot be called, or a type of its signature cannot cross.
        ValueError: a name is used twice.
    """
    functions: dict[str, HostFunction] = {}
    for task in tasks:
        function = _function_of(task)
        if function.name in functions:
            message = f"Duplicate task name {function.name!r}: rename one of them"
            raise ValueError(message)
        functions[function.name] = function
    return functions


def whitelist(tasks: Mapping[str, Any], *, inputs: Iterable[str]) -> dict[str, HostFunction]:
    """Return name -> function, each under the name that the program calls it by.

    Raises:
        TypeError: a task cannot be called, or a type of its signature cannot cross.
        ValueError: a name is that of an input or of a builtin.
    """
    taken = set(inputs)
    for name in tasks:
        if name in taken or name in _BUILTINS:
            what = "an input" if name in taken else "a builtin"
            message = f"Task name {name!r} is also the name of {what}: rename one of them"
            raise ValueError(message)
    known = {name: _function_of(task) for name, task in tasks.items()}
    return {name: one if one.name == name else dataclasses.replace(one, name=name) for name, one in known.items()}


def is_task(value: object) -> bool:
    """Return whether it is a template that can be a function of another one."""
    return isinstance(value, AsyncFunctionTaskTemplate)


def _function_of(task: Any) -> HostFunction:
    return task.as_function() if isinstance(task, AsyncFunctionTaskTemplate) else HostFunction.of(task)
