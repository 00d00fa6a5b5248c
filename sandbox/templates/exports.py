"""What a remote backend is told of a sandboxed template, each as a text: all that running the same needs."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.interface import EMPTY, NativeInterface
from sandbox.json_values import to_json
from sandbox.options import Cron, FixedRate, PodTemplate, Trigger, TriggerTime
from sandbox.templates.documents import document_of, import_paths

# Linux allows 128 KiB for one argument of a command.
_MAX_ARGUMENT_BYTES = 100_000
_DIGEST = re.compile("[0-9a-f]{64}")


def custom_config(template: Any) -> dict[str, str]:
    """Return source, functions, limits and the rest of a sandboxed template; of secrets their keys only."""
    told = {
        "source": template._user_source,  # noqa: SLF001 - Flyte's name of it
        "source_digest": template.source_digest,
        "functions": json.dumps([*template._user_functions]),  # noqa: SLF001
        "limits": json.dumps(template.effective_limits.as_dict()),
        "engine": template.asked_engine,
        "policy": template.plugin_config.policy,
        "max_stack_depth": str(template.plugin_config.max_stack_depth),
        "env_vars": json.dumps(template.env_vars or {}),
        "secrets": json.dumps([one.key for one in template.secret_requests]),
    }
    if template.queue is not None:
        told["queue"] = template.queue
    if template.task_resolver is not None:
        told["task_resolver"] = template.task_resolver.import_path
        told["loader_args"] = json.dumps(template.task_resolver.loader_args(template, None))
    if template.pod_template is not None:
        told["pod_template"] = json.dumps(_pod(template.pod_template), default=str)
    if template.triggers:
        told["triggers"] = json.dumps([_trigger(one, template.interface) for one in template.triggers])
    return told


def container_args(template: Any, sctx: Any) -> list[str]:
    """Return the command line that runs a template from its document, or from the bundle that `sctx` names.

    Raises:
        ValueError: a document cannot carry it, or it is too long for a command line.
    """
    document = document_of(template)
    bundle = getattr(sctx, "code_bundle", None)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    if bundle is not None:
        if bundle.tgz is None or not _DIGEST.fullmatch(bundle.computed_version):
            message = "code_bundle is none that isthmus execute reads: sandbox.extend.write_code_bundle makes one"
            raise ValueError(message)
        found = ["--bundle", str(bundle.tgz), "--version", bundle.computed_version, "--name", template.name]
    elif len(text.encode()) > _MAX_ARGUMENT_BYTES:
        message = f"{template.name!r} takes more than the {_MAX_ARGUMENT_BYTES:,} bytes that an argument may have: "
        raise ValueError(message + "write a bundle, and give it as code_bundle")
    else:
        found = ["--template", text]
    inputs = getattr(sctx, "input_path", "{{.input}}")
    output = getattr(sctx, "output_path", "{{.outputPrefix}}")
    functions = [part for path in import_paths(document) for part in ("--function", path)]
    return ["isthmus", "execute", *found, "--inputs", inputs, "--output", output, *functions]


def check_triggers(triggers: Iterable[Trigger], interface: NativeInterface) -> None:
    """Check that each schedule has what its runs need: nobody is there to ask when one is due.

    Raises:
        ValueError: two have one name, one names an input that there is not, or leaves one without a value, or gives one
            a value that it cannot have.
    """
    names: set[str] = set()
    for trigger in triggers:
        if trigger.name in names:
            message = f"two triggers have the name {trigger.name!r}: rename one"
            raise ValueError(message)
        names.add(trigger.name)
        _check_inputs(trigger, interface)


def check_resolver(resolver: Any) -> None:
    """Check that a resolver is what Flyte has under this name.

    Raises:
        TypeError: it has no import path, or cannot say how to find a template, or not find it.
    """
    if resolver is None:
        return
    named = isinstance(getattr(resolver, "import_path", None), str)
    if not named or not all(callable(getattr(resolver, name, None)) for name in ("loader_args", "load_task")):
        message = (
            f"task_resolver must have import_path, loader_args() and load_task(), as Flyte's have, not {resolver!r}"
        )
        raise TypeError(message)


def _check_inputs(trigger: Trigger, interface: NativeInterface) -> None:
    given = {name: value for name, value in (trigger.inputs or {}).items() if value is not TriggerTime}
    for name in trigger.inputs or {}:
        if name not in interface.inputs:
            message = f"trigger {trigger.name!r} gives {name!r}, which is no input: {', '.join(interface.inputs)}"
            raise ValueError(message)
    for name, (_, default) in interface.inputs.items():
        if default is EMPTY and name not in (trigger.inputs or {}):
            message = f"trigger {trigger.name!r} leaves the input {name!r} without a value: give it one, or a default"
            raise ValueError(message)
        if name in given:
            interface.input_types[name].lower(given[name], f"trigger {trigger.name!r} input {name!r}")


def _trigger(trigger: Trigger, interface: NativeInterface) -> dict[str, Any]:
    kinds = interface.input_types
    return {
        "name": trigger.name,
        "description": trigger.description,
        "auto_activate": trigger.auto_activate,
        "automation": _automation(trigger.automation),
        "inputs": {
            name: {"$trigger_time": True} if value is TriggerTime else to_json(kinds[name].lower(value))
            for name, value in (trigger.inputs or {}).items()
        },
    }


def _automation(automation: Cron | FixedRate | None) -> dict[str, Any] | None:
    if isinstance(automation, Cron):
        return {"cron": automation.expression, "timezone": automation.timezone}
    if automation is None:
        return None
    start = automation.start_time
    return {"interval_minutes": automation.interval_minutes, "start_time": None if start is None else start.isoformat()}


def _pod(pod: str | PodTemplate) -> Any:
    if isinstance(pod, str):
        return pod
    spec = pod.pod_spec
    return {
        "pod_spec": spec if spec is None or isinstance(spec, Mapping) else spec.to_dict(),
        "primary_container_name": pod.primary_container_name,
        "labels": pod.labels,
        "annotations": pod.annotations,
    }
