"""What programs print to. One object serves every program: it stands in place of the interpreter's standard output."""

from collections.abc import Callable

_FLUSH_AT = 8_192
_LINES_PER_FLUSH = 8
_CHUNK = 65_536


class Output:
    """What programs print to: collects text and hands it out in pieces.

    What was collected when a limit ends the program is lost, and each handing out costs as much as printing some ten
    lines. So the first lines are handed out at once, and later ones when there are an eighth as many as before.
    """

    # A program that finds this object, as `pprint` leaves it lying about, cannot change it.
    __slots__ = ("_lines", "_parts", "_size", "_waiting")

    encoding, errors = "utf-8", "strict"

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = self._lines = self._waiting = 0

    def write(self, text: str) -> int:
        """Take text in; hand it out at the end of a line, when it is time to."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        text = str.__str__(text)
        self._parts.append(text)
        self._size += len(text)
        if text[-1:] == "\n":
            self._waiting += 1
            if self._waiting * _LINES_PER_FLUSH > self._lines:
                self.flush()
        if self._size >= _FLUSH_AT:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Hand out what was collected."""
        self._lines += self._waiting
        self._size = self._waiting = 0
        if not self._parts:
            return
        text = "".join(self._parts)
        self._parts.clear()
        for start in range(0, len(text), _CHUNK):
            _write(text[start : start + _CHUNK].encode("utf-8", "replace").decode())

    def begin(self) -> None:
        """Count lines anew: a program starts."""
        self._lines = 0

    def isatty(self) -> bool:
        """Return False: nobody watches."""
        return False


OUTPUT = Output()


def _nowhere(_text: str) -> None:
    """Where flushed text goes while there is no host."""


# Not an attribute of the output: that would be within reach of programs.
_write: Callable[[str], None] = _nowhere


def connect(write: Callable[[str], None]) -> None:
    """Set where text goes that is handed out."""
    global _write
    _write = write
