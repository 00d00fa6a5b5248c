"""Task plugins: which class of templates runs a task whose `plugin_config` has a given type."""

import dataclasses
from typing import Any

from sandbox.templates.template import TaskTemplate


class Plugins:
    """Type of a configuration -> class of templates. The type counts exactly: its subclasses have no plugin by that."""

    def __init__(self) -> None:
        self._plugins: dict[type, type[TaskTemplate]] = {}

    def register(self, config_type: type, plugin: type[TaskTemplate]) -> None:
        """Have functions with a `plugin_config` of this type made into templates of this class.

        Raises:
            TypeError: one of the two is no class, or `plugin` no class of templates of functions.
            ValueError: the type has another plugin already. Flyte replaces it.
        """
        _check_class(config_type)
        _check_plugin(plugin)
        known = self._plugins.setdefault(config_type, plugin)
        if known is not plugin:
            message = f"{config_type.__name__} has the plugin {known.__name__} already: register another type for "
            raise ValueError(message + plugin.__name__)

    def find(self, config_type: type) -> type[Any] | None:
        """Return the class of templates for a type of configuration, None when there is none."""
        return self._plugins.get(config_type)

    def list_plugins(self) -> list[type]:
        """Return the types of configurations that have a plugin, in the order in which they were registered."""
        return [*self._plugins]

    def __repr__(self) -> str:
        return f"TaskPluginRegistry(plugins={self.list_plugins()})"

    def needed(self, config: object) -> type[Any]:
        """Return the class of templates for a configuration.

        Raises:
            ValueError: its type has no plugin; the message names those that have.
        """
        found = self.find(type(config))
        if found is None:
            known = ", ".join(kind.__name__ for kind in self._plugins) or "none"
            message = (
                f"plugin_config is a {type(config).__name__}, which has no plugin; registered: {known}; a "
                "SandboxedConfig is for @env.sandbox.orchestrator"
            )
            raise ValueError(message)
        return found


# One per process, as in Flyte: plugins register themselves while their modules are imported.
TaskPluginRegistry = Plugins()


def _check_class(config_type: object) -> None:
    if not isinstance(config_type, type):
        message = f"config_type must be a class, not {config_type!r}"
        raise TypeError(message)


def _check_plugin(plugin: object) -> None:
    fields = {field.name for field in dataclasses.fields(plugin)} if dataclasses.is_dataclass(plugin) else set()
    if not isinstance(plugin, type) or not issubclass(plugin, TaskTemplate) or not {"func", "plugin_config"} <= fields:
        message = f"a plugin must be a subclass of AsyncFunctionTaskTemplate, not {plugin!r}"
        raise TypeError(message)
