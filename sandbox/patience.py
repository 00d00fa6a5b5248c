"""Whether to wait for something for a moment, awake: as often as it comes, and ever less often while it does not."""

_MOST_SKIPPED = 64


class Patience:
    """How often it was in vain lately."""

    def __init__(self) -> None:
        self._left_out = 0
        self._to_leave_out = 1

    def is_left(self) -> bool:
        """Say whether to wait this time."""
        if self._left_out:
            self._left_out -= 1
            return False
        return True

    def learn(self, *, came: bool) -> None:
        """Take note of how it went; each time in vain leaves out twice as many, up to `_MOST_SKIPPED`."""
        if came:
            self._to_leave_out = 1
            return
        self._left_out = self._to_leave_out
        self._to_leave_out = min(2 * self._to_leave_out, _MOST_SKIPPED)
