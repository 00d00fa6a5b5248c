"""The calls of one run: bound, checked against the whitelist, sent at most so many at once, settled, recorded."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.call_attempts import Attempts
from sandbox.dispatch import ArgumentsRejected, HostFunction
from sandbox.entries import Abandoned, Approved, MadeCall, Sent, Settled, outcome_unknown
from sandbox.external import announced, ask_of, nobody_to_ask
from sandbox.failures import failure_of
from sandbox.idempotency import begin_call
from sandbox.journal import Journal, State
from sandbox.options import Secret
from sandbox.secrets import NO_SECRETS, RunSecrets, handed_over, resolved
from sandbox.terms import Effect
from sandbox.turns import Call, ErrorReport, Failure, Outcome
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of

# How long calls that were cancelled may take to notice it before the run is answered without them.
_GRACE_SECONDS = 0.5

CallStatus = Literal["intended", "sent", "settled", "outcome_unknown", "abandoned"]
_OPEN: frozenset[State] = frozenset({"intended", "announced", "approved", "sent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call of a run, as the answer shows it."""

    number: int
    function: str
    arguments: dict[str, Any]
    """Bound to the function's signature by name; `args`/`kwargs` appear for variadic parameters only."""
    line: int
    status: CallStatus
    value: Any = None
    failure: Failure | None = None
    attempts: int = 1
    """How often the function was called: 0 when it was not, because the arguments did not fit, say."""
    started_seconds: float = 0.0
    """When the function was called, since the run began to be driven here."""
    duration_seconds: float = 0.0


@dataclass(slots=True)
class _Sent:
    """A call from the moment the guest made it."""

    call: Call
    arguments: dict[str, Any]
    attempts: Attempts = field(default_factory=Attempts)
    rejected: ArgumentsRejected | None = None
    exception: BaseException | None = None
    started: float = 0.0
    ended: float = 0.0


