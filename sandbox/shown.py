"""Values as short texts for people: bounded in length and in what it costs to make them, whatever they hold."""

from typing import Any

LONGEST = 300
_MOST_ITEMS = 20
_DEEPEST = 4
_MOST_BITS = 4_000


def shown(value: Any, longest: int = LONGEST) -> str:
    """Return a value as Python would write it, cut to `longest` characters."""
    return cut("".join(_parts(value, longest, 0)), longest)


def cut(text: str, longest: int) -> str:
    """Return a text that is no longer than that."""
    return text if len(text) <= longest else text[: longest - 1] + "\u2026"


def _parts(value: Any, longest: int, depth: int) -> list[str]:
    match value:
        case str() | bytes():
            return [repr(value[: longest + 1])]
        case int() if not isinstance(value, bool) and value.bit_length() > _MOST_BITS:
            return [f"(an integer of {value.bit_length():,} bits)"]
        case dict():
            pairs = [
                [*_parts(key, longest, depth + 1), ": ", *_parts(one, longest, depth + 1)]
                for key, one in _first(value.items(), depth)
            ]
            return _listed("{", pairs, "}", len(value))
        case list() | tuple() | set() | frozenset():
            marks = {list: "[]", tuple: "()"}.get(type(value), "{}")
            return _listed(
                marks[0], [_parts(one, longest, depth + 1) for one in _first(value, depth)], marks[1], len(value)
            )
    return [repr(value)]


def _first(items: Any, depth: int) -> list[Any]:
    most = _MOST_ITEMS if depth < _DEEPEST else 0
    return [one for one, _ in zip(items, range(most), strict=False)]


def _listed(start: str, items: list[list[str]], end: str, count: int) -> list[str]:
    parts = [start]
    for index, item in enumerate(items):
        parts += [", ", *item] if index else item
    if count > len(items):
        parts.append(", \u2026" if items else "\u2026")
    return [*parts, end]
