"""Calls that nobody on the host answers: the caller does, or a person has to agree before they are made.

Pure: such a call is announced in the journal and stays open; what is done about an answer, a decision or a deadline
is decided here, and written down by `calls`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.dispatch import ArgumentsRejected, HostFunction
from sandbox.entries import Announced, Ask, MadeCall
from sandbox.journal import Journal
from sandbox.terms import OnTimeout
from sandbox.turns import Failure, Outcome
from sandbox.types import ValueType
from sandbox.values import encode

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A call that waits for somebody outside."""

    number: int
    ask: Ask
    function: str
    arguments: Mapping[str, Any]
    """Bound to the function's signature, by name."""
    digest: str
    """Of function and arguments: what an approval is for."""
    line: int
    expires_at: int
    """Nanoseconds since the epoch."""
    on_timeout: OnTimeout


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """A run can go no further without somebody outside, or sleeps: nothing of it needs to be in memory meanwhile."""

    pending: tuple[Pending, ...]
    """By number."""
    wake_at: int | None
    """When it goes on, or gives up, without an answer: nanoseconds since the epoch, by the real clock."""


def ask_of(function: HostFunction) -> Ask | None:
    """Return what somebody outside is asked for before a call has an outcome, None for most functions."""
    if function.kind == "client":
        return "client_function"
    return "approval" if function.terms.requires_approval else None


def announced(function: HostFunction, ask: Ask, number: int, *, now: int) -> Announced:
    """Return the entry that opens the question; its deadline counts from `now`."""
    timeout, seconds = _timeout(function, ask), function.terms.expires_seconds
    shorter = seconds if timeout is None else min(seconds, timeout)
    return Announced(number=number, ask=ask, expires_at=now + round(shorter * _NANOSECONDS))


def pending_calls(journal: Journal, functions: Mapping[str, HostFunction]) -> tuple[Pending, ...]:
    """Return the calls of a journal that wait for somebody outside, by number.

    The arguments of calls that were read back are bound once more.
    """
    return tuple(_pending(journal.made_call(one.number), one, functions) for one in journal.announced())


def digest_of_question(made: MadeCall) -> str:
    """Return what an approval is for: function and arguments, whatever became of them since they were shown."""
    return "sha256:" + hashlib.sha256(f"{made.call.function} {made.digest()}".encode()).hexdigest()


def read_answer(function: HostFunction, number: int, value: Any) -> Outcome:
    """Return the outcome of a call to which the caller answered a value, given as JSON.

    Raises:
        ValueRejected: it does not fit what the function declares to return, or cannot cross.
    """
    return Outcome(number=number, value=lowered_answer(function.returns, value))


def lowered_answer(returns: ValueType, value: Any) -> Any:
    """Return what a caller answered, given as JSON, as it crosses; raises as `read_answer` does."""
    lowered = returns.lower(returns.from_json(value))
    # Once it is answered, nobody is there to be told that it has too many nodes for a journal.
    encode(lowered)
    return lowered


def rejection(function: str, number: int) -> Outcome:
    """Return what the program is told when somebody does not agree to a call: PermissionError, which it can catch."""
    message = f"{function}() was not approved, and was not called"
    return Outcome(number=number, failure=Failure(type="PermissionError", message=message, arguments=(message,)))


def nobody_to_ask(function: str, number: int) -> Outcome:
    """Return what a program is told that asks for an approval where a run cannot wait for one."""
    message = f"{function}() needs an approval, and this run cannot wait for one"
    hint = "run the program through a service (POST /orchestrate), where the run waits and somebody can approve it"
    return Outcome(
        number=number, failure=Failure(type="PermissionError", message=message, arguments=(message,), hint=hint)
    )


def overdue(pending: Iterable[Pending], *, now: int) -> tuple[Pending, ...]:
    """Return those whose time is over."""
    return tuple(one for one in pending if one.expires_at <= now)


def timed_out(pending: Pending) -> Outcome | None:
    """Return what the program is told of a call that nobody answered in time; None when that ends the run."""
    match pending.on_timeout.action:
        case "fail":
            return None
        case "default":
            return Outcome(number=pending.number, value=pending.on_timeout.value)
        case "raise":
            message = f"nobody answered {pending.function}() in time"
            failure = Failure(type="TimeoutError", message=message, arguments=(message,))
            return Outcome(number=pending.number, failure=failure)


def _pending(made: MadeCall, opened: Announced, functions: Mapping[str, HostFunction]) -> Pending:
    call = made.call
    function = functions.get(call.function)
    return Pending(
        number=call.number,
        ask=opened.ask,
        function=call.function,
        arguments=_arguments(made, function),
        digest=digest_of_question(made),
        line=call.line,
        expires_at=opened.expires_at,
        on_timeout=OnTimeout() if function is None else _on_timeout(function, opened.ask),
    )


def _arguments(made: MadeCall, function: HostFunction | None) -> Mapping[str, Any]:
    if made.arguments is not None:
        return made.arguments
    if function is not None:
        try:
            return function.bind(made.call.args, made.call.kwargs)
        except ArgumentsRejected:
            pass
    return {"args": list(made.call.args), "kwargs": made.call.kwargs}


def _on_timeout(function: HostFunction, ask: Ask) -> OnTimeout:
    timeout = _timeout(function, ask)
    if timeout is not None and timeout <= function.terms.expires_seconds:
        return OnTimeout(action="raise")
    return function.terms.on_timeout


def _timeout(function: HostFunction, ask: Ask) -> float | None:
    """Return how long the caller may take; one who approves only lets the call begin, whose timeout comes after."""
    return function.terms.timeout_seconds if ask == "client_function" else None
