"""Packages of the extra `flyte`: imported where they are used first, and missed by the name of the extra."""

import importlib
from typing import Any


def needed(module: str, *, by: str) -> Any:
    """Return a module of the extra `flyte`.

    Raises:
        ImportError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        message = (
            f"{by} needs the package of the module {missing}, which is not installed: pip install 'isthmus[flyte]'"
        )
        raise ImportError(message, name=missing) from None
