"""One execution: a program in one session of one worker, taken from one of its questions to the next.

The interpreter stops at every call, one after the other. A turn ends when it cannot go on without its host: at a call
that waits, or where everything that it awaits is outside; the calls since the turn began arrive together.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from pydantic_monty import (
    AsyncFunctionSnapshot,
    AsyncFutureSnapshot,
    AsyncNameLookupSnapshot,
    MontyComplete,
    MontyCrashedError,
    MontyError,
)

from sandbox.engines.monty import carrying, lacking, reports
from sandbox.engines.monty.lease import Lease
from sandbox.engines.monty.printing import Printed
from sandbox.engines.monty.world import SLEEPS, World
from sandbox.engines.workers.crossing import Crossing, LimitReached, allowed_by, size_of
from sandbox.errors import EngineCrashed, ExecutionParked, MisuseError, ValueRejected
from sandbox.limits import INTERPRETER_BYTES, Limits
from sandbox.turns import (
    Blocked,
    Call,
    ErrorReport,
    Failure,
    LimitExceeded,
    Outcome,
    Program,
    Progress,
    Raised,
    Returned,
    Turn,
)

Snapshot = AsyncFunctionSnapshot | AsyncFutureSnapshot | AsyncNameLookupSnapshot | MontyComplete
_MOST_SUSPENSIONS = 2**31
_STACK_DEPTH = 1_000
_OUT_OF_TIME = "feed time limit exceeded"
_NANOSECONDS = 1_000_000_000


class Placement(Protocol):
    """What an execution asks its engine for."""

    loop: asyncio.AbstractEventLoop

    async def lend(self, execution: "MontyExecution", terms: dict[str, Any]) -> Lease:
        """Return a worker, as soon as there is one."""

    def waits(self) -> None:
        """Hear that an execution waits for its host."""

    def ended(self, execution: "MontyExecution", lease: Lease | None) -> None:
        """Hear that an execution needs its worker no more, and give it back."""

    def died(self, reason: str) -> None:
        """Note that a worker ended that was not told to."""


class MontyExecution:
    """One program in one session."""

    def __init__(self, engine: Placement, program: Program, limits: Limits, seed: int) -> None:
        self.waits_since = 0.0
        self.is_computing = True
        self._engine = engine
        self._program = program
        self._limits = limits
        self._seed = seed
        self._functions = {spec.name: spec for spec in program.functions}
        self._source = program.source.encode("utf-8", "replace")
        self._loops = b"await" in self._source or b"asyncio" in self._source
        self._crossing = Crossing(limits)
        self._world = World(program.env_vars)
        self._printed = Printed(limits.output_bytes, self._stop_printing)
        self._lease: Lease | None = None
        self._snapshot: Snapshot | None = None
        self._made = 0
        self._new: list[Call] = []
        self._blocking: int | None = None
        self._pending: dict[int, int] = {}
        self._sleeps: dict[int, int] = {}
        self._told: list[Failure] = []
        self._turn: asyncio.Task[Progress] | None = None
        self._lost: EngineCrashed | ExecutionParked | None = None
        self._ended = False

    def foresee(self, turns: Iterator[Turn]) -> None:
        """Take no turn before it is asked for; see `sandbox.engine.Execution`."""

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        """Begin the first turn; see `sandbox.engine.Execution`."""
        if size_of(self._program.source) > self._limits.source_bytes:
            return LimitExceeded(limit="source_bytes", allowed=self._limits.source_bytes)
        if (refusal := await lacking.refusal_of(self._program.source)) is not None:
            return Raised(error=refusal)
        given = self._take_inputs(inputs)
        return await self._take_turn(self._first_turn(given, now, placed))

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        """Begin a further turn; see `sandbox.engine.Execution`."""
        if self._lost is not None:
            raise self._lost
        if self._ended or self._snapshot is None or self._turn is not None:
            raise MisuseError("the execution is not blocked")
        return await self._take_turn(self._further_turn(outcomes, now))

    def close(self) -> None:
        """End the execution wherever it is."""
        if self._ended:
            return
        self._end(kill=self._turn is not None)
        if self._turn is not None and not self._turn.done():
            self._turn.cancel()

    async def stop(self) -> Progress | None:
        """Close it, and return what is heard of the turn that was cut off; see `sandbox.engine.Execution`."""
        cut_off = self._turn is not None and not self._ended
        self.close()
        return Progress(output=self._printed.take_out()) if cut_off else None

    async def check(self) -> ErrorReport | None:
        """Have the program read, without running any of it; return what is wrong with it."""
        if (refusal := await lacking.refusal_of(self._program.source)) is not None:
            return refusal
        below = "\n".join(f"    {line}" for line in self._program.source.split("\n"))
        error = await self._fed(f"if False:\n    pass\n{below}")
        return None if error is None else reports.moved(error, lines=-2, columns=-4)

    async def _fed(self, text: str) -> ErrorReport | None:
        lease = await self._engine.lend(self, self._terms())
        try:
            await lease.begin()
            await lease.session.feed_start(text)
        except MontyError as error:
            return reports.of_error(error, ())
        finally:
            self._engine.ended(self, lease)
        return None

    def lose(self, reason: str) -> None:
        """The worker is gone, and the execution with it."""
        self._give_up(EngineCrashed(reason, under_way=self._turn is not None))

    def park(self) -> None:
        """Give the worker up: the program goes on by replay."""
        self._give_up(ExecutionParked())

    def _give_up(self, error: EngineCrashed | ExecutionParked) -> None:
        self._lost = error
        self.close()

    # -- turns ------------------------------------------------------------------------------------------------

    async def _take_turn(self, turn: Any) -> Progress:
        self._turn = asyncio.ensure_future(turn)
        self.is_computing = True
        try:
            progress: Progress = await self._turn
        except asyncio.CancelledError:
            self.close()
            if self._lost is not None:
                raise self._lost from None
            raise
        finally:
            self._turn = None
        if isinstance(progress, Blocked):
            self.is_computing = False
            self.waits_since = self._engine.loop.time()
            self._engine.waits()
        else:
            self._end(kill=False)
        return progress

    async def _first_turn(self, inputs: dict[str, Any], now: int, placed: Callable[[], None] | None) -> Progress:
        self._lease = await self._engine.lend(self, self._terms())
        await self._lease.begin()
        if placed is not None:
            placed()
        self._world.begin_turn(now)
        self._now = now
        session = self._lease.session
        return await self._go_on(
            session.feed_start(self._program.source, inputs=inputs, print_callback=self._printed.take_in)
        )

    async def _further_turn(self, outcomes: Sequence[Outcome], now: int) -> Progress:
        self._world.begin_turn(now)
        self._now = now
        snapshot, self._snapshot = self._snapshot, None
        answers = {one.number: self._answer(one) for one in outcomes}
        if isinstance(snapshot, AsyncFunctionSnapshot):
            blocking, self._blocking = self._blocking, None
            answer: Any = {"return_value": None} if blocking is None else answers[blocking]
            return await self._go_on(snapshot.resume(answer))
        assert isinstance(snapshot, AsyncFutureSnapshot)  # noqa: S101 - nothing else ends a turn
        results: dict[int, Any] = {one: answers[number] for one, number in self._pending.items() if number in answers}
        results |= {one: {"return_value": None} for one, wake_at in self._sleeps.items() if wake_at <= now}
        for one in results:
            self._pending.pop(one, None)
            self._sleeps.pop(one, None)
        return await self._go_on(snapshot.resume(results))

    async def _go_on(self, step: Awaitable[Snapshot]) -> Progress:
        """Answer what the interpreter asks until it cannot go on; return how the turn ended."""
        try:
            while True:
                snapshot = await step
                following = self._next_step(snapshot)
                if following is None:
                    return self._ended_by(snapshot)
                step = following
        except LimitReached as reached:
            return LimitExceeded(
                limit=reached.limit,
                allowed=allowed_by(self._limits, reached.limit),
                detail=reached.detail,
                line=reached.line,
                output=self._printed.take_out(),
            )
        except ValueRejected as error:
            return Raised(error=reports.of_value(error, "the value cannot cross"), output=self._printed.take_out())
        except MontyCrashedError as error:
            return self._crashed(error)
        except MontyError as error:
            return self._failed(error)

    def _next_step(self, snapshot: Snapshot) -> Awaitable[Snapshot] | None:
        """Return what goes on after a question that is answered here; None where the turn ends."""
        match snapshot:
            case AsyncNameLookupSnapshot():
                return snapshot.resume()
            case AsyncFunctionSnapshot(is_os_function=True):
                return self._of_world(snapshot)
            case AsyncFunctionSnapshot():
                return self._of_function(snapshot)
        return None

    def _of_world(self, snapshot: AsyncFunctionSnapshot) -> Awaitable[Snapshot] | None:
        name, args = snapshot.function_name, snapshot.args
        if name in SLEEPS:
            wake_at = self._now + max(0, round(float(args[0]) * _NANOSECONDS))
            self._sleeps[snapshot.call_id] = wake_at
            return snapshot.resume({"future": ...}) if name == "asyncio.sleep" else None
        known, value = self._world.answer(name, args)
        return snapshot.resume({"return_value": value}) if known else snapshot.resume_not_handled()

    def _of_function(self, snapshot: AsyncFunctionSnapshot) -> Awaitable[Snapshot] | None:
        spec = self._functions.get(snapshot.function_name)
        if spec is None:
            message = f"name '{snapshot.function_name}' is not defined"
            return snapshot.resume({"exc_type": "NameError", "message": message})
        line = self._source.count(b"\n", 0, snapshot.position.start) + 1
        if self._made >= self._limits.calls:
            raise LimitReached("calls", f"one more call, of {spec.name}()", line)
        arguments = [list(snapshot.args), snapshot.kwargs]
        args, kwargs = carrying.lifted(arguments, self._crossing, f"the arguments of {spec.name}()", line, around=2)
        self._made += 1
        self._new.append(Call(number=self._made, function=spec.name, args=tuple(args), kwargs=kwargs, line=line))
        if spec.is_async and self._loops:
            self._pending[snapshot.call_id] = self._made
            return snapshot.resume({"future": ...})
        self._blocking = self._made
        return None

    # -- how a turn ended -------------------------------------------------------------------------------------

    def _ended_by(self, snapshot: Snapshot) -> Progress:
        new, self._new = tuple(self._new), []
        if isinstance(snapshot, MontyComplete):
            value = carrying.lifted(snapshot.output, self._crossing, "the value of the program", 0)
            return Returned(value=value, output=self._printed.take_out())
        self._snapshot = snapshot
        wake_at: int | None = None
        if isinstance(snapshot, AsyncFutureSnapshot):
            waiting = tuple(sorted(self._pending.values()))
            wake_at = min(self._sleeps.values(), default=None)
        elif self._blocking is not None:
            waiting = (self._blocking,)
        else:
            waiting = ()
            wake_at = self._sleeps.pop(snapshot.call_id)  # type: ignore[union-attr]
        return Blocked(new_calls=new, waiting_for=waiting, wake_at=wake_at, output=self._printed.take_out())

    def _failed(self, error: MontyError) -> Progress:
        raised, output = error.exception(), self._printed.take_out()
        if isinstance(raised, TimeoutError) and str(raised).startswith(_OUT_OF_TIME):
            return LimitExceeded(limit="cpu_seconds", allowed=self._limits.cpu_seconds, output=output)
        report = reports.of_error(error, self._told)
        if isinstance(raised, MemoryError):
            return LimitExceeded(
                limit="memory_bytes", allowed=self._limits.memory_bytes, output=output, traceback=report.traceback
            )
        return Raised(error=report, output=output)

    def _crashed(self, error: MontyCrashedError) -> Progress:
        if self._printed.is_cut:
            return LimitExceeded(
                limit="output_bytes",
                allowed=self._limits.output_bytes,
                output=self._printed.take_out(),
                output_truncated=True,
            )
        if error.timed_out:
            return LimitExceeded(limit="cpu_seconds", allowed=self._limits.cpu_seconds, output=self._printed.take_out())
        self._engine.died(str(error))
        raise EngineCrashed("its worker process died", under_way=True)

    def _answer(self, outcome: Outcome) -> dict[str, Any]:
        failure = outcome.failure
        if failure is None:
            value, text = carrying.lowered(outcome.value)
            self._crossing.take(text, "the result of a call", 0)
            return {"return_value": value}
        self._told.append(failure)
        name = failure.type if reports.is_builtin(failure.type) else "Exception"
        return {"exc_type": name, "message": failure.message}

    # -- its worker -------------------------------------------------------------------------------------------

    def _terms(self) -> dict[str, Any]:
        return {
            "limits": {
                "max_memory": self._limits.memory_bytes - INTERPRETER_BYTES,
                "max_feed_duration_secs": self._limits.cpu_seconds,
                "max_recursion_depth": self._program.stack_depth or _STACK_DEPTH,
                "max_suspensions": _MOST_SUSPENSIONS,
            },
            "assert_message_annotations": False,
            "os_policy": {
                "datetime": "call_host",
                "sleep": "call_host",
                "random_start": {"seed": self._seed},
            },
        }

    def _take_inputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        given, total = {}, 0
        for name, value in inputs.items():
            try:
                given[name], text = carrying.lowered(value)
            except ValueRejected as error:
                raise ValueRejected(f"inputs.{name}{error.path[1:]}", error.reason) from None
            total += size_of(text)
            if total > self._limits.value_bytes:
                reason = f"takes {size_of(text):,} bytes; the limit value_bytes is {self._limits.value_bytes:,}"
                raise ValueRejected(f"inputs.{name}", reason)
        self._crossing.take_inputs(total)
        return given

    def _stop_printing(self) -> None:
        if self._lease is not None:
            self._lease.kill()

    def _end(self, *, kill: bool) -> None:
        if self._ended:
            return
        self._ended = True
        if kill and self._lease is not None:
            self._lease.kill()
        self._engine.ended(self, self._lease)
