"""Runs a program in an isolate of this process, answering its calls at once: for a guest that no worker knows."""

import asyncio
import inspect
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sandbox.engines.cpython import wasi
from sandbox.engines.cpython.isolate import THREAD_STACK_BYTES, Isolate, Runtime, Stopped
from sandbox.engines.workers import messages
from sandbox.engines.workers.clock import CLOCK_STEP_NANOSECONDS
from sandbox.failures import failure_of
from sandbox.limits import Limits
from sandbox.turns import Call, FunctionSpec, Outcome, Program

NOW = 1_700_000_000_000_000_000
# Less than by default for a value: a program reaches it without a great one.
_LIMITS = Limits(value_bytes=1_000_000)


class Attended:
    """The host of one program."""

    stop: str | None = None

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.random = wasi.RandomStream(7)
        self.printed: list[str] = []
        self._functions = functions
        self._now = NOW
        self._outcomes: dict[int, Outcome] = {}

    def read_clock(self) -> int:
        """Return a time that moves on by a step."""
        self._now += CLOCK_STEP_NANOSECONDS
        return self._now

    def end_turn(self, progress: str) -> str:
        """Answer what the guest waits for."""
        waiting = messages.read_blocked(progress, _LIMITS, calls_left=_LIMITS.calls)
        self._outcomes |= {call.number: self._outcome(call) for call in waiting.new_calls}
        self._now = max(self._now, waiting.wake_at or 0 if not waiting.waiting_for else 0)
        ready = [self._outcomes[number] for number in sorted(waiting.waiting_for)]
        return messages.reply(ready, now=self._now, limits=_LIMITS)

    def write(self, text: str) -> None:
        """Keep the text."""
        self.printed.append(text)

    def note(self, code: str, line: int) -> None:
        """Forget the note."""

    def must_stop(self) -> bool:
        """Let the guest go on."""
        return False

    def _outcome(self, call: Call) -> Outcome:
        function = self._functions[call.function]
        try:
            value = function(*call.args, **call.kwargs)
            return Outcome(number=call.number, value=asyncio.run(value) if inspect.iscoroutine(value) else value)
        except Exception as error:  # noqa: BLE001 - whatever a function raises is the program's to handle
            return Outcome(number=call.number, failure=failure_of(error))


def attend(
    guest: Path, programs: list[tuple[str, dict[str, Any]]], functions: Mapping[str, Callable[..., Any]]
) -> list[str]:
    """Run each program, given with its inputs, in a fresh isolate of a compiled guest; return what each printed last.

    They run on a thread with the stack that a worker's threads have.
    """
    last: list[str] = []
    before = threading.stack_size(THREAD_STACK_BYTES)
    thread = threading.Thread(target=lambda: last.extend(_attend(guest, programs, functions)))
    thread.start()
    threading.stack_size(before)
    thread.join()
    return last


def _attend(
    guest: Path, programs: list[tuple[str, dict[str, Any]]], functions: Mapping[str, Callable[..., Any]]
) -> list[str]:
    runtime = Runtime(guest)
    specs = tuple(
        FunctionSpec(name=name, is_async=inspect.iscoroutinefunction(function)) for name, function in functions.items()
    )
    last = []
    for source, inputs in programs:
        host, isolate = Attended(functions), Isolate(runtime)
        isolate.prepare(host)
        program = Program(source=source, functions=specs)
        request = messages.request(program, inputs, seed=7, now=NOW, limits=_LIMITS)
        try:
            isolate.run(request, host, fuel=_LIMITS.fuel, memory_bytes=_LIMITS.memory_bytes)
        except Stopped:
            continue
        finally:
            isolate.close()
        last.append(host.printed[-1])
    return last
