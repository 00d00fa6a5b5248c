"""What every task template has: a name, an interface, and the parameters of its runs.

A parameter does something or is refused when the template is made; none is accepted and ignored.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.interface import NativeInterface

MAX_NAME = 256


@dataclass(kw_only=True, eq=False)
class TaskTemplate:
    """A task: something with a typed interface that can be run.

    Raises:
        TypeError, ValueError: a parameter has a value that it cannot have, or one that is not supported yet.
    """

    name: str
    """Identity in logs; any text up to 256 characters."""
    interface: NativeInterface
    image: str | None = None
    """The guest image: None and `auto` are the one that ships."""
    cache: str = "disable"
    retries: int = 0
    """How many attempts may follow the first, after a failure that may pass."""

    _can_retry: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.image not in (None, "auto"):
            message = f"image={self.image!r} is not supported yet: leave it out, or pass 'auto' for the one that ships"
            raise ValueError(message)
        if self.cache != "disable":
            message = f"cache={self.cache!r} is not supported yet: results are not kept; pass 'disable'"
            raise ValueError(message)
        self._check_retries()

    @property
    def native_interface(self) -> NativeInterface:
        """The interface."""
        return self.interface

    async def aio(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value."""
        return await self.execute(*args, **kwargs)

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Do what the task does."""
        raise NotImplementedError

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the task's Python function directly."""
        raise NotImplementedError

    def _check_retries(self) -> None:
        if isinstance(self.retries, bool) or not isinstance(self.retries, int):
            message = f"retries must be a whole number, not {self.retries!r}"
            raise TypeError(message)
        if self.retries < 0:
            message = f"retries must not be negative, and is {self.retries}"
            raise ValueError(message)
        if self.retries and not self._can_retry:
            message = f"retries={self.retries} is not supported yet for {type(self).__name__}: leave it at 0"
            raise ValueError(message)


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        message = f"name must be a text, not {name!r}"
        raise TypeError(message)
    if not 0 < len(name) <= MAX_NAME:
        message = f"name must have 1 to {MAX_NAME} characters, not {len(name)}"
        raise ValueError(message)
