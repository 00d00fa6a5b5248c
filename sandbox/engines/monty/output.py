"""What a program prints, up to a limit."""

from collections.abc import Callable


class Printed:
    """Takes text in, and gives it out at the end of a turn.

    Args:
        max_bytes: in UTF-8, of the whole run.
        full: is called as soon as there is more.
    """

    def __init__(self, max_bytes: int, full: Callable[[], None]) -> None:
        self.is_cut = False
        self._left = max_bytes
        self._full = full
        self._parts: list[bytes] = []

    def take_in(self, _stream: str, text: str) -> None:
        """Take in what was printed, on either of the two streams."""
        encoded = text.encode("utf-8", "replace")
        if self.is_cut:
            return
        if len(encoded) > self._left:
            # Cut at the last whole character below the limit.
            encoded = encoded[: self._left].decode(errors="ignore").encode()
            self.is_cut = True
        self._left -= len(encoded)
        self._parts.append(encoded)
        if self.is_cut:
            self._full()

    def take_out(self) -> bytes:
        """Return what came since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
