"""The sandbox as a library: code strings in, values out, whitelisted functions in between."""

from sandbox.environment import TaskEnvironment
from sandbox.errors import (
    EngineCrashed,
    EngineUnavailable,
    GuestError,
    GuestRaised,
    HostError,
    LimitExceeded,
    MisuseError,
    NonRecoverable,
    OutputRejected,
    SandboxError,
    SourceRejected,
    ValueRejected,
)
from sandbox.limits import Limits
from sandbox.options import SandboxedConfig
from sandbox.orchestrator import orchestrate_local, orchestrator_from_str
from sandbox.templates import AsyncFunctionTaskTemplate, CodeTaskTemplate, SandboxedTaskTemplate, TaskTemplate

__all__ = [
    "AsyncFunctionTaskTemplate",
    "CodeTaskTemplate",
    "EngineCrashed",
    "EngineUnavailable",
    "GuestError",
    "GuestRaised",
    "HostError",
    "LimitExceeded",
    "Limits",
    "MisuseError",
    "NonRecoverable",
    "OutputRejected",
    "SandboxError",
    "SandboxedConfig",
    "SandboxedTaskTemplate",
    "SourceRejected",
    "TaskEnvironment",
    "TaskTemplate",
    "ValueRejected",
    "orchestrate_local",
    "orchestrator_from_str",
]
