"""What a program prints, as the pool's threads hand it over, up to a limit."""

import threading
from collections.abc import Callable


class Printed:
    """Takes text in from whatever thread, and gives it out at the end of a turn.

    Args:
        max_bytes: in UTF-8, of the whole run.
        full: is called, in the thread that brought too much, as soon as that happens.
    """

    def __init__(self, max_bytes: int, full: Callable[[], None]) -> None:
        self._left = max_bytes
        self._full = full
        self._parts: list[str] = []
        self._guard = threading.Lock()
        self.is_cut = False

    def take_in(self, _stream: str, text: str) -> None:
        """Take in what was printed, on either of the two streams."""
        encoded = text.encode("utf-8", "replace")
        with self._guard:
            if self.is_cut:
                return
            self._left -= len(encoded)
            self.is_cut = self._left < 0
            if self.is_cut:
                text = encoded[: self._left].decode("utf-8", "ignore")
            self._parts.append(text)
        if self.is_cut:
            self._full()

    def take_out(self) -> str:
        """Return what came since the last time."""
        with self._guard:
            parts, self._parts = self._parts, []
        return "".join(parts)
