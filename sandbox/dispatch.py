"""One call of a Python function by a guest: arguments bound to its signature, sync on a thread, async on the loop.

Arguments and results are kept as they cross (`ValueType.lower`), so that they can be recorded and compared; the
function itself gets and gives what its annotations say.
"""

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox import values
from sandbox.bucket import Bucket
from sandbox.call_attempts import Attempts, attempted
from sandbox.errors import GuestError, ValueRejected, ValueTooLarge
from sandbox.options import Secret
from sandbox.shapes import fields_of
from sandbox.signatures import (
    EMPTY,
    description_of,
    guest_name,
    is_async_function,
    key_of,
    own_name,
    parameter_list,
    parameters_schema,
    signature_of,
)
from sandbox.terms import Effect, ResultRejected, ResultTooLarge, Terms
from sandbox.threads import DaemonThreads
from sandbox.turns import Failure, FunctionSpec
from sandbox.types import ValueType, from_annotation
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of

Kind = Literal["python", "openapi", "client"]
_SCALARS = frozenset({str, int, float, bool, type(None)})
# What a stub says of an effect; nobody can rely on that of a function which declares none.
_EFFECTS = {
    "read": "Effect: read. It changes nothing.",
    "idempotent": "Effect: idempotent. Calling it again with the same arguments changes nothing more.",
}
_APPROVAL = "A call waits until somebody has approved it."


