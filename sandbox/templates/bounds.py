"""The limits of a template's runs: the smallest of what was asked for, whichever way."""

from collections.abc import Mapping
from typing import Any

from sandbox.limits import BOUNDS, INTERPRETER_BYTES, Limits
from sandbox.options import Resources, SandboxedConfig

_DEFAULTS = Limits()
_UNCONFIGURED = SandboxedConfig()


def given_limits(limits: object) -> dict[str, Any]:
    """Return the limits that were asked for, by name; of a `Limits` those that are not at their default.

    Raises:
        TypeError: it is neither a `Limits` nor a dictionary.
        ValueError: there is no limit of that name, or it is out of bounds.
    """
    if limits is None:
        return {}
    if isinstance(limits, Limits):
        return {name: value for name, value in limits.as_dict().items() if value != getattr(_DEFAULTS, name)}
    if not isinstance(limits, Mapping):
        message = f"limits must be a Limits, a dictionary or None, not {limits!r}"
        raise TypeError(message)
    unknown = [name for name in limits if name not in BOUNDS]
    if unknown:
        message = f"there is no limit {unknown[0]!r}; limits: {', '.join(BOUNDS)}"
        raise ValueError(message)
    Limits(**limits)
    return dict(limits)


def effective_limits(
    config: SandboxedConfig, resources: Resources | None, limits: Mapping[str, Any], max_inline_io_bytes: int
) -> Limits:
    """Return the limits of a run.

    The configuration counts where it was changed, and where nothing else was asked for.

    Raises:
        ValueError: what is asked for is less than an isolate needs.
    """
    memory = [limits["memory_bytes"]] if "memory_bytes" in limits else []
    if resources is not None and (capped := resources.memory_bytes()) is not None:
        _check_memory(resources, capped)
        memory.append(capped)
    if config.max_memory != _UNCONFIGURED.max_memory or not memory:
        memory.append(INTERPRETER_BYTES + config.max_memory)
    wall = [limits["wall_seconds"]] if "wall_seconds" in limits else []
    if config.timeout_ms != _UNCONFIGURED.timeout_ms or not wall:
        wall.append(config.timeout_ms / 1_000)
    asked = {"value_bytes": max(_DEFAULTS.value_bytes, max_inline_io_bytes), **limits}
    return Limits(**{**asked, "memory_bytes": min(memory), "wall_seconds": min(wall)})


def check_resources(resources: Resources | None) -> None:
    """Refuse what no isolate has.

    Raises:
        ValueError: a device, a disk or shared memory is asked for.
    """
    for field in ("gpu", "disk", "shm", "cpu"):
        value = None if resources is None else getattr(resources, field)
        if value not in (None, 0):
            message = f"resources.{field}={value!r} is not supported: an isolate computes on one core, and has memory "
            raise ValueError(message + "only; pass Resources(memory=...)")


def _check_memory(resources: Resources, capped: int) -> None:
    lowest, highest = BOUNDS["memory_bytes"]
    if not lowest <= capped <= highest:
        message = f"resources.memory={resources.memory!r} is not possible: an isolate has from {lowest:,} to "
        raise ValueError(message + f"{highest:,} bytes, {INTERPRETER_BYTES:,} of them for the interpreter")
