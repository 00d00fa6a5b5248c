"""Another template with some parameters changed."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")

FIXED = ("name", "image", "docs", "interface")
CHANGEABLE = frozenset(
    {
        *("short_name", "resources", "cache", "retries", "timeout", "reusable", "env_vars", "secrets", "links"),
        *("max_inline_io_bytes", "pod_template", "queue", "interruptible", "plugin_config", "report", "debuggable"),
        *("triggers", "limits", "engine"),
    }
)
_KEPT_BY_REUSE = ("resources", "env_vars", "secrets")


def overridden(template: T, changes: Mapping[str, Any]) -> T:
    """Return a copy of the template with other parameters; None leaves one as it is, 0, {} and () reset it.

    Raises:
        TypeError: there is no such parameter.
        ValueError: it cannot be overridden, or not while isolates are reused.
    """
    fields = {field.name for field in dataclasses.fields(template)}  # type: ignore[arg-type]  # a template is one
    for name in changes:
        if name in FIXED:
            message = f"{name.capitalize()} cannot be overridden"
            raise ValueError(message)
        if name not in CHANGEABLE or name not in fields:
            known = ", ".join(sorted(CHANGEABLE & fields))
            message = f"override() got an unexpected parameter {name!r}; what can be overridden: {known}"
            raise TypeError(message)
    given = {name: value for name, value in changes.items() if value is not None}
    if given.get("reusable") == "off":
        given["reusable"] = None
    if given.get("reusable", getattr(template, "reusable", None)) is not None:
        _check_reuse(given)
    return dataclasses.replace(template, **given)  # type: ignore[type-var]  # as above


def _check_reuse(given: Mapping[str, Any]) -> None:
    for name in _KEPT_BY_REUSE:
        if name in given:
            message = f"Cannot override {name} when reusable is set: isolates that are kept have theirs; "
            raise ValueError(message + "pass reusable='off' as well")
