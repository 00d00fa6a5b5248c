"""One program in one session of the interpreter, taken from one of its questions to the next.

The interpreter stops at every call, one after the other. A turn ends where it cannot go on without its host: at a call
that waits, or where everything that it awaits is outside; the calls since the turn began are told together. What is
told and heard are the messages of `sandbox.engines.workers.messages`.
"""

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic_monty import (
    ClassType,
    FunctionSnapshot,
    FutureSnapshot,
    MontyComplete,
    MontyCrashedError,
    MontyError,
    MontySession,
    NameLookupSnapshot,
)

from sandbox import values
from sandbox.engines.monty import conversion, failures, reports
from sandbox.engines.monty.loop_places import LoopPlaces
from sandbox.engines.monty.output import Printed
from sandbox.engines.monty.prelude import prelude_of
from sandbox.engines.monty.reports import Told
from sandbox.engines.monty.world import SLEEPS, World
from sandbox.errors import ValueRejected, ValueTooLarge

Snapshot = FunctionSnapshot | FutureSnapshot | NameLookupSnapshot | MontyComplete

# What the interpreter calls the first texts of a session.
FILES = ("<python-input-0>", "<python-input-1>")
_FUTURE: Any = {"future": ...}
_NANOSECONDS = 1_000_000_000
# A longer sleep is as good as this one, and can be told.
_LONGEST_SECONDS = 10.0**9
_MAX_PATH = 200
# Lines above a program that is only compiled.
_ABOVE = 2
_STACK_DEPTH, _MOST_QUESTIONS = 1_000, 2**31


class Reached(Exception):
    """The program asks for more than a limit allows: the run ends."""

    def __init__(self, limit: str, used: int | None, function: str | None, line: int, path: str = "") -> None:
        super().__init__(limit)
        self.message = values.json_text({"reached": [limit, used, function, line, path], "memory": 0})


