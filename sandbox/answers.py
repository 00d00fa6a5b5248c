"""What the calls of earlier attempts of a run were told, so that a retried program does not make them again.

Calls are the same when function and arguments agree and as many equal calls came before. A call that was settled
with a value gets that value; one that failed is made again, unless its failure was final.

Equal calls are counted when the program makes them, in its order: once they are on their way, one may overtake another.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox import values
from sandbox.call_attempts import Attempts
from sandbox.dispatch import ArgumentsRejected, HostFunction
from sandbox.engine import Engine, Execution
from sandbox.errors import NonRecoverable
from sandbox.limits import Limits
from sandbox.turns import Blocked, Call, Outcome, Program, Progress
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of

_Key = tuple[str, str, int]


class Answers:
    """The calls of all attempts of one run."""

    def __init__(self) -> None:
        self._values: dict[_Key, Any] = {}
        self._final: dict[_Key, NonRecoverable] = {}
        self._made: Counter[tuple[str, str]] = Counter()
        self._functions: Mapping[str, HostFunction] = {}
        self._last_number = 0
        # By identity, of what is passed on unchanged; the tables keep it alive.
        self._bound: dict[int, tuple[Call, dict[str, Any] | ArgumentsRejected]] = {}
        self._keys: dict[int, tuple[Mapping[str, Any], _Key]] = {}

    def begin_attempt(
        self, engine: Engine, functions: Mapping[str, HostFunction]
    ) -> tuple[Engine, dict[str, HostFunction]]:
        """Return engine and functions for another attempt: they answer what they were asked before."""
        self._made.clear()
        self._bound.clear()
        self._keys.clear()
        self._functions, self._last_number = functions, 0
        return _WatchedEngine(engine, self), {name: self._answering(one) for name, one in functions.items()}

    async def expect(self, calls: Sequence[Call]) -> None:
        """Bind and count the calls that a program has made, before any of them is sent."""
        for call in calls:
            function = self._functions.get(call.function)
            # After a crash the program makes its calls once more; they are not sent again.
            if function is None or call.number <= self._last_number:
                continue
            self._last_number = call.number
            weight = weight_of([call.args, call.kwargs], enough=HEAVY_BYTES)
            bound, text = await in_its_place(weight, _binding(function, call))
            self._bound[id(call.kwargs)] = call, bound
            if not isinstance(bound, ArgumentsRejected):
                self._made[call.function, text] += 1
                self._keys[id(bound)] = bound, (call.function, text, self._made[call.function, text])

    def arguments_of(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the bound arguments of the call that was made with these.

        Raises:
            ArgumentsRejected: they do not fit the function.
        """
        _, bound = self._bound[id(kwargs)]
        if isinstance(bound, ArgumentsRejected):
            raise bound
        return bound

    async def answer(self, function: HostFunction, arguments: Mapping[str, Any], attempts: Attempts | None) -> Any:
        """Return what an equal call was told, or make the call."""
        _, key = self._keys[id(arguments)]
        if key in self._final:
            raise self._final[key]
        if key not in self._values:
            try:
                self._values[key] = await HostFunction.invoke(function, arguments, attempts)
            except NonRecoverable as error:
                self._final[key] = error
                raise
        return self._values[key]

    def _answering(self, function: HostFunction) -> HostFunction:
        fields = {one.name: getattr(function, one.name) for one in dataclasses.fields(HostFunction)}
        return _AnsweringFunction(**fields, answers=self)


@dataclass(frozen=True, slots=True, kw_only=True)
class _AnsweringFunction(HostFunction):
    """A function that answers equal calls of earlier attempts."""

    answers: Answers

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - kwargs say which
        return self.answers.arguments_of(kwargs)

    async def invoke(self, arguments: Mapping[str, Any], attempts: Attempts | None = None) -> Any:
        return await self.answers.answer(self, arguments, attempts)


class _WatchedEngine:
    """An engine that shows the calls of its programs to `Answers` first."""

    def __init__(self, engine: Engine, answers: Answers) -> None:
        self.name = engine.name
        self.version = engine.version
        self.open = engine.open
        self.compile = engine.compile
        self.close = engine.close
        self._engine = engine
        self._answers = answers

    def execution(self, program: Program, *, limits: Limits, seed: int) -> Execution:
        return _WatchedExecution(self._engine.execution(program, limits=limits, seed=seed), self._answers)


class _WatchedExecution:
    """An execution that shows the calls of its program to `Answers` first."""

    def __init__(self, execution: Execution, answers: Answers) -> None:
        self.close = execution.close
        self._execution = execution
        self._answers = answers

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        return await self._shown(await self._execution.start(inputs, now=now, placed=placed))

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        return await self._shown(await self._execution.advance(outcomes, now=now))

    async def _shown(self, progress: Progress) -> Progress:
        if isinstance(progress, Blocked):
            await self._answers.expect(progress.new_calls)
        return progress


def _binding(function: HostFunction, call: Call) -> Callable[[], tuple[dict[str, Any] | ArgumentsRejected, str]]:
    def bind() -> tuple[dict[str, Any] | ArgumentsRejected, str]:
        try:
            arguments = function.bind(call.args, call.kwargs)
        except ArgumentsRejected as rejected:
            return rejected, ""
        variadic = arguments.get("kwargs")
        canonical = dict(arguments)
        if isinstance(variadic, dict):
            canonical["kwargs"] = dict(sorted(variadic.items(), key=lambda pair: str(pair[0])))
        return arguments, values.encode(canonical)

    return bind
