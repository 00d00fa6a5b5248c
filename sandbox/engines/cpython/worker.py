"""A worker process: holds isolates, runs turns, and knows nothing of what the guests say.

One thread per live execution, parked in the host import while its guest waits; one thread that makes isolates ahead
of need whenever nothing computes here; one that lets running guests look at their deadline. Frames are read by whoever
waits for one, see `channel`; the main thread stands by. When the engine is gone, reading ends and so does the process,
whatever the others do.

`hardening.lock_down` comes before the first frame: what runs after it can open no file, so everything that is ever
needed is imported, loaded and tried once before.
"""

import os
import queue
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

import wasmtime

from sandbox.engines.cpython.activity import Activity
from sandbox.engines.cpython.isolate import THREAD_STACK_BYTES, Isolate, Runtime, Stopped
from sandbox.engines.cpython.kept_isolates import KeptIsolates
from sandbox.engines.cpython.threads import Job, Threads
from sandbox.engines.cpython.wasi import RandomStream
from sandbox.engines.workers import hardening, wire
from sandbox.engines.workers.channel import Channel
from sandbox.engines.workers.clock import CLOCK_STEP_NANOSECONDS
from sandbox.engines.workers.walls import Wall
from sandbox.engines.workers.wire import FrameKind
from sandbox.policy import MAX_NOTES

TICK_SECONDS = 0.01
# After so much processor time an execution gives way to the short ones; each turn grants it a little more, so that one
# that makes many calls and hardly computes between them stays as quick as it is.
LONG_SECONDS = 0.05
_LONGER_PER_TURN_SECONDS = 0.0005
READY_ISOLATES = 3
_SECONDS_WITHOUT_ROOM = 1.0
_LARGE = 1 << 20
# Ends of turns that follow one another are sent together, up to so many bytes: sending takes as long as a short turn.
_TOGETHER_BYTES = 1_500


class _Preparing:
    """The host of an isolate that has no program yet."""

    stop: str | None = None

    def __init__(self) -> None:
        self.random = RandomStream(0)

    def read_clock(self) -> int:
        return 0

    def end_turn(self, _progress: str) -> str:
        raise wasmtime.WasmtimeError("no program yet")

    def write(self, text: str) -> None:
        """Nothing is printed before there is a program."""

    def note(self, code: str, line: int) -> None:
        """Nothing is noted before there is a program."""

    def must_stop(self) -> bool:
        return False


