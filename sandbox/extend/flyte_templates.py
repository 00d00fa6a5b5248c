"""Templates of `flyte.sandbox` from templates of this library; needs the extra `flyte`."""

import functools
import types
import typing
from collections.abc import Callable
from typing import Any, cast

from sandbox.extend.extra import needed
from sandbox.extend.flyte_source import refusals
from sandbox.limits import INTERPRETER_BYTES
from sandbox.options import Cache
from sandbox.templates.bounds import given_limits
from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.images import reference_of
from sandbox.templates.sandboxed import SandboxedTaskTemplate

_BY = "to_flyte()"
_CARRIED_LIMITS = frozenset({"memory_bytes", "wall_seconds"})
# Parameter -> why a template there cannot have it.
_NOT_THERE = {
    "env_vars": "programs there have no environment",
    "secrets": "functions there find them in their container, and not by current_secrets()",
    "triggers": "give them to what to_flyte() returns, as flyte.Trigger",
    "links": "give them to what to_flyte() returns, as Flyte has them",
    "pod_template": "give it to what to_flyte() returns, as flyte.PodTemplate",
    "reusable": "give it to what to_flyte() returns, as flyte.ReusePolicy: there it keeps containers",
    "report": "a report there is what the task itself writes",
    "debuggable": "there it is an editor in the container",
}
_SOURCE_CONSTANTS = (type(None), bool, int, float, str, bytes)


def to_flyte(template: SandboxedTaskTemplate) -> Any:
    """Return a `flyte.sandbox.CodeTaskTemplate` that does the same, where Flyte's engine can run the source.

    Functions are Flyte's tasks there, when they are tasks here, and templates among them are exported with it. What its
    engine answers otherwise while it runs (docs/flyte.md) it answers otherwise. Blocks for some ten milliseconds, the
    first time for the import of Flyte.

    Raises:
        ImportError: the extra `flyte` is not installed.
        TypeError: it is no sandboxed template.
        ValueError: the source, a type or a parameter is none that a template there can have; the message names it.
    """
    flyte, sandbox = needed("flyte", by=_BY), needed("flyte.sandbox", by=_BY)
    models = needed("flyte.models", by=_BY)
    _check_parameters(template)
    source = _constants(template) + template._user_source  # noqa: SLF001 - Flyte's name of it
    _check_source(template, source)
    interface = template.interface
    limits = template.effective_limits
    outputs = {name: _type(template.name, kind) for name, kind in interface.outputs.items()}
    try:
        return sandbox.CodeTaskTemplate(
            func=_placeholder(template.name),
            name=template.name,
            short_name=template.short_name,
            interface=models.NativeInterface(
                inputs={name: (_type(name, kind), default) for name, (kind, default) in interface.inputs.items()},
                outputs=outputs,
            ),
            plugin_config=sandbox.SandboxedConfig(
                max_memory=int(limits.memory_bytes) - INTERPRETER_BYTES,
                max_stack_depth=template.plugin_config.max_stack_depth,
                timeout_ms=int(limits.wall_seconds * 1_000),
                type_check=template.plugin_config.type_check,
            ),
            image=flyte.Image.from_debian_base().with_pip_packages("flyte[sandbox]"),
            cache=_cache(flyte, template),
            retries=_retries(flyte, template),
            timeout=flyte.Timeout(
                **{
                    field: getattr(template.time_bounds, field)
                    for field in ("max_runtime", "max_queued_time", "deadline")
                }
            ),
            docs=None if template.docs is None else flyte.Documentation(template.docs.description),
            interruptible=template.interruptible,
            queue=template.queue,
            max_inline_io_bytes=template.max_inline_io_bytes,
            _user_source=source,
            _user_input_names=[*interface.inputs],
            _user_functions=_functions(flyte, template),
        )
    except TypeError as error:
        message = f"{template.name!r} cannot be exported to flyte.sandbox: {error}"
        raise ValueError(message) from None


def _check_parameters(template: SandboxedTaskTemplate) -> None:
    given: object = template
    if not isinstance(given, SandboxedTaskTemplate):
        message = f"a sandboxed template can be exported to flyte.sandbox, not {given!r}"
        raise TypeError(message)
    if not type(template).is_portable():
        message = (
            f"{type(template).__name__} has Python code of its own, which a template of flyte.sandbox has no place for"
        )
        raise _refused(template, message)
    for field, reason in _NOT_THERE.items():
        if getattr(template, field):
            raise _refused(template, f"{field}: {reason}")
    _check_guest(template)
    if others := given_limits(template.limits).keys() - _CARRIED_LIMITS:
        raise _refused(
            template, f"limits: there is no {', '.join(sorted(others))}; {', '.join(sorted(_CARRIED_LIMITS))} are"
        )
    if Cache.of(template.cache).policies is not None:
        raise _refused(template, "cache: its policies are classes of this library")


