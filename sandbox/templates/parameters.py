"""Parameters of a template while it is made: brought into one form, or refused.

A parameter does something or is refused; none is accepted and ignored. What cannot be done yet stands in `MISSING`,
and what a class of templates has a use for in its `supports`.
"""

from collections.abc import Callable
from typing import Any

from sandbox.options import (
    Cache,
    Documentation,
    Image,
    Link,
    PodTemplate,
    Resources,
    RetryStrategy,
    ReusePolicy,
    Secret,
    Timeout,
    Trigger,
    checks,
    env_vars,
)
from sandbox.templates.images import reference_of

MAX_NAME = 256
MAX_INLINE_IO_BYTES = 10 * 2**20

# Parameter -> (the values that ask for nothing, why anything else is refused).
MISSING: dict[str, tuple[tuple[Any, ...], str]] = {
    "image": ((None, "auto", Image.from_guest_base()), "a function runs in this process, with what is installed here"),
    "cache": ((Cache("disable"),), "results of functions are not kept; give it to the template that calls them"),
    "interruptible": ((False,), "a function runs in no isolate that it could give up"),
    "retries": ((RetryStrategy(0),), "leave it at 0"),
    "reusable": ((None,), "a function runs in no isolate"),
    "resources": ((None, Resources()), "there is nothing here that it could bound"),
    "env_vars": ((None, {}), "a function runs in this process, whose environment is everybody's"),
    "secrets": ((None, ()), "there is nothing here that would read them"),
    "timeout": ((Timeout(),), "leave it out"),
    "pod_template": ((None,), "a function runs in the process that calls it, in no pod of its own"),
    "report": ((False,), "a report tells of what a program did, and a function is none"),
    "queue": ((None,), "a function is called when it is called, and waits in no queue"),
    "debuggable": ((False,), "a function has no turns that could be stepped through: use a debugger"),
    "max_inline_io_bytes": ((MAX_INLINE_IO_BYTES,), "the values of a function are bounded by the run that calls it"),
    "triggers": (((),), "schedules run sandboxed templates: make one that calls the function"),
    "task_resolver": ((None,), "a function is found by its module and name"),
}


def settle(template: Any) -> None:
    """Bring the parameters of a template into one form.

    Raises:
        TypeError: a parameter has a value of a type that it cannot have.
        ValueError: a parameter has a value that it cannot have, or one that is not supported yet.
        ImageNotBuilt: its guest image was not built here.
    """
    checks.text("name", template.name, longest=MAX_NAME)
    template.short_name = _text_or("short_name", template.short_name, template.name)
    reference_of(template.image)
    for field, settled in _SETTLED.items():
        setattr(template, field, settled(getattr(template, field)))
    refuse_missing(template)


def refuse_missing(template: Any) -> None:
    """Refuse what the template's class has no use for.

    Raises:
        ValueError: such a parameter asks for something.
    """
    kind = type(template)
    for field, (nothing, reason) in MISSING.items():
        value = getattr(template, field, nothing[0])
        if field not in kind.supports and value not in nothing:
            # What programs would find in their environment may be nobody else's to read.
            shown = "" if field == "env_vars" else f"={value!r}"
            message = f"{field}{shown} is not supported yet for {kind.__name__}: {reason}"
            raise ValueError(message)
    expected = kind.__dataclass_fields__["task_type"].default
    if (template.task_type, template.task_type_version) != (expected, 0):
        message = f"task_type={template.task_type!r}, version {template.task_type_version!r}, has no plugin: "
        raise ValueError(message + f"leave it at {expected!r}, version 0")


def _text_or(field: str, value: object, default: str) -> str:
    return default if value == "" else checks.text(field, value, longest=MAX_NAME)


def _instance(field: str, kind: type) -> Callable[[Any], Any]:
    def settled(value: Any) -> Any:
        if value is not None and not isinstance(value, kind):
            message = f"{field} must be a {kind.__name__} or None, not {value!r}"
            raise TypeError(message)
        return value

    return settled


def _docs(value: Any) -> Any:
    return Documentation(value) if isinstance(value, str) else _instance("docs", Documentation)(value)


def _pod_template(value: Any) -> Any:
    return value if isinstance(value, str) else _instance("pod_template", PodTemplate)(value)


def _tuple_of(field: str, kind: type) -> Callable[[Any], tuple[Any, ...]]:
    def settled(value: Any) -> tuple[Any, ...]:
        listed = [value] if isinstance(value, kind) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(one, kind) for one in listed):
            message = f"{field} must be a {kind.__name__} or a tuple of them, not {value!r}"
            raise TypeError(message)
        return tuple(listed)

    return settled


def _bytes(value: Any) -> int:
    return checks.whole_number("max_inline_io_bytes", value, least=1)


_SETTLED: dict[str, Callable[[Any], Any]] = {
    "cache": Cache.of,
    "retries": RetryStrategy.of,
    "timeout": Timeout.of,
    "resources": _instance("resources", Resources),
    "reusable": _instance("reusable", ReusePolicy),
    "docs": _docs,
    "env_vars": lambda value: value if value is None else env_vars(value),
    "secrets": lambda value: value if value is None else Secret.all_of(value),
    "pod_template": _pod_template,
    "queue": lambda value: value if value is None else checks.text("queue", value),
    "interruptible": lambda value: checks.flag("interruptible", value),
    "report": lambda value: checks.flag("report", value),
    "debuggable": lambda value: checks.flag("debuggable", value),
    "max_inline_io_bytes": _bytes,
    "triggers": _tuple_of("triggers", Trigger),
    "links": _tuple_of("links", Link),
}
