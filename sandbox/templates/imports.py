"""Functions by import path, `module:name`: how a document names them, and how they are found again."""

import importlib
import re
from collections.abc import Collection
from typing import Any

_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def import_path(name: str, function: Any) -> str:
    """Return where a function, or the template of one, is found: `shop:price`.

    Raises:
        ValueError: nobody else could import it; the message says what to do.
    """
    module, place = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    path = f"{module}:{place}"
    if module == "__main__":
        message = f"the function {name!r} is defined in the program that was started, which nobody else can import: "
        raise ValueError(message + "put it into a module")
    if not _PATH.fullmatch(path) or _found(path) is not function:
        message = f"the function {name!r} is not found again as {path}: define it at the top of a module, by its name"
        raise ValueError(message)
    return path


def imported(path: str, *, allowed: Collection[str]) -> Any:
    """Import the function that a path names, if whoever reads the document allows that path.

    Raises:
        ValueError: it is not among those that are allowed, or there is no such function.
    """
    if path not in allowed:
        known = ", ".join(allowed) or "none"
        message = f"the template calls {path}, which is not among the functions that may be imported: {known}"
        raise ValueError(message)
    found = _found(path) if _PATH.fullmatch(path) else None
    if not callable(found):
        message = f"there is no function {path}: write module:name, of a module that can be imported here"
        raise ValueError(message)  # noqa: TRY004 - the path is wrong, whatever stands there
    return found


def _found(path: str) -> Any:
    module_name, _, place = path.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
    except ImportError:
        return None
    for name in place.split("."):
        found = getattr(found, name, None)
    return found
