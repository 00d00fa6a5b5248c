"""Templates that return their inputs: no function, no isolate."""

import types
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.interface import OUTPUT, NativeInterface
from sandbox.templates.function import AsyncFunctionTaskTemplate


class Echo(AsyncFunctionTaskTemplate[..., Any]):
    """Returns its inputs: one as it is, several as a tuple in their order, none as `()`. flytekit's `Echo`.

    Raises:
        TypeError: a type cannot cross; or, when it is called, an input is missing or there is no such input.
        ValueRejected: when it is called: a value does not fit its type.
    """

    def __init__(self, name: str, inputs: Mapping[str, Any] | None = None, **parameters: Any) -> None:
        """Make a template of this name with these inputs, name -> type."""
        # A copy is made of the fields, which have the interface that was made before.
        interface = parameters.pop("interface", None) or _interface(inputs or {})
        super().__init__(**{**parameters, "name": name, "interface": interface, "func": _echo(name, interface)})

    def __getstate__(self) -> dict[str, Any]:
        """Return the parameters without the function, which is made again."""
        return {name: value for name, value in super().__getstate__().items() if name != "func"}


def _interface(inputs: Mapping[str, Any]) -> NativeInterface:
    kinds: Any = tuple(inputs.values())
    return NativeInterface.from_types(
        inputs, {OUTPUT: kinds[0] if len(kinds) == 1 else types.GenericAlias(tuple, kinds)}
    )


def _echo(name: str, interface: NativeInterface) -> Callable[..., Any]:
    signature = interface.signature.replace(return_annotation=interface.outputs[OUTPUT])

    def echo(*args: Any, **kwargs: Any) -> Any:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            message = f"{name}: {error}; inputs: {', '.join(interface.inputs) or 'none'}"
            raise TypeError(message) from None
        values = tuple(kind.check(given[input_], input_) for input_, kind in interface.input_types.items())
        return values[0] if len(values) == 1 else values

    echo.__name__ = echo.__qualname__ = name
    echo.__signature__ = signature  # type: ignore[attr-defined]  # read by inspect
    return echo
