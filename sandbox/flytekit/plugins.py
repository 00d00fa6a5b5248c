"""The registry of task plugins as flytekit spells it."""

from typing import Any

from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.plugins import TaskPluginRegistry
from sandbox.templates.template import TaskTemplate


class TaskPlugins:
    """flytekit's names of `sandbox.extend.TaskPluginRegistry`: one registry, two spellings."""

    @classmethod
    def register_pythontask_plugin(cls, plugin_config_type: type, plugin: type[TaskTemplate]) -> None:
        """Have functions with a `task_config` of this type made into templates of this class.

        Raises:
            TypeError: one of the two is no class of its kind, or the type has another plugin already.
        """
        try:
            TaskPluginRegistry.register(plugin_config_type, plugin)
        except ValueError as error:
            raise TypeError(str(error)) from None

    @classmethod
    def find_pythontask_plugin(cls, plugin_config_type: type) -> type[Any]:
        """Return the class of templates for a type of configuration, that of plain functions when there is none."""
        return TaskPluginRegistry.find(plugin_config_type) or AsyncFunctionTaskTemplate
