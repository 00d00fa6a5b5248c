"""What a worker holds between runs: nothing is held for nobody, and nothing is taken twice."""

from typing import Any

from sandbox.engines.cpython.kept_isolates import KeptIsolates


class Ended:
    """An execution whose program has ended."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.cancelled = False
        self.has_left = False


class Closing:
    """An isolate that says whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_an_isolate_is_taken_once() -> None:
    """Two programs in one would be the end of both."""
    kept, isolate, ended = KeptIsolates(), Closing(), Ended(1)
    kept.keep(ended, _as_isolate(isolate))

    assert ended.has_left
    assert kept.take(1) is _as_isolate(isolate)
    assert kept.take(1) is None
    assert not isolate.is_closed


def test_a_cancelled_execution_leaves_nothing_whichever_comes_first() -> None:
    """The program may end while the engine gives it up; the isolate would be held for ever."""
    kept, early, late = KeptIsolates(), Closing(), Closing()
    before, after = Ended(1), Ended(2)

    kept.cancel(1, before)
    kept.keep(before, _as_isolate(early))
    kept.keep(after, _as_isolate(late))
    kept.cancel(2, None)

    assert (before.has_left, early.is_closed) == (False, False)  # its own execution closes it
    assert (after.has_left, late.is_closed) == (True, True)
    assert (kept.take(1), kept.take(2)) == (None, None)


def _as_isolate(closing: Closing) -> Any:
    return closing
