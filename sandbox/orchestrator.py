"""Code strings as tasks: a template to keep, or one run at once."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from types import NoneType
from typing import Any

from sandbox.advice import advice
from sandbox.interface import OUTPUT, NativeInterface
from sandbox.options import Cache, Image, RetryStrategy, SandboxedConfig
from sandbox.templates.code import CodeTaskTemplate
from sandbox.templates.functions import functions_of

DEFAULT_NAME = "sandboxed-code"
_TIMEOUT_MS = 30_000


def orchestrator_from_str(
    source: str,
    *,
    inputs: Mapping[str, Any],
    output: Any = NoneType,
    tasks: Iterable[Any] | None = None,
    name: str = DEFAULT_NAME,
    timeout_ms: int = _TIMEOUT_MS,
    cache: str | Cache = "disable",
    retries: int | RetryStrategy = 0,
    image: str | Image | None = None,
    plugin_config: SandboxedConfig | None = None,
    **parameters: Any,
) -> CodeTaskTemplate:
    """Return a template that runs `source` in a fresh isolate whenever it is called.

    The source is checked before: that takes some milliseconds, with its types about a tenth of a second, and the first
    time the start of the engine.

    Args:
        source: Python; the value of its last expression is the value of a run.
        inputs: name -> type.
        output: the type of the value; by default the program must not return one.
        tasks: functions and templates that the program may call, by their `__name__`.
        name: identity in messages, 1 to 256 characters; as an identifier, what the programs of other templates call
            this one when it is among their `tasks`.
        timeout_ms: from start to end of one attempt, waiting for tasks included.
        cache: `auto` gives the value of an equal run again, `override` computes it anew and keeps that, `disable` keeps
            nothing; or a `Cache`.
        retries: how many attempts may follow the first, after a failure that may pass.
        image: only None, `auto` or `Image.from_guest_base()`, the guest that ships.
        plugin_config: the bounds of a run, instead of `timeout_ms`.
        parameters: those of `CodeTaskTemplate`, such as `limits`, `timeout` and `docs`.

    Raises:
        TypeError: a type cannot cross, a task cannot be called, or a parameter has a value of another type.
        ValueError: a name cannot be used or is used twice, or a parameter has a value that is not supported.
        SourceRejected: the source is no Python, says what the language policy does not allow, or certainly fails with
            the types of its inputs, functions and output (`plugin_config.type_check`).
        HostError: the sandbox cannot run here, or failed.
    """
    file = sys._getframe(1).f_code.co_filename  # noqa: SLF001 - there is no other way
    template = unchecked(
        source,
        inputs=inputs,
        output=output,
        tasks=tasks,
        plugin_config=_configured(timeout_ms, plugin_config),
        name=name,
        cache=cache,
        retries=retries,
        image=image,
        **{"_user_file": file, **parameters},
    )
    template.check_source()
    return template


def unchecked(
    source: str, *, inputs: Mapping[str, Any], output: Any, tasks: Iterable[Any] | None, **parameters: Any
) -> CodeTaskTemplate:
    """Return the template, its source not looked at yet."""
    _check_source(source)
    _check_parameters(inputs, tasks, parameters)
    listed = [*tasks] if tasks is not None else []
    return CodeTaskTemplate(
        interface=NativeInterface.from_types(inputs, {} if output in (None, NoneType) else {OUTPUT: output}),
        _user_source=source,
        _user_functions=dict(zip(functions_of(listed), listed, strict=True)),
        **parameters,
    )


async def orchestrate_local(
    source: str,
    *,
    inputs: Mapping[str, Any],
    tasks: Iterable[Any] | None = None,
    timeout_ms: int = _TIMEOUT_MS,
    engine: str | None = None,
) -> Any:
    """Run `source` once and return the value of its last expression, None when there is none.

    Args:
        inputs: name -> value.
        tasks: functions and templates that the program may call, by their `__name__`.
        timeout_ms: from start to end, waiting for tasks included.
        engine: `cpython`, which is the default, `monty`, or `auto` for the quickest one that surely runs it.

    Raises:
        TypeError: a task cannot be called, or a type of its signature cannot cross.
        ValueError: a name cannot be used or is used twice, `timeout_ms` is out of bounds, or there is no such engine.
        ValueRejected: an input or the value cannot cross.
        GuestError: the program was refused, failed, or reached a limit.
        HostError: the sandbox cannot run here, or failed; trying again may help.
    """
    template = unchecked(
        source,
        inputs=dict.fromkeys(inputs, Any),
        output=Any,
        tasks=tasks,
        name=DEFAULT_NAME,
        plugin_config=SandboxedConfig(timeout_ms=timeout_ms),
        engine=engine,
    )
    template.from_source()
    return await template.aio(**inputs)


def _check_parameters(inputs: Any, tasks: Any, parameters: Mapping[str, Any]) -> None:
    """Refuse what Python would refuse in words about something else."""
    if not isinstance(inputs, Mapping):
        message = f"inputs must be a dictionary by name, as in {{'x': int}}, not {type(inputs).__name__}"
        raise TypeError(message)
    if callable(tasks):
        message = "tasks must be a list of functions: write tasks=[...]"
        raise TypeError(message)
    known = {one.name for one in fields(CodeTaskTemplate)}
    for name in parameters:
        if name not in known:
            raise TypeError(f"orchestrator_from_str() got an unexpected parameter {name!r}; {_advice(name, known)}")


def _advice(name: str, known: Iterable[str]) -> str:
    if name in {one.name for one in fields(SandboxedConfig)}:
        return f"write plugin_config=SandboxedConfig({name}=...)"
    return advice(name, [*known, "inputs", "tasks"])


def _configured(timeout_ms: int, plugin_config: SandboxedConfig | None) -> SandboxedConfig:
    if plugin_config is None:
        return SandboxedConfig(timeout_ms=timeout_ms)
    if timeout_ms != _TIMEOUT_MS:
        message = "timeout_ms and plugin_config were both given: put timeout_ms into the SandboxedConfig"
        raise ValueError(message)
    return plugin_config


def _check_source(source: object) -> None:
    if not isinstance(source, str):
        message = f"source must be a text, not {type(source).__name__}"
        raise TypeError(message)
    try:
        source.encode()
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        message = f"source holds a lone surrogate in line {line}, so it is no text that could be sent"
        raise ValueError(message) from None
