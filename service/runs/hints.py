"""Hints that only the service can give, because only it knows which functions there are."""

import dataclasses
import re
from collections.abc import Container

from sandbox.turns import ErrorReport

_UNKNOWN_NAME = re.compile(r"name '(\w+)' is not defined")


def with_hint(error: ErrorReport | None, *, registered: Container[str], allowed: Container[str]) -> ErrorReport | None:
    """Return the error, and for a function that the submission does not name, that as its hint."""
    unknown = _UNKNOWN_NAME.match(error.message) if error is not None and error.type == "NameError" else None
    if error is None or unknown is None or unknown[1] not in registered or unknown[1] in allowed:
        return error
    hint = f'"{unknown[1]}" is registered, but the submission does not name it: add it to `functions`'
    return dataclasses.replace(error, hint=hint)
