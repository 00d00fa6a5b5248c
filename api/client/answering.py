"""Python functions that answer the calls of a run: declared to the service, called here when the run waits for them."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from api.client.run import PendingCall, Run
from sandbox.dispatch import HostFunction
from sandbox.errors import ValueRejected
from sandbox.json_values import to_json

T = TypeVar("T")


class Answers:
    """Functions by the name under which programs call them.

    Raises:
        TypeError: one cannot be called, has no usable name, or a type of its signature cannot cross.
        ValueError: two have one name.
    """

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        self._functions: dict[str, HostFunction] = {}
        if callable(functions):
            message = "answer_with must be a list of functions: write answer_with=[...]"
            raise TypeError(message)
        for call in functions:
            function = HostFunction.of(call)
            if function.name in self._functions:
                message = f"two functions are called {function.name!r}: give one another name"
                raise ValueError(message)
            self._functions[function.name] = function

    def declared(self) -> list[dict[str, Any]]:
        """Return the functions as `client_functions` of a submission."""
        return [
            {
                "name": one.name,
                "description": one.description,
                "parameters": one.parameters_schema(),
                "returns": one.returns_schema(),
            }
            for one in self._functions.values()
        ]

    def mine(self, run: Run) -> list[PendingCall]:
        """Return the calls that the run waits for and these functions can answer."""
        pending = run.pending_calls if run.status == "suspended" else ()
        return [one for one in pending if one.kind == "client_function" and one.function in self._functions]

    async def results(self, calls: Sequence[PendingCall]) -> list[dict[str, Any]]:
        """Call the functions, all at once, and return what `resume` takes; what one raises is raised in the program."""
        return list(await asyncio.gather(*(self._result(one) for one in calls)))

    async def _result(self, call: PendingCall) -> dict[str, Any]:
        function = self._functions[call.function]
        try:
            value = to_json(await function.invoke(_arguments(function, call.arguments)))
        except Exception as error:  # noqa: BLE001 - whatever a function raises is the program's to catch
            return {"call_id": call.call_id, "error": {"type": type(error).__name__, "message": _text_of(error)}}
        return {"call_id": call.call_id, "output": value}


def in_a_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, also where a loop runs already, and return its value or raise what it raises."""
    value: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            value.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
            failure.append(error)

    thread = threading.Thread(target=run, name="isthmus-answers")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return value[0]


def _text_of(error: Exception) -> str:
    """Return what the program shall read: `str` of a KeyError has quotes around a text, and gets them again there."""
    match error:
        case KeyError(args=(str() as text,)):
            return text
        case _:
            return str(error)


def _arguments(function: HostFunction, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as the function takes them: JSON has no dates, sets and bytes of its own."""
    arguments = {}
    for name, value in sent.items():
        kind = function.parameters.get(name)
        if kind is None:
            message = f"{function.name}() has no parameter {name!r}"
            raise TypeError(message)
        try:
            arguments[name] = kind.from_json(value)
        except ValueRejected as error:
            message = f"{function.name}() argument {name} {error}"
            raise TypeError(message) from None
    return arguments
