"""What whoever repairs a program should write instead: the hint of an exception that it did not catch.

Nothing here runs code of the program: it may be what failed, and it may be hostile. See `statics`.
"""

import difflib
import re
from collections.abc import Collection
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest import async_hints, interior, place_hints, statics
from sandbox.engines.cpython.guest.transformer import hint_of_member, importable, modules_with
from sandbox.engines.cpython.guest.turns import FunctionError
from sandbox.errors import ValueRejected

_NONE = "the value in front is None: look at what gave it, and check it first, as in `if x is not None:`"
_DECIMAL = 'Decimal and float do not mix: write the float as text, Decimal("1.19"), or Decimal(str(x))'
_MONTHS = (
    "a timedelta has no months and years: write d.replace(year=..., month=...); calendar.monthrange(year, month)[1] is "
    "a month's last day"
)
_NONE_OF_TWO = "one of the two is None: look at what gave it, and leave it out or replace it first, as in `x or 0`"
_LIST = "it is a list: take one of its items first, as in x[0], or loop over it"
# What programs ask of the response of an HTTP client -> the types that it cannot be a slip for.
_OF_RESPONSES = {"json": (str, dict, list), "raise_for_status": (str, dict, list), "status_code": (str, dict, list),
                 "text": (str,), "content": (str,)}  # fmt: skip
_SHOWN_TEXT = 40
_AWAITED_TWICE = "cannot reuse already awaited coroutine"
_ALIASES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib", "Path": "pathlib", "BeautifulSoup": "bs4"}
_CONSTANTS = {"null": "None", "true": "True", "false": "False", "undefined": "None", "nil": "None"}
# A builtin is a likely slip only when it is very like what was written.
_LIKE_A_BUILTIN = 0.8
_ARGUMENTS = re.compile(r"^((?:\w+\.)*\w+)\(\) (?:missing|takes|got)\b")
_UNBOUND = re.compile(r"^cannot access local variable '(\w+)'")
# What a TypeError says -> what to write instead. The first that is found holds.
_TYPE_ERRORS = (
    ("the JSON object must be str, bytes or bytearray, not", "the value is no JSON text but was read already: leave "
     "json.loads out"),
    ("list indices must be integers or slices, not str", _LIST),
    ("'NoneType' object", _NONE),
    ("of type 'NoneType' has no len", _NONE),
    ("'NoneType' and", _NONE_OF_TWO),
    ("and 'NoneType'", _NONE_OF_TWO),
    ("asynchronous context manager", "only some objects can be entered with `async with`: write `with`, or nothing but "
     "the call"),
    ("context manager protocol", "only some objects can be entered with `with`: write `async with` for asynchronous "
     "ones, or nothing but the call"),
    ("'async for' requires", "write `for` without `async`"),
    ("offset-naive and offset-aware", "one of the two has a time zone and the other has none: write "
     "datetime.now(timezone.utc), or x.replace(tzinfo=timezone.utc) for a time that is UTC"),
    ("'decimal.Decimal' and 'float'", _DECIMAL),
    ("'float' and 'decimal.Decimal'", _DECIMAL),
    ("unexpected keyword argument 'months'", _MONTHS),
    ("unexpected keyword argument 'years'", _MONTHS),
    ("is not JSON serializable", "convert it first: dataclasses.asdict(x), list(x), str(x); or leave json.dumps out: "
     "the answer becomes JSON by itself"),
)  # fmt: skip


def of_exception(
    error: BaseException, text: str, *, names: Collection[str], namespace: dict[str, Any], line: str, place: Any
) -> str | None:
    """Return the hint of an exception.

    Args:
        text: what the exception says.
        names: inputs and functions.
        namespace: the program's own names.
        line: the source of the innermost line of the program.
        place: the innermost frame of the program and the source of the expression that failed, None without one.
    """
    told = statics.held(error, "hint")
    if type(told) is str:
        return told
    if statics.is_a(error, ValueRejected):
        reason = statics.held(error, "reason")
        return reason if type(reason) is str else None
    if statics.is_a(error, NameError):
        return _of_name(error, text, names, namespace, line)
    if statics.is_a(error, StopIteration):
        return "there was nothing left for next(): give it a default, as in next(x, None)"
    if statics.is_a(error, KeyError):
        return place_hints.of_key(statics.member(error, BaseException, "args"), place)
    return _of_value(error, text, line, place) or _of_kind(error, text, namespace, line, place)


def _of_value(error: BaseException, text: str, line: str, place: Any) -> str | None:
    if statics.is_a(error, IndexError):
        return place_hints.of_index(place)
    if statics.is_a(error, TimeoutError):
        return async_hints.of_timeout(text, line)
    return _of_json(error) if statics.name_of(type(error)) == "JSONDecodeError" else None


def _of_kind(error: BaseException, text: str, namespace: dict[str, Any], line: str, place: Any) -> str | None:
    if statics.is_a(error, RecursionError):
        return "the recursion limit is 1000 calls; use a loop"
    if statics.is_a(error, SystemExit):
        return "end the program with the value as its last line; to stop earlier, write `return` and the value"
    if statics.is_a(error, AttributeError | TypeError):
        return async_hints.of_awaiting(text, line) or _of_type(error, text, namespace, line, place)
    # A program's own RuntimeError may speak of coroutines as it likes.
    return async_hints.of_awaiting(text, line) if text == _AWAITED_TWICE else None


def _of_json(error: BaseException) -> str | None:
    document, at = statics.held(error, "doc"), statics.held(error, "pos")
    if type(document) is not str or type(at) is not int:
        return None
    rest = document[at : at + _SHOWN_TEXT]
    if not document.strip():
        return "the text is empty: look at what gave it"
    return f'from there on the text reads "{rest}"' if rest else "the text ends there: it is incomplete"


