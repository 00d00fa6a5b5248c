"""Whether a short wait is worth it: always while what is waited for comes in time, ever less often while it does not.

As adaptive mutexes decide whether to spin: the last outcomes tell what the next one will be.
"""

_MOST_SKIPPED = 64


class AdaptiveWait:
    """How one kind of wait went lately."""

    def __init__(self) -> None:
        self._to_skip = 0
        self._skips = 1
        """How many are skipped after the next one in vain."""

    def is_worth_it(self) -> bool:
        """Say whether to wait this time."""
        if self._to_skip:
            self._to_skip -= 1
            return False
        return True

    def learn(self, *, came: bool) -> None:
        """Take note of how a wait went; each in vain skips twice as many as the one before, up to `_MOST_SKIPPED`."""
        if came:
            self._skips = 1
            return
        self._to_skip = self._skips
        self._skips = min(2 * self._skips, _MOST_SKIPPED)
