"""Which functions of a program lead to some names, and what stands below which header, as far as words tell."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

_HEADER = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*=[ \t]*lambda\b")
_WORD = re.compile(r"[^\W\d]\w*")
_OPENING, _CLOSING = re.compile(r"[(\[{]"), re.compile(r"[)\]}]")
_DEEPEST = 20

# Columns and names of headers, the outermost first.
Owners = tuple[tuple[int, str], ...]


def reaching(code: str, names: Collection[str]) -> frozenset[str]:
    """Return what of a program leads to any of these names, at once or by way of one another; not the names themselves.

    Args:
        code: a program's words, without its comments and strings.
    """
    named: dict[str, set[str]] = defaultdict(set)
    for line, owners in owned(code):
        for word in _WORD.findall(line) if owners else ():
            named[word].update(owner for _, owner in owners)
    found: set[str] = set()
    open_names = list(names)
    while open_names:
        new = named.pop(open_names.pop(), set()) - found
        found |= new
        open_names += new
    return frozenset(found)


def owned(code: str) -> Iterator[tuple[str, Owners]]:
    """Yield each line with the headers that it stands below, or is one of."""
    owners: list[tuple[int, str]] = []
    depth, goes_on = 0, False
    for line in code.split("\n"):
        stripped = line.lstrip(" \t")
        if not depth and not goes_on and stripped:
            column = len(line) - len(stripped)
            owners = [one for one in owners if one[0] < column]
            header = _HEADER.match(stripped)
            if header is not None and len(owners) < _DEEPEST:
                owners.append((column, header[1] or header[2]))
        yield line, tuple(owners)
        depth = max(0, depth + len(_OPENING.findall(line)) - len(_CLOSING.findall(line)))
        goes_on = line.endswith("\\")