class Running:
    """A program under way.

    Args:
        request: the message that starts it.
    """

    def __init__(self, request: str, session: MontySession, printed: Printed) -> None:
        first, *lines = request.split("\n")
        self._head = json.loads(first)
        self._inputs = dict(zip(self._head["inputs"], lines, strict=True))
        self._source: str = self._head["source"]
        self._encoded = self._source.encode("utf-8", "replace")
        self._lines = self._source.split("\n")
        self._functions = {name: is_async for name, is_async, _ in self._head["functions"]}
        self._value_bytes: int = self._head["value_bytes"]
        self._prelude = "" if self._head["compile_only"] else prelude_of(self._source)
        self._file = FILES[1 if self._prelude else 0]
        self._session = session
        self._printed = printed
        self._world = World(self._head["env_vars"])
        self._now = 0
        self._snapshot: Snapshot | None = None
        self._made = 0
        self._new: list[tuple[str, str]] = []
        self._blocking: int | None = None
        self._calls: dict[int, int] = {}
        self._sleeps: dict[int, int] = {}
        self._told: list[Told] = []
        self._names: dict[UUID, str] = {}
        """The functions that were named, by what stands for them."""

    @cached_property
    def _loop_places(self) -> LoopPlaces:
        """Looked at only where an async function is called."""
        return LoopPlaces(self._source)

    def start(self) -> tuple[bool, str]:
        """Run the first turn; return whether the program waits, and the message that ends the turn."""
        self._begin_turn(self._head["now"])
        inputs = {}
        for name, line in self._inputs.items():
            try:
                inputs[name] = conversion.lowered(line)
            except ValueRejected as error:
                return False, _final(reports.of_value(error, f"the input {name} cannot be passed"))
        if self._head["compile_only"]:
            return self._guarded(self._check)
        return self._guarded(lambda: self._entered(inputs))

    def advance(self, reply: str) -> tuple[bool, str]:
        """Run a further turn, with the message that begins it."""
        first, *lines = reply.split("\n")
        head = json.loads(first)
        self._begin_turn(head["now"])
        answers = {
            number: self._answer(failure, line) for (number, failure), line in zip(head["outcomes"], lines, strict=True)
        }
        return self._guarded(lambda: self._resumed(answers))

    def _begin_turn(self, now: int) -> None:
        self._now = now
        self._world.begin_turn(now)

    def _entered(self, inputs: dict[str, Any]) -> Snapshot:
        if self._prelude:
            self._session.feed_run(self._prelude)
        return self._session.feed_start(self._source, inputs=inputs, print_callback=self._printed.take_in)

    def _check(self) -> Snapshot:
        """Have the program compiled and not entered."""
        below = "\n".join(f"{' ' * reports.MARGIN}{line}" for line in self._lines)
        return self._session.feed_start(f"if False:\n    pass\n{below}")

    def _resumed(self, answers: dict[int, Any]) -> Snapshot:
        snapshot, self._snapshot = self._snapshot, None
        if isinstance(snapshot, FunctionSnapshot):
            blocking, self._blocking = self._blocking, None
            # What does not wait for a call slept.
            return snapshot.resume({"return_value": None} if blocking is None else answers[blocking])
        assert isinstance(snapshot, FutureSnapshot)  # noqa: S101 - nothing else waits
        results = {one: answers[number] for one, number in self._calls.items() if number in answers}
        for one in results:
            self._calls.pop(one)
        return snapshot.resume(results | self._slept())

    def _slept(self) -> dict[int, Any]:
        """Return the ends of the sleeps that are over."""
        over = [one for one, wake_at in self._sleeps.items() if wake_at <= self._now]
        for one in over:
            self._sleeps.pop(one)
        return {one: {"return_value": None} for one in over}

    def _guarded(self, begin: Callable[[], Snapshot]) -> tuple[bool, str]:
        """Go on until the program waits or has ended."""
        try:
            snapshot = begin()
            while (following := self._answered(snapshot)) is not None:
                snapshot = following
            if isinstance(snapshot, MontyComplete):
                return False, self._returned(snapshot)
            self._snapshot = snapshot
            return True, self._waiting(snapshot)
        except Reached as reached:
            return True, reached.message
        except _Unsupported as error:
            return False, _final(error.report)
        except MontyCrashedError:
            raise
        except MontyError as error:
            return False, _final(self._report(error))

    # -- questions ------------------------------------------------------------------------------------------------

    def _answered(self, snapshot: Snapshot) -> Snapshot | None:
        """Answer what can be answered here, and return where that leads; None where the turn ends."""
        match snapshot:
            case NameLookupSnapshot():
                if snapshot.object_id is not None or snapshot.variable_name not in self._functions:
                    return snapshot.resume()
                return snapshot.resume(value=self._stand_in(snapshot.variable_name))
            case FunctionSnapshot(is_os_function=True):
                return self._of_world(snapshot)
            case FunctionSnapshot():
                return self._of_function(snapshot)
            case FutureSnapshot() if results := self._slept():
                return snapshot.resume(results)
        return None

    def _of_world(self, snapshot: FunctionSnapshot) -> Snapshot | None:
        name, args = snapshot.function_name, snapshot.args
        if name in SLEEPS:
            seconds = min(max(0.0, float(args[0])), _LONGEST_SECONDS)
            if not seconds and name == "time.sleep":
                return snapshot.resume({"return_value": None})
            self._sleeps[snapshot.call_id] = self._now + round(seconds * _NANOSECONDS)
            return snapshot.resume(_FUTURE) if name == "asyncio.sleep" else None
        known, value = self._world.answer(name, args)
        return snapshot.resume({"return_value": value}) if known else snapshot.resume_not_handled()

    def _of_function(self, snapshot: FunctionSnapshot) -> Snapshot | None:
        name, line, asked = snapshot.function_name, self._line(snapshot), snapshot.function_name
        if snapshot.object_id is not None:
            name = self._names[snapshot.object_id]
            if asked not in ("__call__", "aio"):
                message = f"'function' object has no attribute '{asked}'"
                return snapshot.resume({"exc_type": "AttributeError", "message": message})
        elif name not in self._functions:
            return snapshot.resume({"exc_type": "NameError", "message": f"name '{name}' is not defined"})
        if self._made >= self._head["calls"]:
            raise Reached("calls", None, name, line)
        try:
            arguments = [list(snapshot.args), snapshot.kwargs]
            text = conversion.lifted(arguments, max_bytes=self._value_bytes, around=2)
        except ValueTooLarge as error:
            raise Reached(error.limit, error.used, name, line, error.path[:_MAX_PATH]) from None
        except ValueRejected as error:
            told = Told(kind="type", type="ValueRejected", message=str(error), said=str(error), hint=error.reason)
            self._told.append(told)
            return snapshot.resume({"exc_type": "ValueError", "message": str(error)})
        self._made += 1
        self._new.append((f'[{self._made},"{name}",{line}]', text))
        awaited = self._functions[name] and (snapshot.allow_eager_await or self._loop_places.loop_runs_at(line))
        if awaited or asked == "aio":
            self._calls[snapshot.call_id] = self._made
            return snapshot.resume(_FUTURE)
        self._blocking = self._made
        return None

    def _stand_in(self, name: str) -> ClassType:
        """Return what stands for a function that is named and not called: it can be called later, and has `aio`."""
        number = UUID(int=1 + [*self._functions].index(name))
        self._names[number] = name
        return ClassType(type(name, (), {}), init=True, allowed_methods={"aio"}, id=number)

    def _line(self, snapshot: FunctionSnapshot) -> int:
        position = snapshot.position
        return self._encoded.count(b"\n", 0, position.start) + 1 if position.filename == self._file else 0

    def _answer(self, failure: dict[str, Any] | None, line: str) -> Any:
        """Return what the interpreter is told of an outcome."""
        if failure is not None:
            answer, told = failures.raised(failure, values.decode(line, around=1))
        else:
            try:
                return {"return_value": conversion.lowered(line)}
            except ValueRejected as error:
                head = {"type": "ValueError", "message": str(error), "hint": error.reason}
                answer, told = failures.raised(head, [head["message"]])
        self._told.append(told)
        return answer

    def _report(self, error: MontyError) -> reports.Report:
        names, below = [*self._functions, *self._inputs], _ABOVE if self._head["compile_only"] else 0
        return reports.of_error(error, self._lines, self._told, file=self._file, below=below, names=names)

    # -- how a turn ended -----------------------------------------------------------------------------------------

    def _waiting(self, snapshot: Snapshot) -> str:
        new, self._new = self._new, []
        waiting: list[int] = []
        wake_at: int | None = None
        if isinstance(snapshot, FutureSnapshot):
            waiting = sorted(self._calls.values())
            wake_at = min(self._sleeps.values(), default=None)
        elif self._blocking is not None:
            waiting = [self._blocking]
        elif isinstance(snapshot, FunctionSnapshot):
            wake_at = self._sleeps.pop(snapshot.call_id)
        calls = ",".join(head for head, _ in new)
        told = f'"waiting":{waiting},"wake_at":{"null" if wake_at is None else wake_at},"cancelled":[],"memory":0'
        return "\n".join([f'{{"calls":[{calls}],{told}}}', *(text for _, text in new)])

    def _returned(self, snapshot: MontyComplete) -> str:
        value = None if self._head["compile_only"] else snapshot.output
        try:
            text = conversion.lifted(value, max_bytes=self._value_bytes)
        except ValueTooLarge as error:
            raise Reached(error.limit, error.used, None, 0, error.path[:_MAX_PATH]) from None
        except ValueRejected as error:
            raise _Unsupported(reports.of_value(error, "the value cannot be returned")) from None
        return f'{{"error":null,"memory":0}}\n{text}'


class _Unsupported(Exception):
    """The program ends with a report that is no exception of its own."""

    def __init__(self, report: reports.Report) -> None:
        super().__init__()
        self.report = report


def _final(report: reports.Report) -> str:
    return values.json_text({"error": report, "memory": 0})


def session_options(head: dict[str, Any], *, memory_bytes: int) -> dict[str, Any]:
    """Return how a session is checked out for a program."""
    return {
        "limits": {
            "max_memory": memory_bytes,
            "max_recursion_depth": head["stack_depth"] or _STACK_DEPTH,
            "max_suspensions": _MOST_QUESTIONS,
        },
        "assert_message_annotations": False,
        "os_policy": {"datetime": "call_host", "sleep": "call_host", "random_start": {"seed": head["seed"]}},
    }
