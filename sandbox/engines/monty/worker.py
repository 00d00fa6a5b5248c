"""A worker process of the `monty` engine: holds one interpreter, and takes one program at a time through its turns.

The interpreter is a process of its own, which this one starts and ends. What it says becomes Python objects here, never
in the service: a set of numbers that share a hash, or a value with millions of parts, takes this process down and no
other. This one looks at the interpreter's processor time and ends it when it is used up; its own is bounded by a timer
of the kernel, because nothing here runs while such an object is made.

Turns run on the main thread. It reads the channel when it has nothing to do; while it computes for long, the other
thread does, so that a program can be stopped in the middle of a turn.
"""

import json
import os
import queue
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from pydantic_monty import Monty, MontyCrashedError, MontySession

from sandbox.engines.monty.confinement import confine, end_with
from sandbox.engines.monty.output import Printed
from sandbox.engines.monty.session import Running, session_options
from sandbox.engines.workers import wire
from sandbox.engines.workers.channel import Channel
from sandbox.engines.workers.walls import Wall
from sandbox.engines.workers.wire import FrameKind
from sandbox.limits import INTERPRETER_BYTES

TICK_SECONDS = 0.01
# How much of its own processor time this process may use for a turn beyond what the program may use of its own.
OWN_SECONDS = 1.0
# The kernel's name for the clock of a process's processor time.
_CPU_CLOCK = 2
_BROKEN = 70
_IDLE_TICKS = 100
_LAST_SECONDS = 5.0
_TRIES = 3
_Frame = tuple[FrameKind, int, bytes]


class Interpreter:
    """The interpreter's process."""

    def __init__(self, binary: str) -> None:
        self.stop: str | None = None
        """Why it was ended."""
        self._pid = 0
        self._pidfd = -1
        self._pool = Monty(binary_path=binary, min_processes=1, max_processes=1)
        self._pool.__enter__()

    def checkout(self, head: dict[str, Any], memory_bytes: int) -> MontySession:
        """Return a new session, whose process this one watches from now on.

        Raises:
            OSError: no interpreter could be started.
        """
        for _ in range(_TRIES):
            session = self._pool.checkout(**session_options(head, memory_bytes=memory_bytes))
            with suppress(MontyCrashedError, ProcessLookupError):
                session.__enter__()
                if self._watch(session.worker_pid):
                    self.stop = None
                    return session
            # It died since its last session: the pool notices when it is given back, and starts another one.
            session.__exit__(None, None, None)
        raise OSError("the interpreter dies as soon as it is started")

    def _watch(self, pid: int | None) -> bool:
        """Look at this process from now on; return whether it lives."""
        if pid is None:
            return False
        if pid != self._pid:
            if self._pidfd >= 0:
                os.close(self._pidfd)
            self._pid, self._pidfd = pid, os.pidfd_open(pid)
        return not select.select([self._pidfd], [], [], 0)[0]

    def take_back(self, session: MontySession) -> None:
        """End a session; an interpreter that is being ended is waited for."""
        if self.stop is not None:
            select.select([self._pidfd], [], [], _LAST_SECONDS)
        session.__exit__(None, None, None)

    def cpu_seconds(self) -> float:
        """Return how much processor time it has used, 0 when it is dead."""
        try:
            return time.clock_gettime(~self._pid << 3 | _CPU_CLOCK)
        except OSError:
            return 0.0

    def end(self, reason: str) -> None:
        """End it at once; the first reason counts."""
        self.stop = self.stop or reason
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)


class CurrentProgram:
    """The program that this worker has, from START to its end."""

    def __init__(self, number: int, assignment: wire.Assignment, request: str, interpreter: Interpreter) -> None:
        self.number = number
        self.limit_seconds = assignment.cpu_seconds
        self.printed = Printed(assignment.output_bytes, lambda: interpreter.end("output_bytes"))
        self._interpreter = interpreter
        head = json.loads(request.partition("\n")[0])
        self.session = interpreter.checkout(head, assignment.memory_bytes - INTERPRETER_BYTES)
        self.running = Running(request, self.session, self.printed)
        self._before = interpreter.cpu_seconds() + time.process_time()
        self._last = 0.0

    def cpu_seconds(self) -> float:
        """Return how much processor time was used for it, here and in the interpreter."""
        self._last = max(self._last, self._interpreter.cpu_seconds() + time.process_time() - self._before)
        return self._last


