"""Tasks under the names of `flytekit.core.task`, for code that was written for flytekit."""

from sandbox.flytekit.debugger import decorate_function
from sandbox.flytekit.eager import eager
from sandbox.flytekit.plugins import TaskPlugins
from sandbox.flytekit.task import task
from sandbox.templates.echo import Echo
from sandbox.templates.reference import ReferenceTask, reference_task

__all__ = ["Echo", "ReferenceTask", "TaskPlugins", "decorate_function", "eager", "reference_task", "task"]