class ArgumentsRejected(GuestError):
    """The arguments of a call do not fit the function.

    Attributes:
        failure: what is raised at the call site.
    """

    code = "arguments_rejected"

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFunction:
    """A whitelisted Python function."""

    name: str
    """What guests call it: an identifier."""
    call: Callable[..., Any]
    is_async: bool
    signature: inspect.Signature
    parameters: Mapping[str, ValueType]
    """In the order of the signature; variadic ones as `args` and `kwargs`, with the type of each item."""
    returns: ValueType
    description: str = ""
    title: str = ""
    """The name as it was given, when guests need another one."""
    kind: Kind = "python"
    """Who answers: a function of the operator's, an operation of an HTTP API, or the caller."""
    terms: Terms = field(default_factory=Terms)
    bucket: Bucket | None = field(default=None, repr=False, compare=False)
    """The tokens of `terms.rate`: those who call a copy of the function share them."""
    is_task: bool = False
    """Whether it is a template's."""
    secrets: tuple[Secret, ...] = ()
    """Looked up when a run starts that may call it."""
    version: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    """Tells what it does, where its code does not: that of a template, or of an operation."""
    threads: DaemonThreads = field(default_factory=DaemonThreads, repr=False, compare=False)
    _positional: tuple[str, ...] | None = field(init=False, default=None, repr=False, compare=False)
    """The parameters, when each can be given by its place: binding those needs nobody's help."""
    _required: int = field(init=False, default=0, repr=False, compare=False)

    def __post_init__(self) -> None:
        parameters = self.signature.parameters.values()
        if all(one.kind is one.POSITIONAL_OR_KEYWORD for one in parameters):
            object.__setattr__(self, "_positional", tuple(self.signature.parameters))
            object.__setattr__(self, "_required", sum(one.default is EMPTY for one in parameters))

    @staticmethod
    def of(
        call: Any, *, name: str | None = None, description: str | None = None, terms: Terms | None = None
    ) -> "HostFunction":
        """Return the function that a guest may call under `name`, its own name by default.

        Raises:
            TypeError: it cannot be called, has no usable name, or a type of its signature cannot cross.
        """
        if not callable(call):
            message = f"a task must be callable, not {call!r}"
            raise TypeError(message)
        title = name or own_name(call)
        known_as = guest_name(title)
        signature = signature_of(call, known_as)
        terms = terms or Terms()
        return HostFunction(
            name=known_as,
            call=call,
            is_async=is_async_function(call),
            signature=signature,
            parameters={
                key_of(parameter, signature): from_annotation(
                    parameter.annotation, where=f"Task {known_as!r} input {parameter.name!r}"
                )
                for parameter in signature.parameters.values()
            },
            returns=from_annotation(signature.return_annotation, where=f"Task {known_as!r} output"),
            description=description_of(call) if description is None else description,
            title=title,
            terms=terms,
            bucket=terms.bucket(),
        )

    @property
    def effect(self) -> Effect:
        """What calling it changes."""
        return self.terms.effect

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameter -> value as it crossed; defaults are not filled in.

        Raises:
            ArgumentsRejected: they do not fit the signature or its types.
        """
        names = self._positional
        if names is not None and not kwargs and self._required <= len(args) <= len(names):
            given: Mapping[str, Any] = dict(zip(names, args, strict=False))
        else:
            try:
                given = self.signature.bind(*args, **kwargs).arguments
            except TypeError as error:
                raise self._rejected(f"{self.name}() {error}") from None
        arguments: dict[str, Any] = {}
        for name, value in given.items():
            parameter = self.signature.parameters[name]
            key = key_of(parameter, self.signature)
            try:
                arguments[key] = self._lowered(parameter, self.parameters[key], value)
            except ValueRejected as error:
                raise self._rejected(f"{self.name}() argument {error}") from None
        return arguments

    async def invoke(self, arguments: Mapping[str, Any], attempts: Attempts | None = None) -> Any:
        """Call it on its terms and return its value as it crosses; raises whatever the last attempt raised.

        Args:
            arguments: as `bind` returns them.
            attempts: counts them, for whoever asks meanwhile or afterwards.

        Raises:
            TypeError: the value does not fit the declared type, or cannot cross.
            ResultTooLarge: it has more nodes or levels than any value may have.
            TimeoutError: it took too long.
            RateExceeded: its turn would have come too late.
        """
        made = Attempts() if attempts is None else attempts
        try:
            return await attempted(
                lambda: self._attempt(arguments, made), self.terms, name=self.name, bucket=self.bucket, attempts=made
            )
        except ResultRejected as error:
            message = str(error)
        raise TypeError(message)

    def spec(self) -> FunctionSpec:
        """Return the function as the guest knows it."""
        return FunctionSpec(name=self.name, is_async=self.is_async, is_task=self.is_task)

    def parameters_schema(self) -> dict[str, Any]:
        """Return the JSON schema of `arguments`."""
        return parameters_schema(self.signature, self.parameters)

    def returns_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return self.returns.schema()

    def header(self) -> str:
        """Return name, parameters and type of the value: `add(x: int, y: int = 0) -> int`."""
        return f"{self.name}({self.parameter_list()}) -> {self.returns.text}"

    def parameter_list(self, text: Callable[[ValueType], str] = lambda kind: kind.text) -> str:
        """Return the parameters as a definition has them, their types in the words of `text`."""
        return parameter_list(self.signature, self.parameters, text)

    def told(self) -> str:
        """Return what is told of it: its description, an effect that was declared, and an approval that it needs."""
        approval = _APPROVAL if self.terms.requires_approval else None
        return "\n\n".join(part for part in (self.description, _EFFECTS.get(self.effect), approval) if part)

    def returned_fields(self) -> str | None:
        """Return the fields of the records that its value has; None when it has none."""
        return fields_of(self.returns_schema(), as_text=self.kind != "python")

    def stub(self, mode: Literal["async", "sync"] = "async") -> str:
        """Return the function as a stub file declares it; in mode `sync` nothing is awaited."""
        start = "async def" if self.is_async and mode == "async" else "def"
        told = "\n\n".join(part for part in (self.told(), self._fields()) if part)
        if not told:
            return f"{start} {self.header()}: ..."
        text = told.replace("\\", "\\\\").replace('"""', "'''").replace("\n", "\n    ")
        lines = [line.rstrip() for line in f'"""{text}{" " if text.endswith(chr(34)) else ""}"""'.split("\n")]
        if len(lines) > 1:
            lines[-1:] = [lines[-1].removesuffix('"""').rstrip(), '    """']
        return "\n".join([f"{start} {self.header()}:", f"    {lines[0]}", *lines[1:], "    ..."])

    def _fields(self) -> str:
        """Return a line for each parameter that takes records, and one for the value."""
        taken = self.parameters_schema()["properties"].items()
        shown = [(name, fields_of(schema, as_text=self.kind != "python")) for name, schema in taken]
        given = self.returned_fields()
        lines = [f"{name}: {fields}" for name, fields in shown if fields]
        return "\n".join([*lines, f"Returns: {given}"] if given else lines)

    async def _attempt(self, arguments: Mapping[str, Any], attempts: Attempts) -> Any:
        try:
            if not self.is_async:
                lowered, result = await self.threads.run(lambda: self._invoke_here(arguments), wait=attempts.is_alone)
                if lowered:
                    return result
                result = await result
            else:
                weight = weight_of(arguments, enough=HEAVY_BYTES)
                args, kwargs = await in_its_place(weight, lambda: self._bound(arguments))
                result = await self.call(*args, **kwargs)
        except SystemExit as error:
            message = f"{self.name}() tried to end the process"
            raise RuntimeError(message) from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            message = f"{self.name}() cancelled itself"
            raise RuntimeError(message) from error
        return await in_its_place(weight_of(result, enough=HEAVY_BYTES), lambda: self._result(result))

    def _lowered(self, parameter: inspect.Parameter, kind: ValueType, value: Any) -> Any:
        if parameter.kind is parameter.VAR_POSITIONAL:
            return [kind.lower(item, f"{parameter.name}[{index}]") for index, item in enumerate(value)]
        if parameter.kind is parameter.VAR_KEYWORD:
            return {name: kind.lower(item, name) for name, item in value.items()}
        return kind.lower(value, parameter.name)

    def _invoke_here(self, arguments: Mapping[str, Any]) -> tuple[bool, Any]:
        """Return whether the function is through, and its value as it crosses, or what is to be awaited for it."""
        args, kwargs = self._bound(arguments)
        result = self.call(*args, **kwargs)
        return (False, result) if inspect.isawaitable(result) else (True, self._result(result))

    def _bound(self, arguments: Mapping[str, Any]) -> tuple[Sequence[Any], Mapping[str, Any]]:
        """Return the arguments as the function takes them; its own copies, because the record of the call stays."""
        if self._positional is not None and len(arguments) == len(self._positional):
            return [_own(self.parameters[name], arguments[name]) for name in self._positional], {}
        raised: Any = {}
        for parameter in self.signature.parameters.values():
            key = key_of(parameter, self.signature)
            if key not in arguments:
                continue
            kind, value = self.parameters[key], arguments[key]
            if parameter.kind is parameter.VAR_POSITIONAL:
                raised[parameter.name] = tuple(_own(kind, item) for item in value)
            elif parameter.kind is parameter.VAR_KEYWORD:
                raised[parameter.name] = {name: _own(kind, item) for name, item in value.items()}
            else:
                raised[parameter.name] = _own(kind, value)
        bound = inspect.BoundArguments(self.signature, raised)
        return bound.args, bound.kwargs

    def _result(self, result: Any) -> Any:
        try:
            lowered = self.returns.lower(result)
            # By value: what the function does to it later must not change what was told.
            return lowered if _crosses_as_it_is(lowered) else values.decode(values.encode(lowered))
        except ValueRejected as error:
            message = f"the value of {self.name}(){'' if error.path == '$' else f' {error.path}'} {error.reason}"
            beyond = (error.limit, error.path) if isinstance(error, ValueTooLarge) else None
        raise ResultRejected(message) if beyond is None else ResultTooLarge(message, *beyond)

    def _rejected(self, message: str) -> ArgumentsRejected:
        hint = f"signature: {self.header()}"
        return ArgumentsRejected(Failure(type="TypeError", message=message, arguments=(message,), hint=hint))


def _own(kind: ValueType, value: Any) -> Any:
    """Return what the function gets for a value that crossed: nothing that it changes is anybody else's."""
    own = _copied(value)
    return own if kind.plain else kind.check(own)


def _copied(value: Any) -> Any:
    """Return a copy of a value that crossed; what cannot change is not copied."""
    kind = type(value)
    if kind is list:
        return [item if type(item) in _SCALARS else _copied(item) for item in value]
    if kind is dict:
        return {key: item if type(item) in _SCALARS else _copied(item) for key, item in value.items()}
    if kind is tuple:
        return tuple([_copied(item) for item in value])
    return set(value) if kind is set else value


def _crosses_as_it_is(value: Any) -> bool:
    """Say whether writing and reading a value would give the same, which cannot change; other texts may be no text."""
    return type(value) in _SCALARS and (type(value) is not str or value.isascii())
