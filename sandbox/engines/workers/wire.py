"""Framed messages between the engine and its worker processes.

A frame is a fixed header (length of the payload, kind, execution) and a payload: a few fixed-size numbers and a text
that the worker passes on without looking into it. A frame from a worker is untrusted: whoever broke out of the guest
may send anything, so a frame that is not what this module writes is `BadFrame`, and its worker is killed.
"""

import enum
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_HEADER = struct.Struct("<IBQ")
_ASSIGNMENT = struct.Struct("<QdQQQqQ?I")
_SPENT = struct.Struct("<Qd")
_TURN = struct.Struct("<qI")
_WALLS = struct.Struct("<I")
_LINE = struct.Struct("<I")
_MAX_CODE_BYTES = 100
MAX_NOTE_BYTES = _LINE.size + _MAX_CODE_BYTES
# A guest's memory is at most 2 GiB, but nothing that it may return is larger than the highest value_bytes.
MAX_PAYLOAD_BYTES = 600 * 2**20
HEADER_BYTES = _HEADER.size
# A worker begins no turn of its own accord after it has said more than this since it was last spoken to, so that what
# it says while nobody listens is bounded.
AHEAD_BYTES = 64 * 1024
Turn = tuple[int, str]
"""What a turn begins with: the time, nanoseconds since the epoch, and the guest's message."""


class BadFrame(Exception):
    """A frame that this module did not write."""


class FrameKind(enum.IntEnum):
    """What a frame says. The first three go to a worker, the rest come from one.

    ADVANCE brings a turn. So that a replay need not go to and fro for each turn, it may bring those that follow as
    well, and so may START: the worker begins each when the one before has ended as BLOCKED, until what it has said
    since that frame is more than `AHEAD_BYTES`; it drops the rest then.
    TAKEN says that a program starts to run: a worker that dies before that says nothing about the program. Its one
    byte says how many isolates the worker still has that were made ahead.
    READY bears the memory of a fresh isolate in place of an execution's number. OUTPUT is what a turn printed.
    `frame_order` says when a worker may send which.
    """

    START = 1
    ADVANCE = 2
    CANCEL = 3
    READY = 4
    OUTPUT = 5
    BLOCKED = 6
    FINISHED = 7
    STOPPED = 8
    TAKEN = 9
    NOTE = 10