class Execution:
    """One program in one isolate: the host that its guest sees."""

    def __init__(self, number: int, assignment: wire.Assignment, turns: Iterable[wire.Turn], worker: "Worker") -> None:
        self.number = number
        self.stop: str | None = None
        self.random = RandomStream(assignment.seed)
        self.inbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.cancelled = False
        self.takes_over = assignment.isolate
        """The execution whose isolate it runs in, 0 for a fresh one."""
        self.has_left = False
        """Whether its isolate is kept, and no longer its own."""
        self._assignment = assignment
        self._worker = worker
        self._now = assignment.now
        self._output_left = assignment.output_bytes
        self._notes_left = MAX_NOTES
        self._printed = bytearray()
        """What this turn printed: sent when it ends, in one frame."""
        self._ahead = deque(turns)
        """The turns that it was sent beyond the one that it is in."""
        self._said = 0
        """At the ends of turns, since it was last spoken to."""
        self._unsent: list[bytes] = []
        """Frames that go out when there are enough of them, when it waits, and when it computes for longer."""
        self._cpu_started = 0.0
        self._long_seconds = LONG_SECONDS
        self._taking_in = False
        self._isolate: Isolate | None = None

    def run(self, isolate: Isolate, request: str) -> None:
        """Run the program; the end of every turn is sent to the engine."""
        self._worker.send(FrameKind.TAKEN, self.number, self._worker.spare_isolates())
        self._isolate = isolate
        self._taking_in = len(request) > _LARGE
        self._cpu_started = time.thread_time()
        assignment = self._assignment
        kind, text = FrameKind.FINISHED, ""
        try:
            text = isolate.run(request, self, fuel=assignment.fuel, memory_bytes=assignment.memory_bytes)
        except Stopped as stopped:
            # A guest that dies while something large is put into its memory has none left for it.
            full = stopped.reason == "aborted" and self._taking_in
            kind, text = FrameKind.STOPPED, "memory_bytes" if full else stopped.reason
        # Read now: once the end is told, the isolate may be another execution's.
        fuel = isolate.fuel_used()
        if assignment.keep and kind is FrameKind.FINISHED:
            self._worker.kept.keep(self, isolate)
        self._send_end(kind, text, fuel)

    def read_clock(self) -> int:
        self._taking_in = False
        self._now += CLOCK_STEP_NANOSECONDS
        return self._now

    def end_turn(self, progress: str) -> str:
        self._taking_in = False
        fuel = self._isolate.fuel_used() if self._isolate is not None else 0
        self._send_end(FrameKind.BLOCKED, progress, fuel)
        self._long_seconds += _LONGER_PER_TURN_SECONDS
        if not self._ahead:
            self._wait()
        if self.cancelled:
            self.stop = "cancelled"
            raise wasmtime.WasmtimeError("cancelled")
        now, reply = self._ahead.popleft()
        self._now = max(self._now, now)
        self._taking_in = len(reply) > _LARGE
        return reply

    def _wait(self) -> None:
        """Return when there is a turn to go on with, or the execution was cancelled."""
        used = time.thread_time() - self._cpu_started
        payload = self._worker.next_turn(self)
        # Whoever waits may read for others meanwhile, which is not the program's time.
        self._cpu_started = time.thread_time() - used
        if payload is not None:
            self._said = 0
            self._ahead.extend(wire.read_advance(payload))

    def write(self, text: str) -> None:
        self._taking_in = False
        encoded = text.encode()
        if len(encoded) <= self._output_left:
            self._output_left -= len(encoded)
            self._printed += encoded
            return
        # Cut at the last whole character below the limit.
        self._printed += encoded[: self._output_left].decode(errors="ignore").encode()
        self._output_left = 0
        self.stop = "output_bytes"
        raise wasmtime.WasmtimeError("output_bytes")

    def note(self, code: str, line: int) -> None:
        self._notes_left -= 1
        if self._notes_left < 0:
            # The driver never makes so many.
            self.stop = "aborted"
            raise wasmtime.WasmtimeError("too many notes")
        self._unsent.append(wire.frame(FrameKind.NOTE, self.number, wire.note_payload(code, line)))

    def must_stop(self) -> bool:
        self._send_off()
        used = time.thread_time() - self._cpu_started
        if self.cancelled:
            self.stop = "cancelled"
        elif used > self._assignment.cpu_seconds:
            self.stop = "cpu_seconds"
        elif used > self._long_seconds:
            self._worker.threads.slow_down()
        return self.stop is not None

    def _send_end(self, kind: FrameKind, text: str, fuel: int) -> None:
        cpu_seconds = time.thread_time() - self._cpu_started
        if self._printed:
            self._unsent.append(wire.frame(FrameKind.OUTPUT, self.number, bytes(self._printed)))
            self._printed.clear()
        payload = wire.end_payload(fuel, cpu_seconds, text)
        self._unsent.append(wire.frame(kind, self.number, payload))
        self._said += len(payload)
        if self._said > wire.AHEAD_BYTES:
            self._ahead.clear()
        if kind is FrameKind.BLOCKED and self._ahead and sum(map(len, self._unsent)) < _TOGETHER_BYTES:
            return
        self._send_off()

    def _send_off(self) -> None:
        if self._unsent:
            self._worker.send_frames(self._unsent)
            self._unsent.clear()


