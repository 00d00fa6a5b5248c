"""The guest's side of the turn protocol: calls out, outcomes in.

A message is lines of text: the first is a JSON object, the rest are wire values in the order in which the first
line names them. Nothing else crosses. The host checks every message again; nothing here protects the host.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, NoReturn

from sandbox import values
from sandbox.engines.cpython.guest.transformer import FILENAME
from sandbox.errors import ValueTooLarge


class FunctionError(Exception):
    """A function failed with an exception that is no built-in one. `type` holds its name."""

    def __init__(self, message: str = "", type: str = "Exception") -> None:  # noqa: A002 - what programs read
        super().__init__(message)
        self.type = type
        self.message = message

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


class OutcomeUnknown(FunctionError):
    """A function was called, and nobody can say what became of it."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message, "OutcomeUnknown")

    def __str__(self) -> str:
        return self.message


# Both are defined in the guest, but to a program they look like builtins.
FunctionError.__module__ = OutcomeUnknown.__module__ = "builtins"

GIVEN_EXCEPTIONS: dict[str, type[Exception]] = {"FunctionError": FunctionError, "OutcomeUnknown": OutcomeUnknown}

# To keep programs from replacing what the driver needs, it holds its own references.
_loads = json.JSONDecoder().scan_once  # type: ignore[attr-defined]

_MAX_PATH = 200
_AS_THEY_ARE = frozenset({str, bool, int, type(None)})
_SHORT = 1_000
_SMALL_INT = 2**63

# Exception types that an outcome may name; others arrive as FunctionError.
_EXCEPTIONS: dict[str, type[BaseException]] = {}


class Turns:
    """All calls of the one program of this isolate."""

    def __init__(self) -> None:
        self.now = 0
        self.started = 0
        self.value_bytes: int | None = None
        self.calls = 0
        self.memory: Callable[[], int] = lambda: 0
        self._exchange: Callable[[str], str] = _not_connected
        self._before_end: Callable[[], None] = lambda: None
        self._count = 0
        self._new: list[str] = []
        self._new_values: list[str] = []
        self._cancelled: list[int] = []
        self._futures: dict[int, asyncio.Future[Any]] = {}
        self._settled: dict[int, Any] = {}
        self._failures: list[BaseException] = []

    def connect(
        self, exchange: Callable[[str], str], before_end: Callable[[], None], memory: Callable[[], int]
    ) -> None:
        """Set what ends a turn, what must happen before it does, and what tells the size of the memory."""
        self._exchange = exchange
        self._before_end = before_end
        self.memory = memory

    def begin(self, now: int, *, value_bytes: int | None, calls: int) -> None:
        """Start the first turn at `now` (nanoseconds since the epoch), with nothing of an earlier program left.

        Args:
            value_bytes: how long a value may be.
            calls: how many the program may make.
        """
        self.now = self.started = now
        self.value_bytes, self.calls = value_bytes, calls
        self._count = 0
        self._new, self._new_values, self._cancelled = [], [], []
        self._futures, self._settled, self._failures = {}, {}, []

    def let_go(self) -> None:
        """Let go of the exceptions that outcomes brought: they hold what the program had when they were raised."""
        self._failures.clear()

    def register(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any], line: int) -> int:
        """Number a call and put it into this turn's message."""
        if self._count >= self.calls:
            self._give_up("calls", None, function, line)
        try:
            text = written(args, kwargs, max_bytes=self.value_bytes)
        except ValueTooLarge as error:
            self.end_by(error, function, line)
        self._count += 1
        # Written by hand: names of functions are identifiers, and a general encoder costs more than the call.
        self._new.append(f'[{self._count},"{function}",{line}]')
        self._new_values.append(text)
        return self._count

    def end_by(self, error: ValueTooLarge, function: str | None, line: int) -> NoReturn:
        """End the run by a value that is too large: an argument of `function`, or, without one, the program's."""
        path = error.path if len(error.path) <= _MAX_PATH else error.path[:_MAX_PATH] + "..."
        self._give_up(error.limit, error.used, function, line, path)

    def _give_up(self, limit: str, used: int | None, function: str | None, line: int, path: str = "") -> NoReturn:
        """End the run by a limit: the host does not answer, so that nothing of the program can catch it."""
        self._before_end()
        reached = values.json_text([limit, used, function, line, path])
        while True:
            self._exchange(f'{{"reached":{reached},"memory":{self.memory()}}}')

    def call_blocking(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any], line: int) -> Any:
        """Call a function and wait for its value; no sibling goes on meanwhile."""
        number = self.register(function, args, kwargs, line)
        while number not in self._settled:
            self.end_turn([number], None)
        return self._take(number)

    def call_all(
        self, function: str, rows: Iterable[tuple[Any, ...]], line: int, *, concurrency: int, keep_failures: bool
    ) -> list[Any]:
        """Call a function for each row and wait for all values, which are in order; 0 for any number at once.

        Failures are results where they are kept; otherwise the first gives up the calls that are under way.
        """
        left, more = iter(rows), True
        results: list[Any] = []
        pending: dict[int, int] = {}
        while more or pending:
            while more and not (concurrency and len(pending) >= concurrency):
                row = next(left, None)
                more = row is not None
                if row is not None:
                    pending[self.register(function, row, {}, line)] = len(results)
                    results.append(None)
            settled = [number for number in pending if number in self._settled]
            if pending and not settled:
                self.end_turn([*pending], None)
            for number in settled:
                results[pending.pop(number)] = self._kept(number, pending, keep_failures=keep_failures)
        return results

    def _kept(self, number: int, pending: dict[int, int], *, keep_failures: bool) -> Any:
        try:
            return self._take(number)
        except Exception as failure:
            if keep_failures:
                return failure
            self._cancelled += [other for other in pending if other not in self._settled]
            raise

    async def call_async(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any], line: int) -> Any:
        """Call a function; siblings go on until it has settled."""
        number = self.register(function, args, kwargs, line)
        future = asyncio.get_running_loop().create_future()
        self._futures[number] = future
        try:
            await future
        except asyncio.CancelledError:
            if number not in self._settled:
                self._cancelled.append(number)
            raise
        finally:
            del self._futures[number]
        return self._take(number)

    def awaited(self) -> list[int]:
        """Return the numbers of the calls that tasks wait for."""
        return [number for number, future in self._futures.items() if not future.done()]

    def end_turn(self, waiting: list[int], wake_at: int | None) -> None:
        """Hand out what this turn asked for, wait, and take in the outcomes."""
        self._before_end()
        head = (
            f'{{"calls":[{",".join(self._new)}],"waiting":{waiting!r},"cancelled":{self._cancelled!r},'
            f'"wake_at":{"null" if wake_at is None else wake_at},"memory":{self.memory()}}}'
        )
        message = "\n".join([head, *self._new_values])
        self._new, self._new_values, self._cancelled = [], [], []
        lines = self._exchange(message).split("\n")
        reply = _loads(lines[0], 0)[0]
        self.now = reply["now"]
        for (number, error), line in zip(reply["outcomes"], lines[1:], strict=True):
            self._settled[number] = (error, line)
            future = self._futures.get(number)
            if future is not None and not future.done():
                future.set_result(None)

    def is_failure_of_function(self, error: BaseException) -> bool:
        """Say whether an outcome brought the exception (rather than the program's own code)."""
        return any(error is failure for failure in self._failures)

    def _take(self, number: int) -> Any:
        error, line = self._settled.pop(number)
        value = values.decode(line, around=0 if error is None else 1)
        if error is None:
            return value
        failure = _exception(error, value)
        self._failures.append(failure)
        raise failure


