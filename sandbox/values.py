"""Which values may cross the wall, and how they are written while they cross.

The wire is one line of JSON text. What JSON has is written as it is; everything else is an object with one key
that begins with `$`: `{"$tuple": [1, 2]}`. Nothing is lost: `decode(encode(value)) == value`, types included, but
for subclasses of the built-in containers, which arrive as the built-in type, and enum members, which arrive as
their name. Sets are written in a canonical order, because the order in which Python walks a set of strings
differs between two processes and a guest must not see that.

Depth and number of nodes are bounded while walking, so that 61 lists that share each other (2**60 nodes) are
refused after a bounded time. This module is also part of the guest: it imports nothing but the standard library,
and it holds its own references to the encoder and decoder, which a program cannot replace.
"""

import base64
import datetime
import decimal
import enum
import json.encoder
import math
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from sandbox import collisions, plain
from sandbox.errors import ValueRejected, ValueTooLarge

MAX_DEPTH, MAX_NODES = 100, 2_000_000
# The limits of each value that are the same for every run.
BOUNDS = {"value_nodes": MAX_NODES, "value_levels": MAX_DEPTH}
# A container weighs as much as this many of the values in it: that is about what its memory comes to.
_CONTAINER_NODES = 4
# From so many items on it is worth asking whether a container is plain; a value of which so many were not is walked.
_MANY = 32
_TRIES = 8
_SHOWN_STEPS, _SHOWN_BITS = 12, 128
_LEAST, _SMALL_INT = -(2**63), 2**63
_PLAIN, _LIFTED = frozenset({str, bool, type(None)}), frozenset({str, bool, type(None), int})
_CONTAINERS = (dict, list, tuple, set, frozenset)
_SUBCLASSABLE = (str, int, float, list, dict, tuple, set, frozenset, bytes)

# The three flags: do not sort keys, do not skip keys of other types, refuse NaN and infinities.
_encode_text: Callable[[Any, int], Iterable[str]] = json.encoder.c_make_encoder(  # type: ignore[attr-defined]
    None, None, json.encoder.encode_basestring, None, ":", ",", *(False, False, False)
)
_scan_once = json.JSONDecoder(parse_constant=float).scan_once  # type: ignore[attr-defined]
_b64encode, _b64decode = base64.b64encode, base64.b64decode


# Where the walk is: None at the root, else (parent, key); written out only when something is refused there.
_Path = tuple[Any, Any] | None


def _reject(path: _Path, reason: str) -> ValueRejected:
    return ValueRejected(_shown_path(path), reason)


def _shown_path(path: _Path) -> str:
    steps: list[str] = []
    while path is not None:
        path, key = path
        steps.append(f".{key}" if type(key) is str and key.isidentifier() else f"[{_short(key)}]")
    if len(steps) > _SHOWN_STEPS:
        steps[: len(steps) - _SHOWN_STEPS] = ["..."]
    return "$" + "".join(reversed(steps))


class _Walk:
    """One pass over one value: counts nodes and depth."""

    def __init__(self, max_nodes: int, max_depth: int) -> None:
        self.nodes_left = max_nodes
        self.max_nodes = max_nodes
        self.max_depth = max_depth
        self.tries_left = _TRIES

    def enter(self, items: int, depth: int, path: _Path) -> None:
        """Count a container of so many items."""
        if depth > self.max_depth:
            reason = f"is nested deeper than {MAX_DEPTH} levels (or contains itself); flatten the value"
            raise ValueTooLarge(_shown_path(path), reason, "value_levels")
        self.nodes_left -= items + _CONTAINER_NODES
        if self.nodes_left < 0:
            reason = f"is part of a value with more than {self.max_nodes} nodes; return less of it"
            raise ValueTooLarge(_shown_path(path), reason, "value_nodes")

    def takes_as_it_is(self, value: Any, depth: int) -> bool:
        """Say whether a large list or dictionary is written as it is; if so, it is counted."""
        if not self.tries_left:
            return False
        nodes = plain.nodes_of(
            value, per_container=_CONTAINER_NODES, max_nodes=self.nodes_left, max_depth=self.max_depth - depth
        )
        if nodes is None:
            self.tries_left -= 1
            return False
        self.nodes_left -= nodes
        return True


