"""A worker's end of the socket to the engine, which many threads use and one reads at a time.

Whoever waits for a frame reads the socket itself, when nobody else does, so that a frame need not wake two threads
one after the other: that is most of what a call costs. The reader hands the frames of others to them. It stops reading
when it starts to compute. Therefore:

- Whoever stops computing tries to become the reader, or asks for the stand-by: nothing computes without somebody who
  will look after the socket when it is done.
- Frames that arrive while guests compute wait; `look_after` is called at every tick, and asks for the stand-by when
  nobody has read since the last one.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence

from sandbox.adaptive_wait import AdaptiveWait
from sandbox.engines.workers import wire
from sandbox.engines.workers.spinning import CONTENDED_SECONDS, SPIN_SECONDS, may_spin
from sandbox.engines.workers.wire import FrameKind

_RECEIVE_BYTES = 1 << 18
_TO_A_WORKER = frozenset({FrameKind.START, FrameKind.ADVANCE, FrameKind.CANCEL})


class Channel:
    """Frames out, from any thread; frames in, by the one that reads.

    Args:
        gone: ends the process; called when the engine is gone.
    """

    def __init__(self, connected: socket.socket, gone: Callable[[], None] = lambda: os._exit(0)) -> None:
        self._gone = gone
        self._socket = connected
        self._sending = threading.Lock()
        self._reading = threading.Lock()
        self._reader = wire.FrameReader(_TO_A_WORKER)
        # One for all who read: a buffer of its own would stay with each thread that ever reads.
        self._received = memoryview(bytearray(_RECEIVE_BYTES))
        self._taken = 0
        self._taken_before = -1
        self._asked_for = threading.Event()
        self._may_spin = may_spin()
        self._wait = AdaptiveWait()

    def send(self, kind: FrameKind, number: int, payload: bytes) -> None:
        """Send one frame; ends the process when the engine is gone."""
        self.send_frames([wire.frame(kind, number, payload)])

    def send_frames(self, frames: Sequence[bytes]) -> None:
        """Send frames that follow one another, with none of others between them."""
        try:
            with self._sending:
                self._socket.sendall(frames[0] if len(frames) == 1 else b"".join(frames))
        except OSError:
            self._gone()

    def take(self) -> bool:
        """Become the reader, unless there is one."""
        taken = self._reading.acquire(blocking=False)
        self._taken += taken
        return taken

    def leave(self) -> None:
        """Stop reading; only for the reader, and only for one that computes now or asks for another."""
        self._reading.release()

    def read(self, *, spin: bool = False) -> list[tuple[FrameKind, int, bytes]]:
        """Wait for frames; only for the reader. Ends the process when the engine is gone.

        Args:
            spin: look for a moment before falling asleep, as is worth it where nothing else computes here.
        """
        try:
            spin = spin and self._may_spin and self._wait.is_worth_it()
            count = self._receive_spinning() if spin else self._socket.recv_into(self._received)
        except OSError:
            count = 0
        if not count:
            self._gone()
        return [*self._reader.feed(self._received[:count])]

    def _receive_spinning(self) -> int:
        began = before = time.monotonic()
        while before - began < SPIN_SECONDS:
            with contextlib.suppress(BlockingIOError):
                count = self._socket.recv_into(self._received, 0, socket.MSG_DONTWAIT)
                self._wait.learn(came=True)
                return count
            os.sched_yield()
            now = time.monotonic()
            if now - before > CONTENDED_SECONDS:
                break
            before = now
        self._wait.learn(came=False)
        return self._socket.recv_into(self._received)

    def ask_for_stand_by(self) -> None:
        """Let the stand-by read, when nobody does."""
        if not self._reading.locked():
            self._asked_for.set()

    def look_after(self) -> None:
        """Ask for the stand-by when nobody has become the reader since the last time."""
        if self._taken == self._taken_before:
            self.ask_for_stand_by()
        self._taken_before = self._taken

    def wait_until_asked_for(self) -> None:
        """Return when somebody has asked for the stand-by."""
        self._asked_for.wait()
        self._asked_for.clear()
