"""The signatures of Python functions that guests may call: found, as JSON schemas, and as a definition has them."""

import functools
import inspect
import keyword
import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.types import ValueType

_STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
EMPTY = inspect.Parameter.empty
_ANYTHING = inspect.Signature(
    [
        inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL),
        inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD),
    ]
)
_LONGEST_DEFAULT = 60
_SCALARS = (str, int, float, bool, type(None))


def guest_name(title: str) -> str:
    """Return the identifier under which guests call a function: `crm.find` becomes `crm_find`.

    Raises:
        TypeError: no identifier can be made of it.
    """
    name = re.sub(r"\W", "_", title)
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__") or title == "<lambda>":
        message = f"{title!r} cannot be the name of a task: define it with `def`, under a name of its own"
        raise TypeError(message)
    return name


def own_name(call: Callable[..., Any]) -> str:
    """Return the name that a function has; raises TypeError where it has none."""
    name = getattr(call, "__name__", None)
    if not isinstance(name, str):
        message = f"a task needs a name, and {type(call).__name__} objects have none: define it with `def`"
        raise TypeError(message)
    return name


def description_of(call: Callable[..., Any]) -> str:
    """Return the docstring of a function, or of that which it calls with some of its arguments."""
    while isinstance(call, functools.partial):
        call = call.func
    return inspect.getdoc(call) or ""


def is_async_function(call: Callable[..., Any]) -> bool:
    """Say whether calling it gives something to be awaited."""
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(type(call), "__call__", None))  # noqa: B004 - whether it is async, not whether it is there


def signature_of(call: Callable[..., Any], name: str) -> inspect.Signature:
    """Return the signature of a function; one that does not know its own takes anything.

    Raises:
        TypeError: an annotation is a text that cannot be resolved.
    """
    try:
        return inspect.signature(call, eval_str=True)
    except ValueError:
        # Some of the interpreter's own functions do not know theirs.
        return _ANYTHING
    except NameError as error:
        message = f"Task {name!r} has an annotation that cannot be resolved: {error}; import it at run time"
        raise TypeError(message) from None


def key_of(parameter: inspect.Parameter, signature: inspect.Signature) -> str:
    """Return the parameter's name among the arguments: a variadic one is `args` or `kwargs`, unless that is taken."""
    if not _is_variadic(parameter):
        return parameter.name
    key = "args" if parameter.kind is parameter.VAR_POSITIONAL else "kwargs"
    taken = signature.parameters.get(key)
    return key if taken is None or taken is parameter or _is_variadic(taken) else parameter.name


def parameters_schema(signature: inspect.Signature, types: Mapping[str, ValueType]) -> dict[str, Any]:
    """Return the JSON schema of a call's arguments."""
    kinds = {key_of(parameter, signature): parameter for parameter in signature.parameters.values()}
    return {
        "type": "object",
        "properties": {name: _parameter_schema(kinds[name], kind) for name, kind in types.items()},
        "required": [name for name, one in kinds.items() if one.default is EMPTY and not _is_variadic(one)],
        "additionalProperties": False,
    }


def parameter_list(
    signature: inspect.Signature, types: Mapping[str, ValueType], text: Callable[[ValueType], str]
) -> str:
    """Return the parameters as a definition has them, their types in the words of `text`."""
    kinds = {one: types[key_of(one, signature)] for one in signature.parameters.values()}
    return ", ".join(_with_marks([_shown(one, text(kind)) for one, kind in kinds.items()], signature))


def _is_variadic(parameter: inspect.Parameter) -> bool:
    return parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)


def _parameter_schema(parameter: inspect.Parameter, kind: ValueType) -> dict[str, Any]:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return {"type": "array", "items": kind.schema()}
    if parameter.kind is parameter.VAR_KEYWORD:
        return {"type": "object", "additionalProperties": kind.schema()}
    if parameter.default is None or type(parameter.default) in (bool, int, str):
        return {**kind.schema(), "default": parameter.default}
    return kind.schema()


def _shown(parameter: inspect.Parameter, kind: str) -> str:
    text = f"{_STARS.get(parameter.kind, '')}{parameter.name}: {kind}"
    if parameter.default is EMPTY:
        return text
    shown = repr(parameter.default) if type(parameter.default) in _SCALARS else "..."
    return f"{text} = {shown if len(shown) <= _LONGEST_DEFAULT else '...'}"


def _with_marks(shown: list[str], signature: inspect.Signature) -> list[str]:
    """Put `/` and `*` where positional-only parameters end and keyword-only ones begin."""
    parameters = [*signature.parameters.values()]
    marked = [*shown]
    kinds = [parameter.kind for parameter in parameters]
    first_keyword = next((at for at, kind in enumerate(kinds) if kind is inspect.Parameter.KEYWORD_ONLY), None)
    if first_keyword is not None and inspect.Parameter.VAR_POSITIONAL not in kinds:
        marked.insert(first_keyword, "*")
    count = kinds.count(inspect.Parameter.POSITIONAL_ONLY)
    if count:
        marked.insert(count, "/")
    return marked