def encode(value: Any, *, max_bytes: int | None = None, max_nodes: int = MAX_NODES, around: int = 0) -> str:
    """Return the wire text of `value`: one line, without a line break.

    Containers may be nested `MAX_DEPTH` deep, `around` of them that are not the caller's own apart.

    Raises:
        ValueTooLarge: it has too many nodes or levels, or its text more than `max_bytes` bytes of UTF-8.
        ValueRejected: a part of the value cannot cross.
    """
    lowered = _lower(value, None, 0, _Walk(max_nodes, MAX_DEPTH + around))
    try:
        text = "".join(_encode_text(lowered, 0))
    except (ValueError, RecursionError):
        raise _reject(None, "was changed while it was read") from None
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        _find_surrogate(value, None)
        raise _reject(None, "holds a lone surrogate; it is no valid text") from None
    if max_bytes is not None and size > max_bytes:
        raise ValueTooLarge("$", f"takes {size:,} bytes; the limit value_bytes is {max_bytes:,}", "value_bytes", size)
    return text


def decode(text: str, *, max_nodes: int = MAX_NODES, around: int = 0) -> Any:
    """Return the value that `encode` wrote.

    Raises:
        ValueRejected: the text is not what `encode` writes.
    """
    try:
        tree, end = _scan_once(text, 0)
    except (StopIteration, ValueError, RecursionError):
        raise _reject(None, "is not a value of the wire") from None
    if end != len(text):
        raise _reject(None, "is followed by something else on the wire")
    if "\\ud" in text or "\\uD" in text:
        _refuse_surrogates(tree)
    if type(tree) in _LIFTED:
        return tree
    return _lift(tree, None, 0, _Walk(max_nodes, MAX_DEPTH + around))


def offer(tag: str, kinds: Iterable[type], lower: Callable[[Any], Any], lift: Callable[[Any], Any]) -> None:
    """Have values of some types cross under a tag, as what `lower` makes of them; host and guest have their own types.

    `lift` raises `ValueError`, or any of its like, for what `lower` does not write.
    """
    for kind in kinds:
        _LOWER[kind] = lambda value, *_: {tag: lower(value)}
    _SCALARS[tag] = lift


# -- value -> tree that JSON can write ------------------------------------------------------------------------


