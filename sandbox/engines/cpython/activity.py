"""Whether guests compute in a worker: what its ticker and its maker of isolates wait for."""

import threading


class Activity:
    """How many guests compute in this process right now; the ticker and the maker wait for it to change."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._computing = 0

    def begin(self) -> None:
        """A guest starts to compute."""
        with self._changed:
            self._computing += 1
            if self._computing == 1:
                self._changed.notify_all()

    def end(self) -> None:
        """A guest waits or has ended."""
        with self._changed:
            self._computing -= 1
            if self._computing == 0:
                self._changed.notify_all()

    def is_busy(self) -> bool:
        """Say whether a guest computes."""
        with self._changed:
            return self._computing > 0

    def wait_until_busy(self) -> None:
        """Return while at least one guest computes."""
        with self._changed:
            self._changed.wait_for(lambda: self._computing > 0)

    def wait_until_idle(self) -> None:
        """Return while no guest computes."""
        with self._changed:
            self._changed.wait_for(lambda: self._computing == 0)