class Calls:
    """What one run has asked for, and what is done about it; what became of it is in the journal.

    Args:
        functions: the whitelist.
        secrets: what the functions may read.
        can_ask: whether somebody outside can be asked, because the run can wait for them.
        root_id: of the run, or of the first one from which it was patched or forked, where runs have ids.
        took: how long calls took that earlier processes made, in seconds, by number.
    """

    def __init__(
        self,
        functions: Mapping[str, HostFunction],
        concurrent_calls: int,
        journal: Journal,
        secrets: tuple[Secret, ...] = (),
        *,
        can_ask: bool = False,
        root_id: str | None = None,
        took: Mapping[int, float] | None = None,
    ) -> None:
        self._functions = functions
        self._slots = asyncio.Semaphore(concurrent_calls)
        self._journal = journal
        self._sent: dict[int, _Sent] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._awaited: frozenset[int] = frozenset()
        self._settled: asyncio.Event = asyncio.Event()
        self.can_ask = can_ask
        self._root_id = root_id
        self._took = took or {}
        self.before_sending: Callable[[], Awaitable[None]] | None = None
        """Awaited before a call is made that must not be repeated: until the journal holds that it was sent."""
        self.around: Callable[[str, int], AbstractContextManager[None]] = lambda _function, _number: nullcontext()
        """Entered around each call of a function, by its name and the call's number."""
        self.is_alone: Callable[[], bool] = lambda: False
        """Says whether no other run is held up by waiting for a function here."""
        self._unwritten: Exception | None = None
        self._began = time.perf_counter()
        self._needed = secrets
        self._secrets: RunSecrets | None = None

    async def look_up_secrets(self) -> RunSecrets:
        """Return what the functions may read, looked up once.

        Raises:
            SecretMissing: one is not there.
        """
        if self._secrets is None:
            self._secrets = await resolved(self._needed)
        return self._secrets

    async def bind(self, calls: Sequence[Call]) -> tuple[MadeCall, ...]:
        """Bind calls to the signatures of their functions, before anything is sent: their keys need it."""
        return tuple([await self._bind(call) for call in calls])

    def send(self, numbers: Iterable[int]) -> None:
        """Call the functions, as soon as there is a slot for each."""
        for number in numbers:
            sent = self._sent[number]
            function = self._functions.get(sent.call.function)
            if function is None:
                self._settle(sent, self._no_function(sent.call))
            elif sent.rejected is not None:
                self._settle(sent, Outcome(number=number, failure=sent.rejected.failure))
            else:
                self.start(function, number)

    def start(self, function: HostFunction, number: int) -> None:
        """Call a function in a task of its own, or ask outside first."""
        ask = ask_of(function)
        if ask is None or self._journal.state_of(number) == "approved":
            self._tasks[number] = asyncio.create_task(self._send(function, self._sent[number]))
        elif self.can_ask:
            self._journal.append(announced(function, ask, number, now=time.time_ns()))
        else:
            self._settle(self._sent[number], nobody_to_ask(function.name, number))

    def answer(self, outcome: Outcome) -> None:
        """Settle a call that waits for somebody outside; also before a journal that was handed in is taken over."""
        sent = self._sent.get(outcome.number)
        if sent is None:
            self._journal.append(Settled(outcome=outcome))
        else:
            self._settle(sent, outcome)

    def approve(self, number: int) -> None:
        """Make a call that waited for an approval."""
        self._journal.append(Approved(number=number))
        if number in self._sent:
            self.send([number])

    def are_under_way(self) -> bool:
        """Say whether a function is being called."""
        return bool(self._tasks)

    async def take_over(self) -> list[int]:
        """Go on with the calls of a journal that was handed in, and return those that were not sent yet.

        What was sent is repeated where that is allowed; what was announced goes on waiting.
        """
        await self.bind([made.call for made in self._journal.made()])
        waited_for = frozenset(self._journal.untold())
        unsent: list[int] = []
        for number in self._sent:
            if not self._is_open(number):
                continue
            if number not in waited_for:
                self._journal.append(Abandoned(number=number))
            elif self._journal.was_sent(number) and self.effect_of(number) == "write":
                self._journal.append(outcome_unknown(self._sent[number].call))
            elif self._journal.state_of(number) == "intended":
                unsent.append(number)
            elif self._journal.state_of(number) != "announced":
                self.send([number])
        return unsent

    def effect_of(self, number: int) -> Effect:
        """Return what making a call once more would do."""
        function = self._functions.get(self._sent[number].call.function)
        return "read" if function is None else function.effect

    def give_up(self, numbers: Iterable[int]) -> None:
        """Drop calls that the guest does not wait for any more."""
        for number in numbers:
            if self._is_open(number):
                self._journal.append(Abandoned(number=number))
            task = self._tasks.get(number)
            if task is not None:
                task.cancel()

    async def wait(self, waiting_for: tuple[int, ...], *, seconds: float | None) -> None:
        """Return when one of the calls has settled, or when the time is over; now and then also before."""
        self._check_written()
        if self.outcomes(waiting_for):
            return
        self._settled.clear()
        self._awaited = frozenset(waiting_for)
        if seconds is None:
            await self._settled.wait()
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._settled.wait()
        self._check_written()

    def outcomes(self, numbers: tuple[int, ...]) -> list[Outcome]:
        """Return the outcomes of those of the calls that have one, by number."""
        found = map(self._journal.outcome_of, sorted(numbers))
        return [outcome for outcome in found if outcome is not None]

    async def abandon(self) -> None:
        """Cancel what is still under way and wait a little for it to notice."""
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for number in self._sent:
            if self._is_open(number):
                self._journal.append(Abandoned(number=number))

    def records(self) -> tuple[CallRecord, ...]:
        """Return the calls in the order in which the guest made them, without those that were never sent."""
        found = [(sent, self._journal.outcome_of(number)) for number, sent in self._sent.items()]
        return tuple(
            _record(sent, outcome, self._journal, began=self._began, seconds=self._seconds_of(sent))
            for sent, outcome in found
            if outcome is not None or self._was_begun(sent.call.number)
        )

    def durations(self) -> dict[int, float]:
        """Return how long calls took, by number, without those that took no time."""
        return {number: seconds for number, sent in self._sent.items() if (seconds := self._seconds_of(sent))}

    def last_line(self) -> int:
        """Return the line of the last call that the guest made; 0 when there is none."""
        return next((sent.call.line for sent in reversed(self._sent.values())), 0)

    def exception_of(self, error: ErrorReport | None) -> BaseException | None:
        """Return what a function raised, when that is why the run failed."""
        if error is None or error.kind != "function":
            return None
        for number, sent in reversed(self._sent.items()):
            outcome = self._journal.outcome_of(number)
            failure = outcome.failure if outcome is not None else None
            if sent.exception is not None and failure is not None and failure.type == error.type:
                return sent.exception
        return None

    def _seconds_of(self, sent: _Sent) -> float:
        return max(0.0, sent.ended - sent.started) if sent.started else self._took.get(sent.call.number, 0.0)

    def _was_begun(self, number: int) -> bool:
        return self._journal.was_sent(number) or self._journal.announcement_of(number) is not None

    def _is_open(self, number: int) -> bool:
        return self._journal.phase != "ended" and self._journal.state_of(number) in _OPEN

    def _check_written(self) -> None:
        if self._unwritten is not None:
            raise self._unwritten

    def _no_function(self, call: Call) -> Outcome:
        names = ", ".join(sorted(self._functions)) or "none"
        message = f"function {call.function!r} is not available; functions of this run: {names}"
        return Outcome(number=call.number, failure=Failure(type="NameError", message=message, arguments=(message,)))

    async def _bind(self, call: Call) -> MadeCall:
        sent = self._sent[call.number] = _Sent(call, {"args": list(call.args), "kwargs": call.kwargs})
        function = self._functions.get(call.function)
        if function is None:
            return MadeCall(call=call)
        weight = weight_of([call.args, call.kwargs], enough=HEAVY_BYTES)
        try:
            sent.arguments = await in_its_place(weight, lambda: function.bind(call.args, call.kwargs))
        except ArgumentsRejected as rejected:
            sent.rejected = rejected
            return MadeCall(call=call)
        return MadeCall(call=call, arguments=sent.arguments)

    async def _send(self, function: HostFunction, sent: _Sent) -> None:
        number = sent.call.number
        try:
            async with self._slots:
                self._journal.append(Sent(number=number))
                if self._root_id is not None:
                    begin_call(self._root_id, self._journal, number)
                if self.before_sending is not None and function.effect == "write" and not await self._written():
                    return
                sent.attempts.is_alone = self.is_alone()
                # In a run that goes on, one that was approved of is made before the run looks them up.
                with handed_over(await self.look_up_secrets()), self.around(function.name, number):
                    sent.attempts.on_again = lambda: self._send_again(number)
                    outcome = Outcome(number=number, value=await _timed(function, sent))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a function raises is the guest's to catch
            outcome = self._failed(sent, error)
        finally:
            del self._tasks[number]
            if self.can_ask:
                # Whoever waits may now have nothing left to wait for but somebody outside.
                self._settled.set()
        self._settle(sent, outcome)

    def _send_again(self, number: int) -> None:
        # A function may go on that was told that nobody waits for it.
        if self._is_open(number):
            self._journal.append(Sent(number=number))

    async def _written(self) -> bool:
        """Return once the journal is kept; when it cannot be, whoever waits is told, and nothing is called."""
        try:
            if self.before_sending is not None:
                await self.before_sending()
        except Exception as error:  # noqa: BLE001 - raised again where the run is driven
            self._unwritten = error
            self._settled.set()
            return False
        return True

    def _failed(self, sent: _Sent, error: BaseException) -> Outcome:
        secrets = self._secrets or NO_SECRETS
        # Whoever logs the cause of a failed run is not to write down a secret.
        sent.exception = None if secrets.are_told_by(error) else error
        with handed_over(secrets):
            return Outcome(number=sent.call.number, failure=failure_of(error))

    def _settle(self, sent: _Sent, outcome: Outcome) -> None:
        # One that was given up may settle all the same.
        if not self._is_open(sent.call.number):
            return
        self._journal.append(Settled(outcome=outcome))
        if outcome.number in self._awaited:
            self._settled.set()


