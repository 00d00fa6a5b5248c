"""A sandboxed template as a document: JSON that another process runs the same from. Data only, nothing is pickled.

Functions are named by import path, templates among them stand in it as documents of their own, and values are written
as they cross. What concerns a backend (schedules, queue, pod) is in `custom_config`; one run needs none of it.
"""

import datetime
import json
from typing import Any

from sandbox import values
from sandbox.errors import ValueRejected
from sandbox.interface import EMPTY
from sandbox.limits import Limits
from sandbox.options import Cache
from sandbox.source import Source
from sandbox.templates.images import described
from sandbox.templates.imports import import_path
from sandbox.templates.template import TaskTemplate
from sandbox.types import ValueType
from sandbox.types.texts import from_text

FORMAT = "isthmus-template/1"
MAX_DEPTH = 10
_NOT_CARRIED = {
    "report": "a report is no part of what a run elsewhere answers: override(report=False)",
    "debuggable": "recordings are no part of what a run elsewhere answers: override(debuggable=False)",
}


def document_of(template: Any, *, depth: int = 0) -> dict[str, Any]:
    """Return the document of a template of code or of a decorated function.

    Raises:
        TypeError: it is no template.
        ValueError: it has something that a document cannot carry; the message names it.
    """
    _check_carried(template, depth)
    config, cache = template.plugin_config, Cache.of(template.cache)
    image = described(template.image)
    return {
        **({} if image is None else {"image": image}),
        "format": FORMAT,
        "name": template.name,
        "short_name": template.short_name,
        "docs": None if template.docs is None else template.docs.description,
        "source": template.source_as_sent,
        "source_digest": template.source_digest,
        "inputs": [_input(template, name) for name in template.interface.inputs],
        "output": _output(template),
        "functions": {name: _function(name, one, depth) for name, one in template._user_functions.items()},  # noqa: SLF001 - Flyte's name of it
        "constants": _value("a constant of its module", template._user_constants),  # noqa: SLF001 - beside the others
        "limits": _limits(template.effective_limits),
        "policy": config.policy,
        "max_stack_depth": config.max_stack_depth,
        "engine": template.asked_engine,
        "max_inline_io_bytes": template.max_inline_io_bytes,
        "env_vars": template.env_vars or {},
        "secrets": [
            {"key": one.key, "group": one.group, "mount": one.mount and str(one.mount), "as_env_var": one.as_env_var}
            for one in template.secret_requests
        ],
        "retries": _retries(template.retry_strategy),
        "timeout": {
            field: template.time_bounds.seconds(field) for field in ("max_runtime", "max_queued_time", "deadline")
        },
        "cache": {
            **{field: getattr(cache, field) for field in ("behavior", "version_override", "serialize", "salt")},
            "ignored_inputs": [*cache.ignored_inputs],
            "max_age": _seconds(cache.max_age),
        },
    }


def document_text(template: Any) -> str:
    """Return the document on one line; equal templates have equal texts."""
    return json.dumps(document_of(template), ensure_ascii=False, separators=(",", ":"))


def import_paths(document: dict[str, Any]) -> list[str]:
    """Return the import paths of all functions that a document names, also those of its templates."""
    found: dict[str, None] = {}
    for one in document["functions"].values():
        found.update(dict.fromkeys([one] if isinstance(one, str) else import_paths(one)))
    return [*found]


def _check_carried(template: Any, depth: int) -> None:
    kind = type(template)
    if not issubclass(kind, TaskTemplate):
        message = f"a sandboxed template can be exported, not {template!r}"
        raise TypeError(message)
    if not kind.is_portable():
        message = (
            f"{template.name!r} is of the class {kind.__name__}, which is Python code, and a document carries none: "
        )
        raise ValueError(message + "export the template of a source, from orchestrator_from_str")
    if depth > MAX_DEPTH:
        message = f"templates call each other more than {MAX_DEPTH} levels deep: export the inner ones by themselves"
        raise ValueError(message)
    for field, reason in _NOT_CARRIED.items():
        if getattr(template, field):
            message = f"{field} of {template.name!r} cannot be exported: {reason}"
            raise ValueError(message)
    if Cache.of(template.cache).policies is not None:
        message = f"cache of {template.name!r} has policies, which are Python code: pass a version_override instead"
        raise ValueError(message)
    if Source.of(template.source_as_sent).text != template._user_source:  # noqa: SLF001 - Flyte's name of it
        message = f"the source of {template.name!r} reads as a markdown fence in a fence: pass it without"
        raise ValueError(message)


def _limits(limits: Limits) -> dict[str, int | float]:
    """Return the limits; fuel where it was asked for, because an engine without it would have to refuse."""
    default = Limits().fuel
    return {name: value for name, value in limits.as_dict().items() if (name, value) != ("fuel", default)}


def _input(template: Any, name: str) -> dict[str, Any]:
    kind, default = template.interface.input_types[name], template.interface.inputs[name][1]
    described = {"name": name, "type": _type(f"the input {name!r}", kind)}
    if default is not EMPTY:
        described["default"] = _value(f"the default of {name!r}", kind.lower(default))
    return described


def _output(template: Any) -> str | None:
    interface = template.interface
    return _type("the output", interface.output_type) if interface.has_outputs() else None


def _type(what: str, kind: ValueType) -> str:
    """Return the text of a type that means the same when it is read."""
    try:
        known = from_text(kind.text)
    except ValueError:
        known = None
    if not kind.plain or known is None or known.text != kind.text:
        message = f"{what} has the type {kind.text}, which only a module of yours can make: declare a dictionary or a "
        raise ValueError(message + "built-in type")
    return kind.text


def _value(what: str, value: Any) -> str:
    try:
        return values.encode(value)
    except ValueRejected as error:
        message = f"{what} cannot be exported: {error}"
        raise ValueError(message) from None


def _function(name: str, function: Any, depth: int) -> str | dict[str, Any]:
    if hasattr(function, "effective_limits"):
        return document_of(function, depth=depth + 1)
    return import_path(name, function)


def _retries(retries: Any) -> dict[str, Any]:
    backoff = retries.backoff
    if backoff is not None:
        backoff = {"base": _seconds(backoff.base), "factor": backoff.factor, "cap": _seconds(backoff.cap)}
    return {"count": retries.count, "backoff": backoff}


def _seconds(length: datetime.timedelta | float | None) -> float | None:
    return length.total_seconds() if isinstance(length, datetime.timedelta) else length
