"""The typed inputs and outputs of a task: binds arguments, checks values in both directions."""

import inspect
import keyword
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import OutputRejected, ValueRejected
from sandbox.types import ValueType, from_annotation

EMPTY = inspect.Parameter.empty
OUTPUT = "o0"


@dataclass(frozen=True, kw_only=True)
class NativeInterface:
    """Inputs and outputs by name.

    Raises:
        TypeError: values of a type cannot cross, or a default does not fit its type.
        ValueError: an input's name is none that a program could use.
    """

    inputs: Mapping[str, tuple[Any, Any]]
    """Name -> (type, default or `EMPTY`), in the order of positional arguments."""
    outputs: Mapping[str, Any]
    """Name -> type; the output of a code template is `o0`, and there is none when nothing is returned."""
    input_types: Mapping[str, ValueType] = field(init=False, repr=False, compare=False)
    output_type: ValueType = field(init=False, repr=False, compare=False)
    signature: inspect.Signature = field(init=False, repr=False, compare=False)
    """The interface as that of a function."""

    def __post_init__(self) -> None:
        types: dict[str, ValueType] = {}
        for name, (annotation, default) in self.inputs.items():
            _check_name(name)
            where = f"Sandboxed task input {name!r}"
            types[name] = from_annotation(annotation, where=where)
            if default is not EMPTY:
                _check_default(types[name], default, where)
        output = self.outputs.get(OUTPUT, type(None))
        object.__setattr__(self, "input_types", types)
        object.__setattr__(self, "signature", _signature(self.inputs))
        object.__setattr__(self, "output_type", from_annotation(output, where="Sandboxed task output"))

    @classmethod
    def from_types(
        cls,
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> "NativeInterface":
        """Return the interface with these types."""
        given = defaults or {}
        return cls(
            inputs={name: (kind, given.get(name, EMPTY)) for name, kind in inputs.items()}, outputs=dict(outputs or {})
        )

    @classmethod
    def from_callable(cls, func: Callable[..., Any]) -> "NativeInterface":
        """Return the interface that a function's annotations declare; variadic parameters are left out."""
        signature = inspect.signature(func, eval_str=True)
        named = [one for one in signature.parameters.values() if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
        returned = Any if signature.return_annotation is EMPTY else signature.return_annotation
        outputs = {} if returned in (None, type(None)) else {OUTPUT: returned}
        return cls(
            inputs={one.name: (one.annotation, one.default) for one in named},
            outputs=outputs,
        )

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of the inputs as Flyte's type engine writes it; an input without a type is a text there."""
        return self._schema(lambda name: {"type": "string"} if self.inputs[name][0] is EMPTY else self._flyte(name))

    def standard_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the inputs in the standard's own words: what `from_json` of each type takes."""
        return {**self._schema(lambda name: self.input_types[name].schema()), "additionalProperties": False}

    def has_outputs(self) -> bool:
        """Return whether a value is expected."""
        return bool(self.outputs)

    def required_inputs(self) -> list[str]:
        """Return the names of the inputs without default."""
        return [name for name, (_, default) in self.inputs.items() if default is EMPTY]

    def num_required_inputs(self) -> int:
        """Return how many inputs have no default."""
        return len(self.required_inputs())

    def bind(self, task: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return input -> value as it crosses, defaults filled in.

        Raises:
            TypeError: arguments are missing, or too many; the message shows the inputs.
            ValueRejected: a value does not fit its input's type.
        """
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            message = f"{task}: {error}; inputs: {self._shown()}"
            raise TypeError(message) from None
        bound.apply_defaults()
        return {name: self.input_types[name].lower(bound.arguments[name], name) for name in self.inputs}

    def check_output(self, value: Any) -> Any:
        """Return the program's value as Python code holds it.

        Raises:
            OutputRejected: it does not fit the declared output; the hint names the type that would.
        """
        found = type(value).__name__
        if not self.outputs:
            if value is None:
                return None
            raise OutputRejected("$", f"is of type {found}, and no output is declared", f"pass output={found}")
        try:
            return self.output_type.check(value)
        except ValueRejected as error:
            hint = f"pass output={'NoneType' if value is None else found}" if error.path == "$" else "change the type"
            raise OutputRejected(error.path, error.reason, f"{hint}, or return {self.output_type.text}") from None

    def _flyte(self, name: str) -> dict[str, Any]:
        return self.input_types[name].flyte_schema()

    def _schema(self, of: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        properties = {name: of(name) for name in self.inputs}
        return {"type": "object", "properties": properties, "required": self.required_inputs()}

    def _shown(self) -> str:
        shown = [
            f"{name}: {kind.text}{'' if self.inputs[name][1] is EMPTY else ' = ...'}"
            for name, kind in self.input_types.items()
        ]
        return ", ".join(shown) or "none"


def _signature(inputs: Mapping[str, tuple[Any, Any]]) -> inspect.Signature:
    """Return a signature; after an input with a default, one without can only be given by name."""
    parameters = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)
        for name, (kind, default) in inputs.items()
    ]
    first = next((at for at, one in enumerate(parameters) if one.default is not EMPTY), len(parameters))
    if any(one.default is EMPTY for one in parameters[first:]):
        named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters[first:]]
        parameters = [*parameters[:first], *named]
    return inspect.Signature(parameters)


def _check_name(name: Any) -> None:
    usable = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
    if not usable or name.startswith("__") or unicodedata.normalize("NFKC", name) != name:
        message = f"Sandboxed task input {name!r} has a name that a program cannot use: choose an identifier"
        raise ValueError(message)


def _check_default(kind: ValueType, default: Any, where: str) -> None:
    try:
        kind.check(default)
    except ValueRejected as error:
        message = f"{where} has a default that {error.reason}"
        raise TypeError(message) from None