async def _timed(function: HostFunction, sent: _Sent) -> Any:
    sent.started = time.perf_counter()
    try:
        return await function.invoke(sent.arguments, sent.attempts)
    finally:
        sent.ended = time.perf_counter()


def _record(sent: _Sent, outcome: Outcome | None, journal: Journal, *, began: float, seconds: float) -> CallRecord:
    number = sent.call.number
    return CallRecord(
        number=number,
        function=sent.call.function,
        arguments=sent.arguments,
        line=sent.call.line,
        status=_status(number, journal),
        value=None if outcome is None else outcome.value,
        failure=None if outcome is None else outcome.failure,
        attempts=_attempts(sent, journal),
        started_seconds=max(0.0, sent.started - began),
        duration_seconds=seconds,
    )


def _attempts(sent: _Sent, journal: Journal) -> int:
    """Return how often a function was called, by earlier processes too, as far as the journal had come in these."""
    was_held_back = sent.started and not sent.attempts.made
    return journal.sends_of(sent.call.number) - bool(was_held_back)


def _status(number: int, journal: Journal) -> CallStatus:
    match journal.state_of(number):
        case "announced":
            opened = journal.announcement_of(number)
            return "intended" if opened is None or opened.ask == "approval" else "sent"
        case "approved":
            return "intended"
        case state:
            return state
