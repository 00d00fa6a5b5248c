"""What a worker may say next, execution by execution: the order of frames, how many, and how long.

A worker is somebody else once a guest has broken out of it. Every frame that it may send brings an execution further,
so that there is no endless stream of them, and is bounded before its payload is read:

    START -> TAKEN -> [OUTPUT] BLOCKED -> ADVANCE -> [OUTPUT] BLOCKED ... -> [OUTPUT] FINISHED | STOPPED

A START or ADVANCE that brings several turns allows as many BLOCKEDs, until they are `AHEAD_BYTES` together.
NOTEs, `MAX_NOTES` of them, come between TAKEN and an end. STOPPED may come without TAKEN (the program was not begun),
and after BLOCKED when the execution was cancelled.
"""

from dataclasses import dataclass

from sandbox.engines.workers.wire import AHEAD_BYTES, MAX_NOTE_BYTES, BadFrame, FrameKind, end_bytes
from sandbox.policy import MAX_NOTES

_READY_BYTES = 4
_TAKEN_BYTES = 1
_REASON_BYTES = 64
# No guest's memory is larger.
_MOST_MEMORY = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much an execution may say."""

    output_bytes: int
    """Altogether."""
    message_bytes: int
    """At the end of a turn; what a guest says lies in its memory first."""


@dataclass(slots=True)
class _Hosted:
    """How far an execution is, as far as its worker has said."""

    bounds: Bounds
    output_left: int
    taken: bool = False
    notes_left: int = MAX_NOTES
    printed: bool = False
    turns: int = 1
    """How many it may still go through before it is spoken to again; while there are any, it computes."""
    said: int = 0
    """At the ends of turns, since it was spoken to."""
    cancelled: bool = False

    def block(self, length: int) -> None:
        """It has ended a turn, and waits, or goes on with the next one that it was sent."""
        self.printed = False
        self.said += length
        self.turns = self.turns - 1 if self.said <= AHEAD_BYTES else 0


class FrameOrder:
    """The frames of one worker: those that were sent decide which may come."""

    def __init__(self) -> None:
        self._ready = False
        self._hosted: dict[int, _Hosted] = {}

    def __contains__(self, number: int) -> bool:
        """Say whether an execution was started here and has not ended."""
        return number in self._hosted

    def is_computing(self, number: int) -> bool:
        """Say whether an execution has still to end a turn, before it is spoken to again."""
        hosted = self._hosted.get(number)
        return hosted is not None and hosted.turns > 0

    def start(self, number: int, bounds: Bounds, *, turns: int = 1) -> None:
        """START was sent; the first turn is one of `turns`."""
        self._hosted[number] = _Hosted(bounds, bounds.output_bytes, turns=turns)

    def advance(self, number: int, *, turns: int = 1) -> None:
        """ADVANCE was sent, with so many turns."""
        self._hosted[number].turns = turns
        self._hosted[number].said = 0

    def cancel(self, number: int) -> None:
        """CANCEL was sent."""
        self._hosted[number].cancelled = True

    def check(self, kind: FrameKind, number: int, length: int) -> None:
        """Check the head of a frame, before its payload is read.

        Raises:
            BadFrame: it may not come now, or not be so long.
        """
        if kind is FrameKind.READY:
            allowed = not self._ready and length == _READY_BYTES and number <= _MOST_MEMORY
        else:
            hosted = self._hosted.get(number)
            allowed = hosted is not None and _may_come(hosted, kind, length)
        if not allowed:
            raise BadFrame(f"{kind.name}, {length} bytes, now")

    def take(self, kind: FrameKind, number: int, length: int) -> None:
        """Note a frame that has come and was checked."""
        if kind is FrameKind.READY:
            self._ready = True
            return
        hosted = self._hosted[number]
        match kind:
            case FrameKind.BLOCKED:
                hosted.block(length)
            case FrameKind.TAKEN:
                hosted.taken = True
            case FrameKind.OUTPUT:
                hosted.printed = True
                hosted.output_left -= length
            case FrameKind.NOTE:
                hosted.notes_left -= 1
            case _:
                del self._hosted[number]


def _may_come(hosted: _Hosted, kind: FrameKind, length: int) -> bool:
    match kind:
        case FrameKind.BLOCKED | FrameKind.FINISHED:
            return hosted.taken and hosted.turns > 0 and length <= end_bytes(hosted.bounds.message_bytes)
        case FrameKind.TAKEN:
            return not hosted.taken and length == _TAKEN_BYTES
        case FrameKind.OUTPUT:
            return hosted.taken and hosted.turns > 0 and not hosted.printed and 0 < length <= hosted.output_left
        case FrameKind.NOTE:
            return hosted.taken and hosted.turns > 0 and hosted.notes_left > 0 and length <= MAX_NOTE_BYTES
        case FrameKind.STOPPED:
            return (hosted.turns > 0 or hosted.cancelled) and length <= end_bytes(_REASON_BYTES)
        case _:
            return False
