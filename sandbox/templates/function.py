"""Templates of Python functions, which run where they are called, without a sandbox."""

import asyncio
import dataclasses
import functools
import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, ParamSpec, SupportsIndex, TypeVar

from sandbox.cache import version_of_code
from sandbox.call_attempts import Attempts, attempted
from sandbox.dispatch import HostFunction
from sandbox.options import Documentation, RateLimit, RetryStrategy, Secret, Timeout
from sandbox.secrets import current_secrets, handed_over, resolved
from sandbox.templates.plugins import TaskPluginRegistry
from sandbox.templates.template import TaskTemplate, hooked
from sandbox.terms import Terms

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(kw_only=True, eq=False)
class AsyncFunctionTaskTemplate(TaskTemplate, Generic[P, R]):
    """A function, sync or async. Calling the template calls the function."""

    func: Callable[P, R]
    plugin_config: Any = None
    task_resolver: Any = None
    """Finds the template again in another process; what it says of it stands in `custom_config`."""
    effect: Any = "write"
    """What calling it changes: `read` nothing, `idempotent` the same however often, `write` anything."""
    rate: RateLimit | None = None
    """How often programs may call it."""
    requires_approval: bool = False
    """Whether somebody has to approve of each call; a run has to be able to wait for that, as the service's can."""

    supports: ClassVar[frozenset[str]] = frozenset({"retries", "timeout", "secrets"})

    def __post_init__(self) -> None:
        func: object = self.func
        if not callable(func):
            message = f"func must be callable, not {self.func!r}"
            raise TypeError(message)
        super().__post_init__()
        self._check_plugin_config()
        self._terms()
        self._call_as_synchronous = not inspect.iscoroutinefunction(self.func)
        self._host_function: HostFunction | None = None
        self._take_from_func()

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        """Pickle one that stands in its module in place of its function as a function is pickled: by that name."""
        module, name = getattr(self.func, "__module__", None), getattr(self.func, "__qualname__", None)
        if isinstance(module, str) and isinstance(name, str) and _standing_at(module, name) is self:
            return _standing_at, (module, name)
        return super().__reduce_ex__(protocol)

    @property
    def source_file(self) -> str | None:
        """The file of the function, None when it has none."""
        code = getattr(inspect.unwrap(self.func), "__code__", None)
        return None if code is None else str(code.co_filename)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function; a coroutine function gives a coroutine.

        Raises:
            LoopRunning: a sync function with `retries`, `timeout`, `secrets` or hooks was called where an event
                loop runs.
        """
        if self._is_plain():
            return self.forward(*args, **kwargs)
        run: Callable[..., Any] = self.run_blocking if self._call_as_synchronous else self.aio
        result: R = run(*args, **kwargs)
        return result

    async def aio(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value; a plugin's own `execute` gets its attempts, time and secrets here."""
        if not self._has_own_body():
            return await self.execute(*args, **kwargs)
        with handed_over(await resolved(self.secret_requests, beside=current_secrets())):
            return await self._attempted(lambda: self.execute(*args, **kwargs))

    def forward(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function, and nothing else: no attempts, no time limit, no hooks."""
        return self.func(*args, **kwargs)

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function between its hooks, on a thread when it is a sync one.

        Raises:
            SecretMissing: one of its secrets is not there.
            TimeoutError: it took longer than `timeout`; a sync function goes on in its thread, and is not heard.
        """
        with handed_over(await resolved(self.secret_requests, beside=current_secrets())):
            await hooked(self.pre(*args, **kwargs))
            value = await self._attempted(lambda: self._call_once(args, kwargs))
            return await hooked(self.post(value))

    @property
    def retry_strategy(self) -> RetryStrategy:
        """The parameter `retries`."""
        return RetryStrategy.of(self.retries)

    @property
    def secret_requests(self) -> tuple[Secret, ...]:
        """The parameter `secrets`."""
        return () if self.secrets is None else Secret.all_of(self.secrets)

    @property
    def time_bounds(self) -> Timeout:
        """The parameter `timeout`."""
        return Timeout.of(self.timeout)

    def as_function(self) -> HostFunction:
        """Return the function that a guest calls under the template's name."""
        if self._host_function is None:
            described = None if self.docs is None else self.docs.description
            # With hooks, the attempts lie between them, so that one call of the program is one of `aio`.
            hooked = self._is_hooked()
            terms = self._terms() if hooked else self._terms(retries=self.retries, timeout=self.timeout)
            function = HostFunction.of(self.func, name=self._known_as(), description=described, terms=terms)
            call = self.aio if hooked else function.call
            version = functools.partial(version_of_code, self.func, type(self))
            self._host_function = dataclasses.replace(
                function, call=call, is_task=True, secrets=self.secret_requests, version=version
            )
        return self._host_function

    def _terms(self, **attempts: Any) -> Terms:
        """Return on what terms programs call it."""
        return Terms.of(effect=self.effect, rate=self.rate, requires_approval=self.requires_approval, **attempts)

    def _known_as(self) -> str | None:
        """Return what guests call it: the name in its environment, else that of the function."""
        name = self.parent_env_name
        return None if name is None else self.name.removeprefix(f"{name}.")

    def _is_plain(self) -> bool:
        """Return whether a run is a call of the function and nothing more."""
        return not (self._is_hooked() or self.secrets or self.retry_strategy.count or self.time_bounds != Timeout())

    def _is_hooked(self) -> bool:
        """Return whether there is more to a run than the function: hooks, or a plugin's way of executing it."""
        kind = type(self)
        return kind.pre is not TaskTemplate.pre or kind.post is not TaskTemplate.post or self._has_own_body()

    def _has_own_body(self) -> bool:
        return type(self).execute is not AsyncFunctionTaskTemplate.execute

    async def _attempted(self, body: Callable[[], Any]) -> Any:
        # The rate is for programs.
        terms = self._terms(retries=self.retries, timeout=self.timeout)
        return await attempted(body, terms, name=self.short_name, bucket=None, attempts=Attempts())

    async def _call_once(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not self._call_as_synchronous:
            return await self.func(*args, **kwargs)  # type: ignore[misc]  # a coroutine function
        return await asyncio.to_thread(self.func, *args, **kwargs)

    def _take_from_func(self) -> None:
        """Look like the function, and take its documentation."""
        functools.update_wrapper(self, self.func, updated=())
        if self.docs is None and inspect.isroutine(self.func) and (text := inspect.getdoc(self.func)):
            self.docs = Documentation(text)

    def _check_plugin_config(self) -> None:
        if self.plugin_config is not None and not isinstance(self, TaskPluginRegistry.needed(self.plugin_config)):
            message = (
                f"plugin_config is a {type(self.plugin_config).__name__}, which is not for {type(self).__name__}: "
            )
            raise ValueError(message + "give it to @env.task, which takes the class that is registered for it")
        if self.time_bounds.max_queued_time is not None:
            message = f"timeout.max_queued_time is not supported for {type(self).__name__}: a function does not wait "
            raise ValueError(message + "for a worker; leave it out")


def _standing_at(module: str, name: str) -> object:
    """Return what a module has under a name, which may have dots; None when it has nothing."""
    found: object = sys.modules.get(module) or importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