def _of_type(error: BaseException, text: str, namespace: dict[str, Any], line: str, place: Any) -> str | None:
    if statics.is_a(error, AttributeError):
        return _of_attribute(error)
    if "string indices must be integers" in text:
        return place_hints.of_text(place, line)
    for said, hint in _TYPE_ERRORS:
        if said in text:
            return hint
    called = _ARGUMENTS.match(text)
    return None if called is None else _of_arguments(called[1], namespace)


def _of_arguments(name: str, namespace: dict[str, Any]) -> str | None:
    """Return the signature of a function of the program; those of the host bring theirs."""
    first, *steps = name.split(".")
    found = statics.item(namespace, first)
    for step in steps:
        found = statics.attribute_of_class(found, step)
    parameters = statics.signature(found)
    return None if parameters is None else f"signature: {name}{parameters}"


# -- names --------------------------------------------------------------------------------------------------------


def _of_name(
    error: BaseException, text: str, names: Collection[str], namespace: dict[str, Any], line: str
) -> str | None:
    name = statics.member(error, NameError, "name")
    unbound = _UNBOUND.match(text) if statics.is_a(error, UnboundLocalError) else None
    if unbound is not None:
        return _of_unbound(unbound[1], namespace, line)
    if type(name) is not str:
        return None
    if name in policy.ABSENT_BUILTINS:
        return f"{name} is not available: {policy.ABSENT_BUILTINS[name]}"
    if name in _CONSTANTS:
        return f"write {_CONSTANTS[name]}"
    return _of_module(name, names, line) or _of_caught(error, name) or _of_unknown_name(name, names, namespace, line)


def _of_module(name: str, names: Collection[str], line: str) -> str | None:
    """Return the hint for a name that an import would have brought, or that no import can bring."""
    member = re.search(rf"\b{re.escape(name)}\.(\w+)", line)
    if member is not None and member[1] in names:
        return None
    absent = policy.ABSENT_MODULES.get(_ALIASES.get(name, name))
    can_be_imported = name in importable()
    if absent is not None and member is not None and not can_be_imported:
        return f"{name} is not available: {absent}"
    if can_be_imported and (member is None or f"{name}.{member[1]}" not in policy.ABSENT_MEMBERS):
        return f"write `import {name}` first"
    if found := modules_with(name):
        return "write " + " or ".join(f"`from {module} import {name}`" for module in found[:2]) + " first"
    return None


def _of_unbound(name: str, namespace: dict[str, Any], line: str) -> str:
    """Return the hint for a local variable without a value: an outer one was meant, or a way past it was taken."""
    changed = re.search(rf"(?:^|;|:)\s*{re.escape(name)}\s*(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)", line)
    if changed is None and statics.item(namespace, name) is None:
        return (
            f'"{name}" has no value on this way through the function: give it one before the `if`, loop or `try` that '
            f"may pass it by"
        )
    return (
        f'"{name}" is assigned in this function and so is a variable of its own there: write `global {name}` '
        f"as its first line (`nonlocal {name}` inside of another function), or give it another name"
    )


def _of_caught(error: BaseException, name: str) -> str | None:
    """Return the hint for `except QuotaError`, where a function raised one: programs know it as FunctionError."""
    cause = statics.member(error, BaseException, "__context__")
    if not statics.is_a(cause, FunctionError) or statics.held(cause, "type") != name:
        return None
    return (
        f'catch FunctionError: its "type" is "{name}". What a function raises and is no built-in exception arrives '
        f"as FunctionError"
    )


def _of_unknown_name(name: str, names: Collection[str], namespace: dict[str, Any], line: str) -> str:
    members = re.findall(rf"\b{re.escape(name)}\.(\w+)", line)
    called = next((member for member in members if member in names), None)
    if called is not None:
        return f'"{called}" is there by its own name: write {called}, without "{name}."'
    own = [known for known in statics.texts(namespace) if known.isidentifier() and not known.startswith("__")]
    near = difflib.get_close_matches(name, [*dict.fromkeys([*names, *own])], 1)
    if not near:
        near = difflib.get_close_matches(name, [*policy.BUILTINS, *policy.GUARDED_BUILTINS], 1, _LIKE_A_BUILTIN)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"names given to this program: {', '.join(names) if names else 'none'}"


# -- attributes and keys ------------------------------------------------------------------------------------------


def _of_attribute(error: BaseException) -> str | None:
    name, target = statics.member(error, AttributeError, "name"), interior.subject(error)
    if type(name) is not str:
        return None
    if target is None:
        return _NONE
    if statics.is_module(target):
        return hint_of_member(statics.name_of_module(target), name)
    return _of_member(name, target)


def _of_member(name: str, target: Any) -> str | None:
    if statics.is_a(target, dict):
        keys = statics.texts(target)
        if name in keys:
            return f'it is a dictionary: write ["{name}"] instead of .{name}'
    if statics.is_a(target, type) and statics.name_of(target) == name:
        return f"{name} is the class itself here: write {name} once, without the module in front"
    if type(target) in _OF_RESPONSES.get(name, ()):
        repair = "json.loads(x) reads a text that is JSON" if name == "json" and type(target) is str else None
        return f"it is the value itself and no response: {repair or f'leave .{name} out'}"
    near = difflib.get_close_matches(name, statics.attributes(target), 1)
    if near:
        return f'did you mean ".{near[0]}"?'
    if statics.is_a(target, dict):
        return f"it is a dictionary; {place_hints.keys(statics.texts(target))}"
    return _LIST if type(target) is list else place_hints.TEXT if type(target) is str else None
