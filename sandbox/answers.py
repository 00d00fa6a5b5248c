"""What the calls of earlier attempts of a run were told, so that a retried program does not make them again.

Calls are the same when function and arguments agree and as many equal calls came before. A call that was settled
with a value gets that value; one that failed is made again, unless its failure was final.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import values
from sandbox.dispatch import HostFunction
from sandbox.errors import NonRecoverable

_Key = tuple[str, str, int]


class Answers:
    """The calls of all attempts of one run."""

    def __init__(self) -> None:
        self._values: dict[_Key, Any] = {}
        self._final: dict[_Key, NonRecoverable] = {}
        self._made: Counter[tuple[str, str]] = Counter()

    def begin_attempt(self, functions: Mapping[str, HostFunction]) -> dict[str, HostFunction]:
        """Return the functions for another attempt: they answer what they were asked before."""
        self._made.clear()
        return {name: self._answering(function) for name, function in functions.items()}

    async def answer(self, function: HostFunction, arguments: Mapping[str, Any]) -> Any:
        """Return what an equal call was told, or make the call."""
        key = self._next_key(function.name, arguments)
        if key in self._final:
            raise self._final[key]
        if key not in self._values:
            try:
                self._values[key] = await HostFunction.invoke(function, arguments)
            except NonRecoverable as error:
                self._final[key] = error
                raise
        return self._values[key]

    def _answering(self, function: HostFunction) -> HostFunction:
        fields = {one.name: getattr(function, one.name) for one in dataclasses.fields(HostFunction)}
        return _AnsweringFunction(**fields, answers=self)

    def _next_key(self, name: str, arguments: Mapping[str, Any]) -> _Key:
        variadic = arguments.get("kwargs")
        canonical = dict(arguments)
        if isinstance(variadic, dict):
            canonical["kwargs"] = dict(sorted(variadic.items(), key=lambda pair: str(pair[0])))
        text = values.encode(canonical)
        self._made[name, text] += 1
        return name, text, self._made[name, text]


@dataclass(frozen=True, slots=True, kw_only=True)
class _AnsweringFunction(HostFunction):
    """A function that answers equal calls of earlier attempts."""

    answers: Answers

    async def invoke(self, arguments: Mapping[str, Any]) -> Any:
        return await self.answers.answer(self, arguments)
