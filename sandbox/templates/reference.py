"""Templates that are known by name and version only, until something that runs here is bound to them."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.interface import OUTPUT, NativeInterface
from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.template import TaskTemplate


@dataclass(init=False, kw_only=True, eq=False)
class ReferenceTask(AsyncFunctionTaskTemplate[..., Any]):
    """A template elsewhere: in this service or another. flytekit's `ReferenceTask`.

    Raises:
        NotImplementedError: when it is called: nothing is bound to it.
    """

    project: str
    domain: str
    version: str
    target: Any = None
    """What runs in its place: a template or a function."""

    def __init__(
        self,
        project: str,
        domain: str,
        name: str,
        version: str,
        inputs: Mapping[str, Any] | None = None,
        outputs: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> None:
        """Make a reference with these inputs and outputs, name -> type; the output is called `o0`."""
        self.project, self.domain, self.version = project, domain, version
        self.target = parameters.pop("target", None)
        # A copy is made of the fields, which have the interface that was made before.
        interface = parameters.pop("interface", None) or NativeInterface.from_types(inputs or {}, outputs)
        super().__init__(**{**parameters, "name": name, "interface": interface, "func": _placeholder(name, interface)})

    def __getstate__(self) -> dict[str, Any]:
        """Return the parameters without the function, which is made again."""
        return {name: value for name, value in super().__getstate__().items() if name != "func"}

    def bind(self, target: Any) -> None:
        """Have calls of the reference answered by a template or a function, from now on.

        Raises:
            TypeError: it cannot be called, or is a template with other inputs or another output.
            ValueError: something else is bound already.
        """
        if not callable(target):
            message = f"a reference is bound to a template or a function, not to {target!r}"
            raise TypeError(message)
        if isinstance(target, TaskTemplate) and (expected := _shape(self)) != (found := _shape(target)):
            message = f"{target.name!r} is {found}, and the reference {self.name!r} is {expected}"
            raise TypeError(message)
        if self.target is not None and self.target is not target:
            message = f"the reference {self.name!r} is bound already: make another ReferenceTask"
            raise ValueError(message)
        self.target = target

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run what is bound to it.

        Raises:
            NotImplementedError: nothing is.
        """
        if self.target is None:
            message = (
                f"{self.name!r}, version {self.version!r} in {self.project}/{self.domain}, is known by its name only: "
                "bind(template) says what runs here in its place"
            )
            raise NotImplementedError(message)
        run = self.target.aio if isinstance(self.target, TaskTemplate) else self.target
        value = run(*args, **kwargs)
        return await value if inspect.isawaitable(value) else value


def reference_task(project: str, domain: str, name: str, version: str) -> Callable[[Callable[..., Any]], ReferenceTask]:
    """Make a function's signature the interface of a reference; its body is not used. flytekit's `reference_task`."""

    def decorate(func: Callable[..., Any]) -> ReferenceTask:
        return ReferenceTask(project, domain, name, version, interface=NativeInterface.from_callable(func))

    return decorate


def _placeholder(name: str, interface: NativeInterface) -> Callable[..., Any]:
    """Return what has the signature: the template itself knows what runs."""

    def placeholder(*_args: Any, **_kwargs: Any) -> Any:
        message = f"{name!r} is known by its name only: there is no Python function to call directly"
        raise NotImplementedError(message)

    returned = interface.outputs.get(OUTPUT)
    placeholder.__name__ = placeholder.__qualname__ = name
    placeholder.__signature__ = interface.signature.replace(return_annotation=returned)  # type: ignore[attr-defined]  # read by inspect
    return placeholder


def _shape(template: TaskTemplate) -> str:
    inputs = ", ".join(f"{name}: {kind.text}" for name, kind in template.interface.input_types.items())
    return f"({inputs}) -> {template.interface.output_type.text}"
