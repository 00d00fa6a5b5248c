"""Whether an event loop runs where a program makes a call, seen by its words and its indentation; nothing is parsed."""

import re
from collections.abc import Iterator

from sandbox.source import without_texts

_AWAITS = re.compile(r"(?<![\w.])(?:await|async[ \t]+(?:for|with))\b")
_LOOP = re.compile(r"(?<![\w.])asyncio\b")
_HEADER = re.compile(r"(?:async[ \t]+def|def|class)\b")


class LoopPlaces:
    """Where an event loop runs in one program."""

    def __init__(self, source: str) -> None:
        self._plain = without_texts(source)
        self._in_function = [*_in_function(self._plain.split("\n"))]
        self._awaits_at_top = any(not self._in_function[self._index(one)] for one in _AWAITS.finditer(self._plain))
        self._has_loop = _LOOP.search(self._plain) is not None

    def loop_runs_at(self, line: int) -> bool:
        """Say whether an event loop runs when a call on this line is made, so that an async function is awaited.

        A call in a function is taken for one within the loop, where the program starts one.
        """
        if self._awaits_at_top or not self._has_loop:
            return self._awaits_at_top
        return 0 < line <= len(self._in_function) and self._in_function[line - 1]

    def _index(self, found: re.Match[str]) -> int:
        return self._plain.count("\n", 0, found.start())


def _in_function(lines: list[str]) -> Iterator[bool]:
    """Yield for each line whether it stands below the header of a function, judged by its indentation."""
    open_headers: list[tuple[int, bool]] = []
    for line in lines:
        stripped = line.lstrip(" \t")
        column = len(line) - len(stripped)
        while stripped and open_headers and open_headers[-1][0] >= column:
            open_headers.pop()
        inside = bool(open_headers) and open_headers[-1][1]
        yield inside
        header = _HEADER.match(stripped)
        if header is not None:
            open_headers.append((column, inside or header[0] != "class"))
