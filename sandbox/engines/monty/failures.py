"""How failures of functions are raised in the program."""

import builtins
from typing import Any, get_args

from pydantic_monty import ExcType

from sandbox.engines.monty.reports import Told

_KNOWN = frozenset(get_args(ExcType)) - {"BaseException", "SystemExit", "KeyboardInterrupt"}


def raised(head: dict[str, Any], arguments: list[Any]) -> tuple[Any, Told]:
    """Return what the interpreter is told to raise, and what is remembered of it.

    A built-in exception keeps its type, or gets the nearest one above it that the interpreter has; any other becomes an
    `Exception` that says its type.
    """
    name, message = head["type"], head["message"]
    found = getattr(builtins, name, None)
    if isinstance(found, type) and issubclass(found, Exception):
        carrier = next(one.__name__ for one in found.__mro__ if one.__name__ in _KNOWN)
        said = arguments[0] if len(arguments) == 1 and type(arguments[0]) is str else message
    else:
        carrier, said = "Exception", message if name == "OutcomeUnknown" else f"{name}: {message}"
    told = Told(type=name, message=message, said=repr(said) if carrier == "KeyError" else said, hint=head["hint"])
    return {"exc_type": carrier, "message": said}, told
