"""Templates whose body runs in an isolate: how one is called, run, retried, and used as a function by another."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox.dispatch import HostFunction, guest_name
from sandbox.errors import LoopRunning
from sandbox.failures import exception_of
from sandbox.local import library_engine, run_attempts
from sandbox.options import SandboxedConfig
from sandbox.source import Source
from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.functions import check_inputs, functions_of
from sandbox.turns import Program


@dataclass(kw_only=True, eq=False)
class SandboxedTaskTemplate(AsyncFunctionTaskTemplate[..., Any]):
    """Source, inputs and functions, run in a fresh isolate every time.

    `_user_source` is the source dedented and stripped; `_user_input_names` are the inputs in order; `_user_functions`
    is the whitelist, name -> function or template.
    """

    plugin_config: SandboxedConfig = field(default_factory=SandboxedConfig)
    _user_source: str = "None"
    _user_input_names: list[str] = field(default_factory=list)
    _user_functions: dict[str, Callable[..., Any]] = field(default_factory=dict)

    _can_retry: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self._source = Source.of(self._user_source)
        self._user_source = self._source.text
        self._user_input_names = [*self.interface.inputs]
        check_inputs(self._user_input_names)
        self._functions = functions_of(self._user_functions.values(), inputs=self._user_input_names)
        self._limits = self.plugin_config.limits()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value; blocks.

        Raises:
            LoopRunning: an event loop runs in this thread.
        """
        if _loop_runs():
            message = f"{self.name!r} was called where an event loop runs: write `await template.aio(...)`"
            raise LoopRunning(message)
        return asyncio.run(self.aio(*args, **kwargs))

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run the source in an isolate and return its value.

        Raises:
            TypeError, ValueRejected: the arguments do not fit the inputs.
            GuestError: the program was refused, failed, reached a limit, or returned something else than declared.
            HostError: the sandbox failed; trying again may help.
        """
        inputs = self.interface.bind(self.name, args, kwargs)
        return self.interface.check_output(await self._run(inputs))

    def as_function(self) -> HostFunction:
        """Return the template as a function that another one's guest calls."""
        if self._host_function is None:
            self._host_function = HostFunction(
                name=guest_name(self.name),
                call=self.aio,
                is_async=True,
                signature=self.interface.signature,
                parameters=self.interface.input_types,
                returns=self.interface.output_type,
                title=self.name,
            )
        return self._host_function

    async def _run(self, inputs: Mapping[str, Any]) -> Any:
        program = Program(
            source=self._source.program(), functions=tuple(function.spec() for function in self._functions.values())
        )
        finished = await run_attempts(
            library_engine(),
            program,
            inputs=inputs,
            functions=self._functions,
            limits=self._limits,
            retries=self.retries,
        )
        if finished.error is None:
            return finished.value
        error = exception_of(self._source.restore(finished.error), self._limits)
        raise error from finished.raised

    def _check_plugin_config(self) -> None:
        config: object = self.plugin_config
        if not isinstance(config, SandboxedConfig):
            message = f"plugin_config must be a SandboxedConfig, not {config!r}"
            raise TypeError(message)


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
