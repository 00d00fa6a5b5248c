"""What the checker reads: the program, its inputs and functions declared, its value as one of the declared type.

Nothing here parses the program. Its text is cut only where the guest says that its value stands, so that every line and
column of a finding can be told in the text as it was sent. What the program is given stands in `__builtins__.pyi`, as
further built-in names: a program may use each of them again for something else.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.dispatch import HostFunction
from sandbox.turns import Mode, Place
from sandbox.types import ValueType

VALUE, OUTPUT = "value_of_the_program", "output_of_the_program"
# Blocks of PEP 723, which would be read as the configuration of a script.
_SCRIPT = re.compile(r"^# ///", re.MULTILINE)
_QUOTED_OR_GROUP = re.compile(r"""("[^"]*"|'[^']*')|\b(list|dict|set|frozenset)\b""")
# A value crosses by value: a list of whole numbers is one of floats. So these say what one gives, not what one takes.
_GIVEN = """\
from collections.abc import Awaitable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, Never, Protocol, TypeAlias, TypeVar
from uuid import UUID

_T = TypeVar("_T", covariant=True)
_K = TypeVar("_K", covariant=True)

class _list(Protocol[_T]):
    def __iter__(self) -> Iterator[_T]: ...
    def append(self, object: Never, /) -> None: ...

class _set(Protocol[_T]):
    def __iter__(self) -> Iterator[_T]: ...
    def add(self, element: Never, /) -> None: ...

class _frozenset(Protocol[_T]):
    def __iter__(self) -> Iterator[_T]: ...
    def isdisjoint(self, other: Iterable[object], /) -> bool: ...

class _dict(Protocol[_K, _T]):
    def keys(self) -> Iterable[_K]: ...
    def values(self) -> Iterable[_T]: ...
    def popitem(self) -> object: ...

class File: ...
class Dir: ...
class DataFrame: ...

class FunctionError(Exception):
    type: str
    message: str
    def __init__(self, message: str = "", type: str = "Exception") -> None: ...

class OutcomeUnknown(FunctionError): ...

def flyte_map(
    function: Any,
    /,
    *iterables: Any,
    concurrency: int = 0,
    group_name: str | None = None,
    return_exceptions: bool = ...,
) -> list[Any]: ...
"""
_CONFIGURATION = """\
[environment]
python-version = "3.14"
python-platform = "linux"

[rules]
all = "warn"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The files for the checker, and the way back from its lines to those of the program."""

    files: Mapping[str, str]
    value: Place | None
    """Where the value stands, when it is checked."""

    def placed(self, found: Place) -> Place:
        """Return a place of `program.py` as one of the program."""
        value = self.value
        if value is None:
            return found
        # The line that declares the value stands above it, for the value itself.
        if found.line <= value.line + 1 <= found.end_line:
            return value if found.line > value.line else _until(found, value)
        return Place(
            line=_line(found.line, value), column=found.column, end_line=_line(found.end_line, value),
            end_column=found.end_column,
        )  # fmt: skip


def document(
    source: str,
    *,
    mode: Mode,
    value: Place | None,
    inputs: Mapping[str, ValueType],
    functions: Iterable[HostFunction],
    output: ValueType,
) -> Document:
    """Return what the checker is to read of a program, given its inputs and functions."""
    checked = None if output.text == "Any" else value
    kind = taken(output)
    # A coroutine that is left as the value is awaited.
    given = [
        f"{OUTPUT}: TypeAlias = {kind} | Awaitable[{kind}]",
        *(f"{name}: {one.text}" for name, one in inputs.items()),
    ]
    stubs = [_stub(function, mode) for function in functions]
    return Document(
        files={
            "program.py": _SCRIPT.sub("# //.", source if checked is None else _declared(source, checked)),
            "given/__builtins__.pyi": "\n".join([_GIVEN, *given, *stubs, ""]),
            "ty.toml": _CONFIGURATION,
        },
        value=checked,
    )


def _declared(source: str, value: Place) -> str:
    """Return the program with its value assigned to a name of the type; what follows can only be comments."""
    lines = source.split("\n")
    above = [*lines[: value.line - 1], lines[value.line - 1][: value.column - 1]]
    inside = lines[value.line - 1 : value.end_line]
    after = inside[-1][value.end_column - 1 :]
    # A comment may be one for the checker.
    if not after.lstrip().startswith("#"):
        inside[-1] = inside[-1].removesuffix(after)
    inside[0] = " " * (value.column - 1) + inside[0][value.column - 1 :]
    return "\n".join([*above, f"{VALUE}: {OUTPUT} = (", *inside, ")", ""])


def _stub(function: HostFunction, mode: Mode) -> str:
    returns = "Any" if mode == "mixed" and function.is_async else function.returns.text
    start = "async def" if mode == "async" and function.is_async else "def"
    return f"{start} {function.name}({function.parameter_list(taken)}) -> {returns}: ..."


def taken(kind: ValueType) -> str:
    """Return a type as one that is taken: of a group of items it matters what it gives."""
    return _QUOTED_OR_GROUP.sub(lambda found: found[1] or f"_{found[2]}", kind.text)


def _line(line: int, value: Place) -> int:
    return line - 2 if line > value.line + 1 else line


def _until(found: Place, value: Place) -> Place:
    return Place(line=found.line, column=found.column, end_line=value.end_line, end_column=value.end_column)
