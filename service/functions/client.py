"""Functions that the caller answers: declared in a submission, by JSON schemas, and called by nobody here."""

import inspect
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from unicodedata import normalize

from sandbox.dispatch import HostFunction
from sandbox.errors import ValueRejected
from sandbox.external import lowered_answer
from sandbox.terms import WEEK_SECONDS, Effect, OnTimeout, Terms
from sandbox.types import ANY, ValueType
from service.functions.openapi.document import Document, Unusable
from service.functions.openapi.steps import Steps
from service.functions.openapi.types import Types
from service.functions.registry import refusal_of_name

_VARIADIC = inspect.Signature(
    [
        inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL),
        inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD),
    ]
)
_EMPTY = inspect.Parameter.empty
_NO_OBJECT = 'must be the schema of an object, as in {"type": "object", "properties": {}}'
MAX_PARAMETERS = 1_000
MAX_SCHEMAS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFunction:
    """A function as a submission declares it; schemas and `on_timeout` hold what JSON can say."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] | None = None
    """A JSON schema of an object, whose properties are the parameters in their order; None: any arguments."""
    returns: Mapping[str, Any] | None = None
    is_async: bool = True
    effect: Effect = "write"
    timeout_seconds: float | None = None
    expires_seconds: float = WEEK_SECONDS
    on_timeout: Any = "fail"
    """`fail`, `raise`, or `{"output": value}`."""


class Undeclarable(Exception):
    """A declaration cannot be that of a function; `where` is the name of its member."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(reason)
        self.where = where


def steps_of_submission() -> Steps:
    """Return what reading the schemas of all client functions of a submission may cost."""
    advice = ", those of all client functions together; declare fewer properties, or objects without `properties`"
    return Steps(MAX_SCHEMAS, advice=advice)


def host_function(declared: ClientFunction, steps: Steps | None = None) -> HostFunction:
    """Return the function as programs know it.

    Args:
        steps: what reading its schemas may cost; None: as much as those of a submission.

    Raises:
        Undeclarable: it has no usable name, or a schema cannot be read.
    """
    steps = steps or steps_of_submission()
    reason = refusal_of_name(declared.name)
    if reason is not None:
        raise Undeclarable("name", f"cannot be the name of a function: {reason}")
    signature, parameters = _parameters(declared.parameters, steps)
    returns = _type(declared.returns, "returns", steps)
    return HostFunction(
        name=declared.name,
        call=_nobody,
        is_async=declared.is_async,
        signature=signature,
        parameters=parameters,
        returns=returns,
        description=declared.description,
        title=declared.name,
        kind="client",
        terms=Terms(
            effect=declared.effect,
            timeout_seconds=declared.timeout_seconds,
            expires_seconds=declared.expires_seconds,
            on_timeout=_on_timeout(declared.on_timeout, returns),
        ),
    )


def _nobody(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError


def _parameters(schema: Mapping[str, Any] | None, steps: Steps) -> tuple[inspect.Signature, dict[str, ValueType]]:
    if schema is None:
        return _VARIADIC, {"args": ANY, "kwargs": ANY}
    types = _types(schema, "parameters", steps)
    try:
        whole = types.followed(schema)
        properties = whole.get("properties", {})
        if whole.get("type", "object") != "object" or not isinstance(properties, dict):
            raise Undeclarable("parameters", _NO_OBJECT)
        parameters = _named(properties, whole.get("required", []))
        names = {one.name for one in parameters if one.default is _EMPTY}
        kinds = {name: types.described(one, optional=name not in names) for name, one in properties.items()}
    except Unusable as error:
        raise Undeclarable("parameters", str(error)) from None
    return inspect.Signature(parameters), kinds


def _named(properties: Mapping[str, Any], required: Any) -> list[inspect.Parameter]:
    names = frozenset(one for one in required if isinstance(one, str)) if isinstance(required, list) else frozenset()
    if len(properties) > MAX_PARAMETERS:
        raise Undeclarable("parameters", f"has more than {MAX_PARAMETERS:,} properties; let one of them be an object")
    parameters: list[inspect.Parameter] = []
    has_default = by_name = False
    for name in properties:
        # Python reads a name in its NFKC form, and would never find another one.
        if not name.isidentifier() or keyword.iskeyword(name) or normalize("NFKC", name) != name:
            raise Undeclarable("parameters", f"has a property {name[:100]!r} that cannot be the name of a parameter")
        # What must be given after what need not be can be given by name only, as in Python; and so all that follow.
        by_name = by_name or (name in names and has_default)
        has_default = has_default or name not in names
        kind = inspect.Parameter.KEYWORD_ONLY if by_name else inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters.append(inspect.Parameter(name, kind, default=_EMPTY if name in names else None))
    return parameters


def _type(schema: Mapping[str, Any] | None, where: str, steps: Steps) -> ValueType:
    if schema is None:
        return ANY
    try:
        return _types(schema, where, steps).described(schema)
    except Unusable as error:
        raise Undeclarable(where, str(error)) from None


def _types(schema: Mapping[str, Any], where: str, steps: Steps) -> Types:
    # References lead into the schema itself.
    return Types(Document(shown=where, tree=schema), steps)


def _on_timeout(declared: Any, returns: ValueType) -> OnTimeout:
    match declared:
        case "fail" | "raise":
            return OnTimeout(action=declared)
        case {"output": value} if len(declared) == 1:
            try:
                return OnTimeout(action="default", value=lowered_answer(returns, value))
            except ValueRejected as error:
                raise Undeclarable("on_timeout", f"has an output that `returns` does not allow: {error}") from None
    raise Undeclarable("on_timeout", 'must be "fail", "raise" or {"output": value}')