class Worker:
    """The process: its channel, its isolates, its executions."""

    def __init__(self, channel: Channel, runtime: Runtime) -> None:
        self.activity = Activity()
        self.send = channel.send
        self.send_frames = channel.send_frames
        self.threads = Threads(self._find_job, channel.ask_for_stand_by)
        self._channel = channel
        self._runtime = runtime
        self._executions: dict[int, Execution] = {}
        self._ready: deque[Isolate] = deque()
        self.kept = KeptIsolates()
        self._taken = threading.Semaphore(READY_ISOLATES)

    def serve(self, fresh_bytes: int, in_force: Wall) -> None:
        """Say that executions are taken, and look after the channel whenever nobody else does; never returns."""
        for loop in (self._tick, self._make_ahead):
            threading.Thread(target=loop, daemon=True).start()
        self.send(FrameKind.READY, fresh_bytes, wire.ready_payload(in_force))
        self._channel.ask_for_stand_by()
        while True:
            self._channel.wait_until_asked_for()
            while self._channel.take():
                while not self._give_out():
                    pass
                self._channel.leave()
                if self.activity.is_busy():
                    break

    def next_turn(self, execution: Execution) -> bytes | None:
        """Wait until an execution may go on; return what it is told, None when it is cancelled."""
        self.activity.end()
        reads = self._may_read()
        if reads:
            while execution.inbox.empty():
                self._give_out(spin=not self.activity.is_busy())
        payload = execution.inbox.get()
        if payload is None:
            self.activity.begin()
        if reads:
            self._channel.leave()
        return payload

    def _find_job(self) -> Job | None:
        """Read frames until there is a program to run; None when another thread reads."""
        if not self._may_read():
            return None
        jobs: list[Job] = []
        while not jobs:
            self._give_out(jobs)
        self._channel.leave()
        return jobs[0]

    def _may_read(self) -> bool:
        """Become the reader if there is none; a slow thread would hold the others up."""
        if not self.threads.is_slow():
            return self._channel.take()
        self._channel.ask_for_stand_by()
        return False

    def _give_out(self, jobs: list[Job] | None = None, *, spin: bool = False) -> bool:
        """Read, and hand every frame to its execution; return whether something computes for it now.

        What computes is counted here, before it begins: the count says whether somebody will read when it is done.
        The first new program is put into `jobs`, for the calling thread to run.
        """
        begun = False
        for kind, number, payload in self._channel.read(spin=spin):
            running = self._executions.get(number)
            if kind is FrameKind.START:
                begun = self._begin(number, payload, jobs) or begun
            elif kind is FrameKind.CANCEL:
                self.kept.cancel(number, running)
                if running is not None:
                    running.inbox.put(None)
            elif running is not None:
                self.activity.begin()
                running.inbox.put(payload)
                begun = True
        return begun

    def _begin(self, number: int, payload: bytes, jobs: list[Job] | None) -> bool:
        assignment, request, turns = wire.read_start(payload)
        execution = self._executions[number] = Execution(number, assignment, turns, self)
        self.activity.begin()
        if jobs is not None and not jobs:
            jobs.append(lambda: self._run(execution, request))
            return True
        try:
            self.threads.run(lambda: self._run(execution, request))
        except (RuntimeError, MemoryError):  # no thread can be started
            self._refuse(number)
            self.activity.end()
            return False
        return True

    def _run(self, execution: Execution, request: str) -> None:
        isolate: Isolate | None = None
        try:
            isolate = self._isolate(execution.takes_over)
            if isolate is None:
                self._refuse(execution.number)
            else:
                execution.run(isolate, request)
        except Exception:
            # Whatever went wrong here is not the program's fault, and nothing in this process can be relied on.
            sys.excepthook(*sys.exc_info())
            os._exit(70)
        finally:
            self._executions.pop(execution.number, None)
            if isolate is not None and not execution.has_left:
                isolate.close()
            self.activity.end()

    def _refuse(self, number: int) -> None:
        """Give a program back that was not begun."""
        self._executions.pop(number, None)
        self.send(FrameKind.STOPPED, number, wire.end_payload(0, 0.0, wire.NO_ROOM))

    def _isolate(self, takes_over: int) -> Isolate | None:
        if takes_over:
            return self.kept.take(takes_over)
        try:
            isolate = self._ready.popleft()
        except IndexError:
            return self._fresh_isolate()
        self._taken.release()
        return isolate

    def spare_isolates(self) -> bytes:
        """Return how many isolates are ready, as TAKEN says it."""
        return bytes([min(len(self._ready), 255)])

    def _fresh_isolate(self) -> Isolate | None:
        """Return a new isolate, None when there is no memory for one: nothing has run that could have done harm."""
        isolate: Isolate | None = None
        try:
            isolate = Isolate(self._runtime)
            isolate.prepare(_Preparing())
        except (wasmtime.WasmtimeError, MemoryError, Stopped):
            if isolate is not None:
                isolate.close()
            return None
        return isolate

    def _make_ahead(self) -> None:
        self.threads.slow_down()
        while True:
            self._taken.acquire()
            self.activity.wait_until_idle()
            while (isolate := self._fresh_isolate()) is None:
                time.sleep(_SECONDS_WITHOUT_ROOM)
            self._ready.append(isolate)

    def _tick(self) -> None:
        while True:
            self.activity.wait_until_busy()
            time.sleep(TICK_SECONDS)
            self._runtime.tick()
            self._channel.look_after()


def main(descriptor: int, compiled: str) -> None:
    """Serve the engine at the other end of the socket `descriptor` until it goes away."""
    threading.stack_size(THREAD_STACK_BYTES)
    _start_one_thread()
    channel = Channel(socket.socket(fileno=descriptor))
    runtime = Runtime(Path(compiled))
    warm = Isolate(runtime)
    fresh_bytes = warm.prepare(_Preparing())
    warm.close()
    in_force = hardening.lock_down(keep={descriptor, *_descriptors_of(compiled)})
    Worker(channel, runtime).serve(fresh_bytes, in_force)


def _start_one_thread() -> None:
    """Let the C library do now what it does once, when a process gets its first thread."""
    first = threading.Thread(target=lambda: None)
    first.start()
    first.join()


def _descriptors_of(compiled: str) -> list[int]:
    """Return the descriptors of the compiled guest: each isolate maps its memory from there."""
    links = list(Path("/proc/self/fd").iterdir())
    return [int(link.name) for link in links if os.path.realpath(link) == os.path.realpath(compiled)]
