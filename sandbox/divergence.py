"""Where a replayed program differs from its record: what was recorded, and what was observed."""

from dataclasses import dataclass

from sandbox.errors import SandboxError


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a program did at one place, or does there now."""

    text: str
    """In words: a call, what it waited for, how it ended."""
    function: str | None = None
    """Of a call."""
    arguments: str | None = None
    """Of a call, as they stand between the parentheses, and no more of them than a line has room for."""
    line: int | None = None
    """Of a call: where the program made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first place at which a program differs from its record."""

    turn: int
    """The first one is 1."""
    recorded: Side
    observed: Side

    def __str__(self) -> str:
        return f"turn {self.turn} of the replay differs: recorded {self.recorded.text}, observed {self.observed.text}"


class JournalDiverged(SandboxError):
    """A replayed program does not do what it did.

    Attributes:
        divergence: where, and both sides.
    """

    code = "journal_diverged"

    def __init__(self, divergence: Divergence) -> None:
        super().__init__(str(divergence))
        self.divergence = divergence

    @property
    def turn(self) -> int:
        """In which turn, the first one is 1."""
        return self.divergence.turn

    @property
    def recorded(self) -> Side:
        """What it did."""
        return self.divergence.recorded

    @property
    def observed(self) -> Side:
        """What it does now."""
        return self.divergence.observed

    def __reduce__(self) -> tuple[type["JournalDiverged"], tuple[Divergence]]:
        return JournalDiverged, (self.divergence,)