# Why an execution was stopped that had not begun: the worker has no room for it now, another one may.
NO_ROOM = "no_room"
FROM_WORKER = frozenset(FrameKind) - {FrameKind.START, FrameKind.ADVANCE, FrameKind.CANCEL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a worker needs to know to run a program; the request itself is the guest's business."""

    fuel: int
    cpu_seconds: float
    memory_bytes: int
    output_bytes: int
    seed: int
    now: int
    isolate: int = 0
    """The execution whose isolate it takes over, 0 for a fresh one."""
    keep: bool = False
    """Whether the isolate is kept when the program has ended, until another one takes it over or CANCEL drops it."""


def frame(kind: FrameKind, execution: int, payload: bytes = b"") -> bytes:
    """Return a whole frame."""
    return _HEADER.pack(len(payload), kind, execution) + payload


def start_payload(assignment: Assignment, request: str, turns: Sequence[Turn] = ()) -> bytes:
    """Return the payload of START; `turns` follow the first one."""
    text = request.encode()
    numbers = _ASSIGNMENT.pack(
        assignment.fuel,
        assignment.cpu_seconds,
        assignment.memory_bytes,
        assignment.output_bytes,
        assignment.seed,
        assignment.now,
        assignment.isolate,
        assignment.keep,
        len(text),
    )
    return b"".join([numbers, text, *_turns(turns)])


def read_start(payload: bytes) -> tuple[Assignment, str, list[Turn]]:
    """Return what `start_payload` was made of."""
    fuel, cpu_seconds, memory_bytes, output_bytes, seed, now, isolate, keep, size = _ASSIGNMENT.unpack_from(payload)
    assignment = Assignment(
        fuel=fuel,
        cpu_seconds=cpu_seconds,
        memory_bytes=memory_bytes,
        output_bytes=output_bytes,
        seed=seed,
        now=now,
        isolate=isolate,
        keep=keep,
    )
    end = _ASSIGNMENT.size + size
    return assignment, payload[_ASSIGNMENT.size : end].decode(), read_advance(payload, end)


def advance_payload(turns: Sequence[Turn]) -> bytes:
    """Return the payload of ADVANCE."""
    return b"".join(_turns(turns))


def read_advance(payload: bytes, start: int = 0) -> list[Turn]:
    """Return what `advance_payload` was made of, from `start` on."""
    turns: list[Turn] = []
    while start < len(payload):
        now, size = _TURN.unpack_from(payload, start)
        end = start + _TURN.size + size
        turns.append((now, payload[start + _TURN.size : end].decode()))
        start = end
    return turns


def _turns(turns: Sequence[Turn]) -> Iterator[bytes]:
    for now, reply in turns:
        text = reply.encode()
        yield _TURN.pack(now, len(text))
        yield text


def ready_payload(in_force: int) -> bytes:
    """Return the payload of READY: which walls stand around the worker."""
    return _WALLS.pack(in_force)


def read_ready(payload: bytes) -> int:
    """Return what `ready_payload` was made of.

    Raises:
        BadFrame: it was not made by `ready_payload`.
    """
    if len(payload) != _WALLS.size:
        raise BadFrame("no walls")
    return int(_WALLS.unpack(payload)[0])


def end_payload(fuel: int, cpu_seconds: float, text: str) -> bytes:
    """Return the payload of BLOCKED, FINISHED and STOPPED."""
    return _SPENT.pack(fuel, cpu_seconds) + text.encode()


def read_end(payload: bytes) -> tuple[int, float, str]:
    """Return what `end_payload` was made of.

    Raises:
        BadFrame: it was not made by `end_payload`.
    """
    if len(payload) < _SPENT.size:
        raise BadFrame("too short")
    fuel, cpu_seconds = _SPENT.unpack_from(payload)
    if not 0 <= cpu_seconds < 1e9:
        raise BadFrame("no processor time")
    return fuel, cpu_seconds, read_text(payload[_SPENT.size :])


def read_text(payload: bytes) -> str:
    """Return the text of an OUTPUT frame.

    Raises:
        BadFrame: it is no UTF-8.
    """
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise BadFrame("no UTF-8") from None


def note_payload(code: str, line: int) -> bytes:
    """Return the payload of NOTE."""
    # Cut at a whole character: the other side takes half of one for a sign that this worker is no longer ours.
    return _LINE.pack(line) + code.encode()[:_MAX_CODE_BYTES].decode(errors="ignore").encode()


def read_note(payload: bytes) -> tuple[str, int]:
    """Return what `note_payload` was made of.

    Raises:
        BadFrame: it was not made by `note_payload`.
    """
    if not _LINE.size <= len(payload) <= MAX_NOTE_BYTES:
        raise BadFrame("no note")
    return read_text(payload[_LINE.size :]), _LINE.unpack_from(payload)[0]


def end_bytes(text_bytes: int) -> int:
    """Return how long the payload of BLOCKED, FINISHED and STOPPED is."""
    return _SPENT.size + text_bytes


class FrameReader:
    """Cuts a stream of bytes into frames.

    `check` sees the head of a frame (kind, execution, length) before its payload is waited for, and raises `BadFrame`.
    """

    def __init__(
        self, allowed: frozenset[FrameKind], check: Callable[[FrameKind, int, int], None] | None = None
    ) -> None:
        self._allowed = {int(kind): kind for kind in allowed}
        self._check = check
        self._checked = False
        self._begun = bytearray()
        """What has come of a frame that is not complete."""
        self._needed = 0
        """How long that has to be before there is more to be said about it."""

    def feed(self, received: bytes | memoryview) -> Iterator[tuple[FrameKind, int, bytes]]:
        """Yield the frames that are complete now; to be taken to the end.

        Raises:
            BadFrame: a kind that this side does not accept, a payload beyond `MAX_PAYLOAD_BYTES`, or `check` says so.
        """
        if self._begun:
            self._begun += received
            if len(self._begun) < self._needed:
                return
            received, self._begun = memoryview(self._begun), bytearray()
        start, size = 0, len(received)
        self._needed = HEADER_BYTES
        while start + HEADER_BYTES <= size:
            length, number, execution = _HEADER.unpack_from(received, start)
            kind = self._allowed.get(number)
            if kind is None or length > MAX_PAYLOAD_BYTES:
                raise BadFrame(f"kind {number}, {length} bytes")
            if self._check is not None and not self._checked:
                self._check(kind, execution, length)
            payload, end = start + HEADER_BYTES, start + HEADER_BYTES + length
            self._checked = end > size
            if self._checked:
                self._needed = end - start
                break
            start = end
            yield kind, execution, bytes(received[payload:end])
        if start < size:
            self._begun += received[start:]
