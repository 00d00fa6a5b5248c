"""What is noted about a program while it is compiled and run: what was done for it, and what it should rather say."""

from collections.abc import Callable
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest.kindness import Noted
from sandbox.engines.cpython.guest.transformer import FILENAME
from sandbox.engines.cpython.guest.turns import CALL_ASYNC, program_line


class Notes:
    """What is noted about a program: each note once, in the order in which it was made."""

    def __init__(self) -> None:
        self._made: set[Noted] = set()
        self._note: Callable[[str, int], None] = lambda _code, _line: None

    def connect(self, note: Callable[[str, int], None]) -> None:
        """Set where notes go."""
        self._note = note

    def begin(self) -> None:
        """Forget what was noted about another program."""
        self._made.clear()

    def add(self, code: str, line: int) -> None:
        """Note something about the program."""
        if (code, line) not in self._made and len(self._made) < policy.MAX_NOTES:
            self._made.add((code, line))
            self._note(code, line)


NOTES = Notes()


def note_unawaited(coroutine: Any) -> None:
    """Note that a coroutine is gone that nobody ever awaited: Python would print a warning."""
    code = coroutine.cr_code
    if code.co_filename == FILENAME:
        NOTES.add("never-awaited", program_line() or code.co_firstlineno)
    elif code is CALL_ASYNC and program_line():
        NOTES.add("never-awaited", program_line())
