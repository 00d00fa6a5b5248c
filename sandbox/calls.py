"""The calls of one run: bound, checked against the whitelist, sent at most so many at once, settled, recorded."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sandbox.call_attempts import Attempts
from sandbox.dispatch import ArgumentsRejected, HostFunction, failure_of
from sandbox.turns import Blocked, Call, ErrorReport, Failure, Outcome
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of

# How long calls that were cancelled may take to notice it before the run is answered without them.
_FAREWELL_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call of a run, as the answer shows it."""

    number: int
    function: str
    arguments: dict[str, Any]
    """Bound to the function's signature by name; `args`/`kwargs` appear for variadic parameters only."""
    line: int
    status: Literal["settled", "abandoned"]
    value: Any = None
    failure: Failure | None = None
    attempts: int = 1
    """How often the function was called: 0 when it was not, because the arguments did not fit, say."""
    duration_seconds: float = 0.0


class Clock(Protocol):
    """What a wait needs to know of the time."""

    def seconds_until(self, moment: int) -> float: ...


@dataclass(slots=True)
class _Sent:
    """A call from the moment the guest made it."""

    call: Call
    arguments: dict[str, Any]
    attempts: Attempts = field(default_factory=Attempts)
    outcome: Outcome | None = None
    exception: BaseException | None = None
    started: float = 0.0
    ended: float = 0.0


class Calls:
    """What one run has asked for, and what became of it."""

    def __init__(self, functions: Mapping[str, HostFunction], concurrent_calls: int) -> None:
        self._functions = functions
        self._slots = asyncio.Semaphore(concurrent_calls)
        self._sent: dict[int, _Sent] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._awaited: frozenset[int] = frozenset()
        self._settled: asyncio.Event = asyncio.Event()

    async def advance(self, blocked: Blocked, clock: Clock) -> None:
        """Send the new calls, drop the cancelled ones, and return when one that is waited for has settled.

        Returns as well when `wake_at` is reached.
        """
        self._settled.clear()
        self._awaited = frozenset(blocked.waiting_for)
        for call in blocked.new_calls:
            self._make(call)
        for number in blocked.cancelled_calls:
            task = self._tasks.get(number)
            if task is not None:
                task.cancel()
        if self.settled(blocked.waiting_for):
            return
        timeout = None if blocked.wake_at is None else clock.seconds_until(blocked.wake_at)
        try:
            async with asyncio.timeout(timeout):
                await self._settled.wait()
        except TimeoutError:
            return

    def settled(self, numbers: tuple[int, ...]) -> list[Outcome]:
        """Return the outcomes of those of the calls that have settled, by number."""
        found = [self._sent[number].outcome for number in sorted(numbers) if number in self._sent]
        return [outcome for outcome in found if outcome is not None]

    async def abandon(self) -> None:
        """Cancel what is still under way and wait a little for it to notice."""
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_FAREWELL_SECONDS)

    def records(self) -> tuple[CallRecord, ...]:
        """Return the calls in the order in which the guest made them, without those that were never sent."""
        return tuple(_record(sent) for sent in self._sent.values() if sent.outcome is not None or sent.started)

    def last_line(self) -> int:
        """Return the line of the last call that the guest made; 0 when there is none."""
        return next((sent.call.line for sent in reversed(self._sent.values())), 0)

    def exception_of(self, error: ErrorReport | None) -> BaseException | None:
        """Return what a function raised, when that is why the run failed."""
        if error is None or error.kind != "function":
            return None
        for sent in reversed(self._sent.values()):
            failure = sent.outcome.failure if sent.outcome is not None else None
            if sent.exception is not None and failure is not None and failure.type == error.type:
                return sent.exception
        return None

    def _make(self, call: Call) -> None:
        sent = self._sent[call.number] = _Sent(call, {})
        function = self._functions.get(call.function)
        if function is None:
            names = ", ".join(sorted(self._functions)) or "none"
            message = f"function {call.function!r} is not available; functions of this run: {names}"
            failure = Failure(type="NameError", message=message, arguments=(message,))
            self._settle(sent, Outcome(number=call.number, failure=failure))
            return
        self._tasks[call.number] = asyncio.create_task(self._send(function, sent))

    async def _send(self, function: HostFunction, sent: _Sent) -> None:
        call = sent.call
        sent.arguments = {"args": list(call.args), "kwargs": call.kwargs}
        weight = weight_of([call.args, call.kwargs], enough=HEAVY_BYTES)
        try:
            sent.arguments = await in_its_place(weight, lambda: function.bind(call.args, call.kwargs))
            async with self._slots:
                outcome = Outcome(number=call.number, value=await _timed(function, sent))
        except asyncio.CancelledError:
            raise
        except ArgumentsRejected as rejected:
            outcome = Outcome(number=call.number, failure=rejected.failure)
        except BaseException as error:  # noqa: BLE001 - whatever a function raises is the guest's to catch
            sent.exception = error
            outcome = Outcome(number=call.number, failure=failure_of(error))
        del self._tasks[call.number]
        self._settle(sent, outcome)

    def _settle(self, sent: _Sent, outcome: Outcome) -> None:
        sent.outcome = outcome
        if outcome.number in self._awaited:
            self._settled.set()


async def _timed(function: HostFunction, sent: _Sent) -> Any:
    sent.started = time.perf_counter()
    try:
        return await function.invoke(sent.arguments, sent.attempts)
    finally:
        sent.ended = time.perf_counter()


def _record(sent: _Sent) -> CallRecord:
    outcome = sent.outcome
    return CallRecord(
        number=sent.call.number,
        function=sent.call.function,
        arguments=sent.arguments,
        line=sent.call.line,
        status="abandoned" if outcome is None else "settled",
        value=None if outcome is None else outcome.value,
        failure=None if outcome is None else outcome.failure,
        attempts=sent.attempts.made,
        duration_seconds=max(0.0, sent.ended - sent.started),
    )