def written(args: tuple[Any, ...], kwargs: dict[str, Any], *, max_bytes: int | None) -> str:
    """Return the wire text of a call's arguments; raises as `values.encode` does.

    A few numbers and short texts, which is what most calls have, are written as they are: to walk over them takes a
    quarter of what the guest does for a call.
    """
    kinds = {*map(type, args)}
    if not kwargs and kinds <= _AS_THEY_ARE and all(map(_is_small, args)):
        text = f"[{values.json_text(args)},{{}}]"
        if text.isascii() and len(text) <= _SHORT and (max_bytes is None or len(text) <= max_bytes):
            return text
    return values.encode([list(args), kwargs], max_bytes=max_bytes, around=2)


def _is_small(one: Any) -> bool:
    """Say whether a text is short, or an integer small: what is neither is not to be written twice."""
    if type(one) is str:
        return len(one) <= _SHORT
    return type(one) is not int or -_SMALL_INT < one < _SMALL_INT


def _exception(error: dict[str, Any], arguments: list[Any]) -> BaseException:
    kind = _EXCEPTIONS.get(error["type"])
    failure: BaseException
    if kind is None:
        failure = FunctionError(error["message"], error["type"])
    else:
        try:
            failure = kind(*arguments)
        except TypeError:
            failure = FunctionError(error["message"], error["type"])
    if error.get("hint"):
        failure.hint = error["hint"]  # type: ignore[attr-defined]
    return failure


def _not_connected(_message: str) -> str:
    raise RuntimeError("no host")


def offer_exceptions(types: dict[str, type[BaseException]]) -> None:
    """Set which exception types keep their type when a function raises them."""
    _EXCEPTIONS.update(types)


TURNS = Turns()


CALL_ASYNC = Turns.call_async.__code__


def program_line() -> int:
    """Return the line of the program that is being executed, 0 when there is none."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no public way
    while frame is not None:
        if frame.f_code.co_filename == FILENAME:
            return frame.f_lineno
        frame = frame.f_back
    return 0


def make_function(name: str, *, is_async: bool) -> Any:
    """Return what a program calls under `name`.

    An async function called while the event loop runs gives an awaitable, otherwise its value; a sync function
    always gives its value; `.aio(...)` always gives an awaitable.
    """

    def aio(*args: Any, **kwargs: Any) -> Any:
        return TURNS.call_async(name, args, kwargs, program_line())

    def function(*args: Any, **kwargs: Any) -> Any:
        line = program_line()
        if is_async and asyncio.events._get_running_loop() is not None:  # noqa: SLF001 - the public one raises
            return TURNS.call_async(name, args, kwargs, line)
        return TURNS.call_blocking(name, args, kwargs, line)

    function.__name__ = function.__qualname__ = name
    function.__module__ = aio.__module__ = "functions"
    aio.__name__ = aio.__qualname__ = f"{name}.aio"
    function.aio = aio  # type: ignore[attr-defined]
    return function
