"""Reads what a guest says of a program that it compiled. The program may have won the guest: everything is judged."""

from typing import Any, get_args

from sandbox.turns import Mode, Place, Survey

_MODES: tuple[Mode, ...] = get_args(Mode)
_MOST_NAMES = 1_000
_MOST_FREE = 100
_LONGEST_NAME = 100


def surveyed(value: Any, source: str) -> tuple[str, Survey] | None:
    """Return the compiled text and the facts beside it, None when the guest's driver does not write such a value."""
    match value:
        case [
            str(text),
            {"mode": str(mode), "value": value_at, "names": list(names), "free": list(free)},
        ] if mode in _MODES and len(names) <= _MOST_NAMES and len(free) <= _MOST_FREE:
            lines = source.split("\n")
            places = [(_name(one[:1]), _place(one[1:], lines)) for one in free if isinstance(one, list)]
            survey = Survey(
                mode=mode,
                value=_place(value_at, lines),
                names=frozenset(name for one in names if (name := _name([one])) is not None),
                free=tuple((name, place) for name, place in places if name is not None and place is not None),
            )
            return text, survey
    return None


def _name(found: list[Any]) -> str | None:
    match found:
        case [str(name)] if len(name) <= _LONGEST_NAME and name.isidentifier():
            return name
    return None


def _place(found: Any, lines: list[str]) -> Place | None:
    """Return a place that lies within the source, None for any other."""
    match found:
        case [int(line), int(column), int(end_line), int(end_column)]:
            inside = 1 <= line <= end_line <= len(lines) and (line, column) <= (end_line, end_column)
            if inside and 1 <= column <= len(lines[line - 1]) + 1 and 1 <= end_column <= len(lines[end_line - 1]) + 1:
                return Place(line=line, column=column, end_line=end_line, end_column=end_column)
    return None
