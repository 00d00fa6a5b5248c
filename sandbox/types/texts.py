"""Type text -> type of the boundary, for types that arrive over the wire: a small parser, bounded, no evaluation."""

import functools
import re
from typing import Any

from sandbox.types.annotations import group_of, union_of
from sandbox.types.choices import Choice
from sandbox.types.containers import FixedTuple
from sandbox.types.handles import HANDLES
from sandbox.types.scalars import ANY, NONE, SCALARS
from sandbox.types.value_type import ValueType

MAX_CHARACTERS = 256
MAX_DEPTH = 20
_TOKEN = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*)|(?P<number>-?[0-9]{1,18})"""
    r"""|"(?P<double>[^"\\]*)"|'(?P<single>[^'\\]*)'|(?P<sign>\.\.\.|[][|,()]))"""
)
_NAMES: dict[str, ValueType] = {
    **{kind.__name__: value_type for kind, value_type in SCALARS.items() if kind is not type(None)},
    **{kind.__name__: value_type for kind, value_type in HANDLES.items()},
    "None": NONE,
    "NoneType": NONE,
    "Any": ANY,
}
_GROUPS: dict[str, type] = {"list": list, "dict": dict, "tuple": tuple, "set": set, "frozenset": frozenset}
_SPELLINGS = {"List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set", "FrozenSet": "frozenset"}
_MODULES = frozenset({"typing", "datetime", "decimal", "uuid", "types"})
_CONSTANTS = {"True": True, "False": False, "None": None}
ALLOWED = ", ".join([*(name for name in _NAMES if name != "NoneType"), *_GROUPS, "Optional, Union, Literal and A | B"])


def from_text(text: str) -> ValueType:
    """Return the type that a text names, such as `dict[str, list[int]] | None`.

    Raises:
        ValueError: it is no type, is longer than 256 characters or nested deeper than 20 levels; the message says
            where and what is allowed, and does not repeat the text.
    """
    if len(text) > MAX_CHARACTERS:
        message = f"a type has at most {MAX_CHARACTERS} characters, this one has {len(text)}"
        raise ValueError(message)
    return _parsed(text)


@functools.lru_cache(maxsize=1_000)
def _parsed(text: str) -> ValueType:
    # Programs name the same few types again and again, and a type never changes.
    return _Parser(text).parse()


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, Any, int]] = []
        self._next = 0
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise _error(position, "this cannot stand in a type")
            self._tokens.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
            position = match.end()
        self._end = ("end", None, len(text))

    def parse(self) -> ValueType:
        parsed = self._union(0)
        if self._peek()[0] != "end":
            raise self._unexpected()
        return parsed

    def _union(self, depth: int) -> ValueType:
        members = [self._member(depth)]
        while self._accept("|"):
            members.append(self._member(depth))
        return union_of(members)

    def _member(self, depth: int) -> ValueType:
        kind, name, position = self._peek()
        if depth > MAX_DEPTH:
            raise _error(position, f"a type is nested at most {MAX_DEPTH} levels deep")
        if kind != "name":
            raise self._unexpected()
        self._next += 1
        module, _, name = name.rpartition(".")
        name = _SPELLINGS.get(name, name)
        if (module and module not in _MODULES) or not (name in _NAMES or name in _GROUPS or name in _SPECIAL):
            raise _error(position, f"no type has this name; types that can be named: {ALLOWED}")
        if name in _NAMES:
            return _NAMES[name]
        return self._parametrized(name, position, depth + 1)

    def _parametrized(self, name: str, position: int, depth: int) -> ValueType:
        if not self._accept("["):
            if name in _SPECIAL:
                raise _error(position, f"{name} needs arguments: {name}[...]")
            return group_of(_GROUPS[name], ())
        if name == "Literal":
            return self._literal()
        if name == "tuple":
            return self._tuple(depth)
        arguments = self._arguments(depth)
        expected = {"dict": 2, "Union": len(arguments)}.get(name, 1)
        if len(arguments) != expected:
            raise _error(position, f"{name} takes {expected} argument{'s' * (expected > 1)}, not {len(arguments)}")
        if name in _SPECIAL:
            return union_of([*arguments, NONE] if name == "Optional" else arguments)
        return group_of(_GROUPS[name], tuple(arguments))

    def _arguments(self, depth: int) -> list[ValueType]:
        arguments = [self._union(depth)]
        while self._accept(","):
            arguments.append(self._union(depth))
        self._expect("]")
        return arguments

    def _tuple(self, depth: int) -> ValueType:
        if self._accept("("):
            self._expect(")")
            self._expect("]")
            return FixedTuple(())
        items = [self._union(depth)]
        while self._accept(","):
            if len(items) == 1 and self._accept("..."):
                self._expect("]")
                return group_of(tuple, (items[0],))
            items.append(self._union(depth))
        self._expect("]")
        return FixedTuple(tuple(items))

    def _literal(self) -> ValueType:
        choices = [self._choice()]
        while self._accept(","):
            choices.append(self._choice())
        self._expect("]")
        return Choice(tuple(choices))

    def _choice(self) -> Any:
        kind, text, _ = self._peek()
        if kind == "name" and text in _CONSTANTS:
            choice: Any = _CONSTANTS[text]
        elif kind == "number":
            choice = int(text)
        elif kind in ("single", "double"):
            choice = text
        else:
            raise self._unexpected("expected a text in quotes, a whole number, True, False or None")
        self._next += 1
        return choice

    def _peek(self) -> tuple[str, Any, int]:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end

    def _accept(self, sign: str) -> bool:
        found = self._peek()[:2] == ("sign", sign)
        self._next += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise self._unexpected(f"expected {sign}")

    def _unexpected(self, expected: str = "expected a type") -> ValueError:
        return _error(self._peek()[2], expected)


_SPECIAL = frozenset({"Optional", "Union", "Literal"})


def _error(position: int, reason: str) -> ValueError:
    return ValueError(f"at character {position + 1}: {reason}")