def _lower(value: Any, path: _Path, depth: int, walk: _Walk) -> Any:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        return value if _LEAST < value < _SMALL_INT else {"$int": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    lower = _LOWER.get(kind)
    if lower is None:
        return _lower_other(value, path, depth, walk)
    return lower(value, path, depth + 1, walk)


def _lower_list(value: Any, path: _Path, depth: int, walk: _Walk) -> Any:
    if len(value) >= _MANY and type(value) is list and walk.takes_as_it_is(value, depth):
        return value
    walk.enter(len(value), depth, path)
    return [
        item
        if (kind := type(item)) in _PLAIN or (kind is int and _LEAST < item < _SMALL_INT)
        else _lower(item, (path, index), depth, walk)
        for index, item in enumerate(value)
    ]


def _lower_dict(value: dict[Any, Any], path: _Path, depth: int, walk: _Walk) -> Any:
    if len(value) >= _MANY and walk.takes_as_it_is(value, depth):
        return value
    walk.enter(len(value), depth, path)
    lowered: dict[str, Any] = {}
    for key, item in value.items():
        if type(key) is not str or key[:1] == "$":
            return {"$dict": [_lower_pair(pair, path, depth, walk) for pair in value.items()]}
        lowered[key] = item if type(item) in _PLAIN else _lower(item, (path, key), depth, walk)
    return lowered


def _lower_pair(pair: tuple[Any, Any], path: _Path, depth: int, walk: _Walk) -> list[Any]:
    key, item = pair
    return [_lower(key, (path, key), depth, walk), _lower(item, (path, key), depth, walk)]


def _lower_tuple(value: Any, path: _Path, depth: int, walk: _Walk) -> Any:
    return {"$tuple": _lower_list(value, path, depth, walk)}


def _lower_set(value: Any, path: _Path, depth: int, walk: _Walk) -> Any:
    items = [(json_text(item), item) for item in _lower_list(list(value), path, depth, walk)]
    tag = "$frozenset" if isinstance(value, frozenset) else "$set"
    return {tag: [item for _, item in sorted(items, key=lambda pair: pair[0])]}


def json_text(tree: Any) -> str:
    """Return the JSON of what JSON can write, with an encoder that nobody can replace."""
    return "".join(_encode_text(tree, 0))


def _lower_timedelta(value: datetime.timedelta, _path: _Path, _depth: int, _walk: _Walk) -> Any:
    return {"$timedelta": [value.days, value.seconds, value.microseconds]}


def _lower_other(value: Any, path: _Path, depth: int, walk: _Walk) -> Any:
    if isinstance(value, enum.Enum) and isinstance(value.name, str):
        return {"$enum": str.__str__(value.name)}
    for base in _SUBCLASSABLE:
        if isinstance(value, base):
            return _lower(_as_base(value, base), path, depth, walk)
    raise _reject(path, f"is {_article(type(value).__name__)}, which cannot cross; {_advice(value)}")


def _as_base(value: Any, base: type) -> Any:
    """Return a subclass's content as the base type, without calling what the subclass overrides."""
    if issubclass(base, str):
        return str.__str__(value)
    if issubclass(base, int):
        return int.__int__(value)
    if issubclass(base, float):
        return float.__float__(value)
    if issubclass(base, dict):
        return dict(dict.items(value))
    return base(base.__iter__(value))  # type: ignore[attr-defined, call-arg]


def _advice(value: Any) -> str:
    if hasattr(type(value), "__dataclass_fields__"):
        return "pass dataclasses.asdict(x)"
    if hasattr(type(value), "__await__"):
        return "it was not awaited: write `await` in front of the call"
    if isinstance(value, bytearray | memoryview):
        return "pass bytes(x)"
    if hasattr(type(value), "__iter__"):
        return "pass list(x)"
    called = isinstance(value, type(_advice))
    return "call it, as in f()" if called else "pass numbers, text, lists and dictionaries made of its parts"


def _article(name: str) -> str:
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"


def _short(key: Any) -> str:
    if type(key) is int and key.bit_length() > _SHOWN_BITS:
        return f"an int of {key.bit_length()} bits"
    text = ascii(key[:50]) if type(key) is str else repr(key) if type(key) in (int, float, bool) else type(key).__name__
    return text if len(text) <= 40 else text[:37] + "..."


def _find_surrogate(value: Any, path: _Path) -> None:
    """Raise with the path of the first text that holds a lone surrogate."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _reject(path, "holds a lone surrogate; it is no valid text") from None
    elif isinstance(value, dict):
        for key, item in value.items():
            _find_surrogate(key, (path, "(a key)"))
            _find_surrogate(item, (path, key))
    elif isinstance(value, _CONTAINERS):
        for index, item in enumerate(value):
            _find_surrogate(item, (path, index))


_LOWER: dict[type, Callable[[Any, _Path, int, _Walk], Any]] = {
    list: _lower_list,
    dict: _lower_dict,
    tuple: _lower_tuple,
    set: _lower_set,
    frozenset: _lower_set,
    bytes: lambda value, *_: {"$bytes": _b64encode(value).decode()},
    datetime.datetime: lambda value, *_: {"$datetime": [value.isoformat(), value.fold]},
    datetime.date: lambda value, *_: {"$date": value.isoformat()},
    datetime.time: lambda value, *_: {"$time": [value.isoformat(), value.fold]},
    datetime.timedelta: _lower_timedelta,
    decimal.Decimal: lambda value, *_: {"$decimal": str(value)},
    uuid.UUID: lambda value, *_: {"$uuid": value.hex},
}


def _refuse_surrogates(tree: Any) -> None:
    """Refuse a text that only an escape of JSON could bring: `encode` never writes one."""
    try:
        json_text(tree).encode()
    except ValueError:
        raise _reject(None, "holds a lone surrogate; it is no valid text") from None


# -- tree -> value --------------------------------------------------------------------------------------------


def _lift(tree: Any, path: _Path, depth: int, walk: _Walk) -> Any:
    kind = type(tree)
    if kind is list:
        if len(tree) >= _MANY and walk.takes_as_it_is(tree, depth + 1):
            return tree
        return _lift_list(tree, path, depth + 1, walk)
    if kind is dict:
        if len(tree) >= _MANY and walk.takes_as_it_is(tree, depth + 1):
            return tree
        if len(tree) == 1:
            (tag,) = tree
            if tag[:1] == "$":
                return _lift_tagged(tag, tree[tag], path, depth + 1, walk)
        walk.enter(len(tree), depth + 1, path)
        return {
            key: item if type(item) in _PLAIN else _lift(item, (path, key), depth + 1, walk)
            for key, item in tree.items()
        }
    if kind is float and not math.isfinite(tree):
        raise _reject(path, "is not a number that JSON has")
    return tree


def _lift_list(tree: Any, path: _Path, depth: int, walk: _Walk) -> list[Any]:
    if type(tree) is not list:
        raise _reject(path, "is not a list on the wire")
    walk.enter(len(tree), depth, path)
    if _LIFTED.issuperset(map(type, tree)):
        return tree
    return [_lift(item, (path, index), depth, walk) for index, item in enumerate(tree)]


def _lift_tagged(tag: str, content: Any, path: _Path, depth: int, walk: _Walk) -> Any:
    if tag in _COLLECTIONS:
        is_dict = tag == "$dict"
        items = _lift_pairs(content, path, depth, walk) if is_dict else _lift_list(content, path, depth, walk)
        try:
            if tag != "$tuple":
                collisions.check_hashes([item[0] for item in items] if is_dict else items, "$", of_dict=is_dict)
            return _COLLECTIONS[tag](items)
        except (TypeError, ValueError):
            raise _reject(path, f"holds something that a {tag[1:]} cannot hold") from None
    lift = _SCALARS.get(tag)
    if lift is None:
        raise _reject(path, "has an unknown tag")
    try:
        return lift(content)
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError):
        raise _reject(path, f"is no valid {tag[1:]}") from None


def _lift_pairs(tree: Any, path: _Path, depth: int, walk: _Walk) -> list[tuple[Any, Any]]:
    if type(tree) is not list or not all(type(pair) is list and len(pair) == 2 for pair in tree):
        raise _reject(path, "is not a list of pairs on the wire")
    walk.enter(len(tree), depth, path)
    return [
        (_lift(key, path, depth, walk), _lift(item, (path, index), depth, walk))
        for index, (key, item) in enumerate(tree)
    ]


def _lift_int(content: str) -> int:
    if not content.lstrip("-").startswith("0x"):
        raise ValueError(content)
    return int(content, 16)


def _lift_float(content: str) -> float:
    if content not in ("nan", "inf", "-inf"):
        raise ValueError(content)
    return float(content)


_COLLECTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "$tuple": tuple,
    "$set": set,
    "$frozenset": frozenset,
    "$dict": dict,
}
_SCALARS: dict[str, Callable[[Any], Any]] = {
    "$int": _lift_int,
    "$float": _lift_float,
    "$bytes": lambda content: _b64decode(content, validate=True),
    "$datetime": lambda content: datetime.datetime.fromisoformat(content[0]).replace(fold=content[1]),
    "$date": datetime.date.fromisoformat,
    "$time": lambda content: datetime.time.fromisoformat(content[0]).replace(fold=content[1]),
    "$timedelta": lambda content: datetime.timedelta(*content),
    "$decimal": decimal.Decimal,
    "$uuid": lambda content: uuid.UUID(hex=content),
    "$enum": lambda content: str.__str__(content),
}