class Worker:
    """The process: its channel, its interpreter, its one program."""

    def __init__(self, channel: Channel, interpreter: Interpreter) -> None:
        self._channel = channel
        self._interpreter = interpreter
        self._inbox: queue.SimpleQueue[_Frame | None] = queue.SimpleQueue()
        self._current: CurrentProgram | None = None
        self._computing = False
        self._watched = threading.Event()
        """Set while somebody looks at the clock every `TICK_SECONDS`."""

    def serve(self, in_force: Wall) -> None:
        """Say that programs are taken, and take them; never returns."""
        for loop in (self._tick, self._stand_by):
            threading.Thread(target=loop, daemon=True).start()
        self._channel.send(FrameKind.READY, 0, wire.ready_payload(in_force))
        while True:
            kind, number, payload = self._next_frame()
            if kind is FrameKind.START:
                self._start(number, payload)
            elif self._current is None or self._current.number != number:
                continue  # it has ended meanwhile
            elif kind is FrameKind.CANCEL:
                self._finish(self._current, FrameKind.STOPPED, "cancelled")
            else:
                self._go_on(self._current, wire.read_advance(payload))

    # -- turns, on the main thread --------------------------------------------------------------------------------

    def _start(self, number: int, payload: bytes) -> None:
        assignment, request, turns = wire.read_start(payload)
        current = self._current = CurrentProgram(number, assignment, request, self._interpreter)
        self._channel.send(FrameKind.TAKEN, number, b"\0")
        said = self._take_turn(current, current.running.start)
        self._go_on(current, turns, said)

    def _go_on(self, current: CurrentProgram, turns: Sequence[wire.Turn], said: int = 0) -> None:
        """Take the turns that came together, as long as the program waits and has not said too much."""
        for _, reply in turns:
            if self._current is not current or said > wire.AHEAD_BYTES:
                return
            said += self._take_turn(current, partial(current.running.advance, reply))

    def _take_turn(self, current: CurrentProgram, turn: Callable[[], tuple[bool, str]]) -> int:
        """Take a turn, tell how it ended, and return how many bytes that took."""
        kind, text = FrameKind.STOPPED, ""
        signal.setitimer(signal.ITIMER_PROF, current.limit_seconds + OWN_SECONDS)
        self._computing = True
        if not self._watched.is_set():
            self._watched.set()
        try:
            waits, text = turn()
            kind = FrameKind.BLOCKED if waits else FrameKind.FINISHED
        except MontyCrashedError as error:
            if self._interpreter.stop is None and error.exit_status is None:
                # Somebody else ended it: the program is taken up again elsewhere.
                os._exit(_BROKEN)
        finally:
            self._computing = False
            signal.setitimer(signal.ITIMER_PROF, 0.0)
        if self._interpreter.stop is not None or kind is FrameKind.STOPPED:
            kind, text = FrameKind.STOPPED, self._interpreter.stop or "aborted"
        if kind is FrameKind.BLOCKED:
            return self._send_end(current, kind, text)
        self._finish(current, kind, text)
        return 0

    def _finish(self, current: CurrentProgram, kind: FrameKind, text: str) -> None:
        self._current = None
        self._send_end(current, kind, text)
        self._interpreter.take_back(current.session)

    def _send_end(self, current: CurrentProgram, kind: FrameKind, text: str) -> int:
        frames, printed = [], current.printed.take_out()
        if printed:
            frames.append(wire.frame(FrameKind.OUTPUT, current.number, printed))
        payload = wire.end_payload(0, current.cpu_seconds(), text)
        frames.append(wire.frame(kind, current.number, payload))
        self._channel.send_frames(frames)
        return len(payload)

    # -- frames ---------------------------------------------------------------------------------------------------

    def _next_frame(self) -> _Frame:
        while True:
            if self._inbox.empty() and self._channel.take():
                # What comes may be a part of a frame.
                self._read()
                self._channel.leave()
            elif (frame := self._inbox.get()) is not None:
                return frame

    def _read(self) -> None:
        for frame in self._channel.read():
            current = self._current
            if frame[0] is FrameKind.CANCEL and self._computing and current and current.number == frame[1]:
                self._interpreter.end("cancelled")
            self._inbox.put(frame)

    def _stand_by(self) -> None:
        """Read while the main thread computes for long."""
        while True:
            self._channel.wait_until_asked_for()
            if not self._channel.take():
                continue
            self._read()
            while self._computing:
                self._read()
            self._channel.leave()
            # The main thread may wait for what this one would have read.
            self._inbox.put(None)

    def _tick(self) -> None:
        """Look at the program's processor time, and have the channel read when its turn takes long.

        Goes on for a while after a turn, so that short ones that follow one another need not wake it.
        """
        idle = 0
        while True:
            self._watched.wait()
            time.sleep(TICK_SECONDS)
            current = self._current
            idle = 0 if self._computing else idle + 1
            if current is not None and self._computing:
                if current.cpu_seconds() > current.limit_seconds:
                    self._interpreter.end("cpu_seconds")
                self._channel.ask_for_stand_by()
            elif idle > _IDLE_TICKS:
                self._watched.clear()
                if self._computing:
                    # It began in between, and saw that somebody looked.
                    self._watched.set()


def main(descriptor: int, binary: str, lifeline: int) -> None:
    """Serve the engine at the other end of the socket `descriptor` until it, or what holds the pipe, goes away."""
    for one in (descriptor, lifeline):
        os.set_inheritable(one, False)  # noqa: FBT003 - it takes no keywords
    channel = Channel(socket.socket(fileno=descriptor), _end_all)
    try:
        end_with(lifeline)
        in_force = confine(descriptor, lifeline, binary=binary)
        Worker(channel, Interpreter(binary)).serve(in_force)
    except BaseException:  # noqa: BLE001 - nothing in this process can be relied on any more
        sys.excepthook(*sys.exc_info())
        os._exit(_BROKEN)


def _end_all() -> None:
    """End this process and the interpreter, which would otherwise go on with what it computes."""
    os.killpg(0, signal.SIGKILL)
