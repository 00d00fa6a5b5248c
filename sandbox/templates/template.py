"""What every task template has: a name, an interface, the parameters of its runs, and how it is called."""

import asyncio
import dataclasses
import inspect
import weakref
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.errors import LoopRunning
from sandbox.interface import NativeInterface
from sandbox.options import (
    Cache,
    Documentation,
    Image,
    Link,
    PodTemplate,
    Resources,
    RetryStrategy,
    ReusePolicy,
    Secret,
    Trigger,
)
from sandbox.templates.overriding import overridden
from sandbox.templates.parameters import MAX_INLINE_IO_BYTES, settle


@dataclass(kw_only=True, eq=False)
class TaskTemplate:
    """A task: something with a typed interface that can be run.

    Parameters hold one form once the template is made: `cache` is a `Cache`, `retries` a `RetryStrategy`, `timeout` a
    `Timeout`. Those that a class of templates has no use for are refused; `sandbox/templates/parameters.py` lists them.

    Raises:
        TypeError: a parameter has a value of another type.
        ValueError: a parameter has a value that it cannot have, or one that is not supported yet.
    """

    name: str
    """Identity in messages; any text of 1 to 256 characters."""
    interface: NativeInterface
    short_name: str = ""
    """What is shown; by default the name."""
    task_type: str = "python"
    """With its version, the plugin that runs it: only the class's own, version 0."""
    task_type_version: int = 0
    image: str | Image | None = "auto"
    """The guest image: `auto`, None and `Image.from_guest_base()` are the one that ships."""
    resources: Resources | None = None
    """`memory`: its limit side caps an isolate."""
    cache: str | Cache = "disable"
    interruptible: bool = False
    retries: int | RetryStrategy = 0
    """How many attempts may follow the first, after a failure that may pass."""
    reusable: ReusePolicy | None = None
    docs: Documentation | None = None
    """What is told of it; by default what its source begins with."""
    env_vars: dict[str, str] | None = None
    """What `os.environ` holds in a program, at most 32 KiB together; nothing by default."""
    secrets: str | Secret | list[str | Secret] | tuple[Secret, ...] | None = None
    """Looked up when a run starts; for `current_secrets()` of the functions that it calls, never for its program."""
    timeout: Any = None
    """Seconds, a timedelta or a `Timeout`; 0 and None: no bound."""
    pod_template: str | PodTemplate | None = None
    """Where it runs elsewhere: kept for exports, in `custom_config`; a name, or a pod. Here there are no pods."""
    report: bool = False
    """Whether `run(...)` gives an HTML report: `Run.report`."""
    queue: str | None = None
    """What drives its durable runs; kept in `custom_config`. Calls in the library are driven where they are made."""
    debuggable: bool = False
    """Whether `run(...)` keeps what stepping through it needs: `steps(run)`."""
    parent_env: weakref.ReferenceType[Any] | None = None
    """The `TaskEnvironment` that it belongs to; not pickled."""
    parent_env_name: str | None = None
    max_inline_io_bytes: int = MAX_INLINE_IO_BYTES
    """What the inputs together, and what the value, may take as text."""
    triggers: tuple[Trigger, ...] = ()
    """Schedules, checked against the inputs and kept in `custom_config`. The library starts nothing by itself."""
    links: tuple[Link, ...] = ()
    """Shown with each run."""
    _call_as_synchronous: bool = False

    supports: ClassVar[frozenset[str]] = frozenset()
    """The parameters of `parameters.MISSING` that this class has a use for."""

    def __post_init__(self) -> None:
        settle(self)

    def __getstate__(self) -> dict[str, Any]:
        """Return the parameters without the environment: what is made of them is made again."""
        names = [field.name for field in dataclasses.fields(self) if field.init and field.name != "parent_env"]
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # as its class makes it

    @property
    def native_interface(self) -> NativeInterface:
        """The interface."""
        return self.interface

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of the inputs, as Flyte writes it; `interface.standard_schema()` is the standard's."""
        return self.interface.json_schema

    @property
    def source_file(self) -> str | None:
        """The file that its source stands in, None when there is none."""
        return None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value; blocks.

        Raises:
            LoopRunning: an event loop runs in this thread.
        """
        return self.run_blocking(*args, **kwargs)

    def run_blocking(self, *args: Any, **kwargs: Any) -> Any:
        """Run it on an event loop of its own and return its value.

        Raises:
            LoopRunning: an event loop runs in this thread, and would stand still.
        """
        if _loop_runs():
            message = f"{self.name!r} was called where an event loop runs: write `await template.aio(...)`"
            raise LoopRunning(message)
        return asyncio.run(self.aio(*args, **kwargs))

    async def aio(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value; raises what the run raised."""
        return await self.execute(*args, **kwargs)

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Do what the task does."""
        raise NotImplementedError

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the task's Python function directly."""
        raise NotImplementedError

    @classmethod
    def is_portable(cls) -> bool:
        """Return whether a document says all of it: of sandboxed templates without Python code of their own."""
        return False

    async def pre(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002 - for subclasses
        """Do something before each run, async or not; an exception is raised at the caller, and nothing runs."""
        return {}

    async def post(self, return_vals: Any) -> Any:
        """Return the value of the run, given what its body returned, async or not; it may raise."""
        return return_vals

    def config(self, sctx: Any) -> dict[str, str]:  # noqa: ARG002 - Flyte's
        """Return what a remote backend is to set beside: nothing."""
        return {}

    def custom_config(self, sctx: Any) -> dict[str, Any]:  # noqa: ARG002 - Flyte's
        """Return what a remote backend needs to run the same: for a function nothing but the function."""
        return {}

    def container_args(self, sctx: Any) -> list[str]:  # noqa: ARG002 - Flyte's
        """Refuse: a command runs sandboxed templates.

        Raises:
            NotImplementedError: always.
        """
        message = (
            f"container_args() is for sandboxed templates, and {self.name!r} is a {type(self).__name__}: a function "
        )
        raise NotImplementedError(message + "is run by a program that imports its module")

    def data_loading_config(self, sctx: Any) -> Any:  # noqa: ARG002 - Flyte's
        """Return None: inputs are handed over, not loaded."""
        return None

    def sql(self, sctx: Any) -> str | None:  # noqa: ARG002 - Flyte's
        """Return None: there is none."""
        return None

    def override(self, **changes: Any) -> Any:
        """Return another template with some parameters changed.

        None leaves a parameter as it is; 0, {} and () reset it, and so does `reusable="off"`.

        Raises:
            TypeError: there is no such parameter.
            ValueError: it is `name`, `image`, `docs` or `interface`; or `resources`, `env_vars` or `secrets` are given
                where isolates are reused; or the parameter refuses the value.
        """
        return overridden(self, changes)


async def hooked(result: Any) -> Any:
    """Return what a hook returned, which may be a coroutine function or a plain one."""
    return await result if inspect.isawaitable(result) else result


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