def _check_source(template: SandboxedTaskTemplate, source: str) -> None:
    survey = template.survey()
    reasons = refusals(
        source,
        names=survey.names if survey is not None else (),
        functions=template._user_functions,  # noqa: SLF001 - Flyte's name of it
        is_async=survey is not None and survey.mode != "sync",
    )
    if reasons:
        raise _refused(template, "; ".join(dict.fromkeys(reasons)))


def _check_guest(template: SandboxedTaskTemplate) -> None:
    if reference_of(template.image) is not None:
        raise _refused(template, "image: packages of a guest image are not there")
    if template.plugin_config.policy != "guarded":
        raise _refused(template, 'policy: there is "guarded" only')


def _refused(template: SandboxedTaskTemplate, reason: str) -> ValueError:
    return ValueError(f"{template.name!r} cannot be exported to flyte.sandbox: {reason}")


def _constants(template: SandboxedTaskTemplate) -> str:
    """Return lines that give a function what it uses of its module."""
    constants = template._user_constants  # noqa: SLF001 - beside Flyte's names
    for name, value in constants.items():
        if not _is_literal(value):
            raise _refused(template, f"the constant {name!r} is no literal: pass it as an input")
    return "".join(f"{name} = {value!r}\n" for name, value in constants.items())


def _is_literal(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(map(_is_literal, value))
    if type(value) is dict:
        return all(_is_literal(part) for pair in value.items() for part in pair)
    return type(value) in _SOURCE_CONSTANTS and repr(value) not in ("inf", "-inf", "nan")


def _type(where: str, kind: Any) -> Any:
    """Return a type as Flyte spells it: its check knows `Union[A, B]`, and not `A | B`."""
    if not isinstance(kind, type) and type(kind).__module__.startswith("sandbox."):
        message = f"{where!r} was read from a document, and its type is no Python type: export the template it was of"
        raise TypeError(message)
    parts = tuple(_type(where, part) for part in typing.get_args(kind))
    if isinstance(kind, types.UnionType):
        return typing.Union[parts]  # noqa: UP007 - the point of it
    return typing.get_origin(kind)[parts] if parts and typing.get_origin(kind) in (list, dict, set, frozenset) else kind


def _cache(flyte: Any, template: SandboxedTaskTemplate) -> Any:
    """Return Flyte's cache, with the version that results have here: Flyte's own is one for all code templates."""
    cache = Cache.of(template.cache)
    if not cache.is_enabled():
        return "disable"
    version = cache.version_override or cast("Callable[[], str]", template.as_function().version)()
    return flyte.Cache(
        behavior=cache.behavior,
        version_override=version,
        serialize=cache.serialize,
        ignored_inputs=tuple(cache.ignored_inputs),
        salt=cache.salt,
        max_age=cache.max_age,
    )


def _retries(flyte: Any, template: SandboxedTaskTemplate) -> Any:
    strategy = template.retry_strategy
    if strategy.backoff is None:
        return strategy.count
    pauses = {field: getattr(strategy.backoff, field) for field in ("base", "factor", "cap")}
    return flyte.RetryStrategy(strategy.count, flyte.Backoff(**pauses))


def _functions(flyte: Any, template: SandboxedTaskTemplate) -> dict[str, Any]:
    env = flyte.TaskEnvironment(template.parent_env_name or "isthmus", image="auto")
    return {name: _function(env, template, name, one) for name, one in template._user_functions.items()}  # noqa: SLF001 - Flyte's name of it


def _function(env: Any, template: SandboxedTaskTemplate, name: str, function: Any) -> Any:
    if isinstance(function, SandboxedTaskTemplate):
        return to_flyte(function)
    if not isinstance(function, AsyncFunctionTaskTemplate):
        return function
    if function.rate is not None:
        raise _refused(template, f"the function {name!r} has a rate, which nobody keeps there")

    @functools.wraps(function.func)
    async def called(*args: Any, **kwargs: Any) -> Any:
        return await function.aio(*args, **kwargs)

    called.__name__ = name
    return env.task(called, short_name=function.short_name)


def _placeholder(name: str) -> Any:
    def placeholder(**_inputs: Any) -> None:
        message = f"{name} has no Python function: flyte.run() runs its source"
        raise NotImplementedError(message)

    return placeholder
