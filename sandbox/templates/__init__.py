"""Task templates: functions, functions in a sandbox, code strings in a sandbox."""

from sandbox.templates.code import CodeTaskTemplate
from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.sandboxed import SandboxedTaskTemplate
from sandbox.templates.template import TaskTemplate

__all__ = ["AsyncFunctionTaskTemplate", "CodeTaskTemplate", "SandboxedTaskTemplate", "TaskTemplate"]
