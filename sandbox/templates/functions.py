"""The whitelist of a template: functions and templates by the name under which its guest calls them."""

from collections.abc import Iterable
from typing import Any

from sandbox import policy
from sandbox.dispatch import HostFunction
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


def functions_of(tasks: Iterable[Any], *, inputs: Iterable[str] = ()) -> dict[str, HostFunction]:
    """Return name -> function.

    Raises:
        TypeError: a task cannot be called, or a type of its signature cannot cross.
        ValueError: a name is used twice, or is that of an input or of a builtin.
    """
    functions: dict[str, HostFunction] = {}
    taken = set(inputs)
    for task in tasks:
        function = task.as_function() if isinstance(task, AsyncFunctionTaskTemplate) else HostFunction.of(task)
        if function.name in functions:
            message = f"Duplicate task name {function.name!r}"
            raise ValueError(message)
        if function.name in taken or function.name in _BUILTINS:
            what = "an input" if function.name in taken else "a builtin"
            message = f"Task name {function.name!r} is also the name of {what}: rename one of them"
            raise ValueError(message)
        functions[function.name] = function
    return functions
