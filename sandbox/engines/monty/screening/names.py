"""Names of a program, found in its words: however many there are, each place is looked at once."""

import re
import sys
from collections.abc import Iterable, Iterator

# No attribute, and no prefix of a text.
_NAME = re.compile(r"(?<![\w.])\w+(?![\w\"'])")
_WORD = re.compile(r"\w+")


class Names:
    """Some names; a pattern with thousands of alternatives would try them all wherever a word begins.

    Args:
        attributes: whether an attribute of such a name counts as well.
    """

    def __init__(self, names: Iterable[str], *, attributes: bool = False) -> None:
        self._names = frozenset(names)
        self._words = _WORD if attributes else _NAME

    def found_in(self, code: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Yield where one of them stands."""
        return (found for found in self._words.finditer(code, start, end) if found[0] in self._names)

    def are_in(self, code: str, start: int = 0, end: int = sys.maxsize) -> bool:
        """Say whether one of them stands there."""
        return next(self.found_in(code, start, end), None) is not None
