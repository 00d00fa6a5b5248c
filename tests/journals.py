"""Builds journals without an engine: what programs ask for, written down as literals."""

from typing import Any

from sandbox.entries import Asked, CallKey, Entry, Header, MadeCall, Sent, Settled, Told
from sandbox.journal import Journal
from sandbox.turns import Blocked, Call, Failure, Outcome, Program

NOW = 1_700_000_000_000_000_000
SECOND = 1_000_000_000
HEADER = Header.of(
    Program(source="f(1)"), engine="cpython", engine_version="3.14.0+sha256:0", inputs={"x": 1}, seed=7, now=NOW
)


def call(number: int, *args: Any, function: str = "f", line: int = 1, **kwargs: Any) -> Call:
    """Return a call of `f`."""
    return Call(number=number, function=function, args=args, kwargs=kwargs, line=line)


def made(number: int, *args: Any, function: str = "f") -> MadeCall:
    """Return a call of `f` that was bound to its one parameter."""
    return MadeCall(call=call(number, *args, function=function), arguments={"x": args[0] if args else None})


def asked(*calls: MadeCall, **more: Any) -> Asked:
    """Return a turn's end, where the program waits for everything."""
    return Asked(calls=calls, **more)


def value(number: int, answer: Any = None) -> Settled:
    """Return a call's value."""
    return Settled(outcome=Outcome(number=number, value=answer))


def failed(number: int, kind: str = "ConnectionError") -> Settled:
    """Return a call's failure."""
    return Settled(outcome=Outcome(number=number, failure=Failure(type=kind, message="no", arguments=("no",))))


def told(after_seconds: int, *numbers: int) -> Told:
    """Return the next turn's begin."""
    return Told(now=NOW + after_seconds * SECOND, delivered=numbers)


def blocked(*calls: Call, waiting: tuple[int, ...], **more: Any) -> Blocked:
    """Return what an engine says at the end of a turn."""
    return Blocked(new_calls=calls, waiting_for=waiting, **more)


def journal(*entries: Entry) -> Journal:
    """Return a journal."""
    return Journal.of(HEADER, entries)


def two_calls(first: Any = "a", second: Any = "b") -> Journal:
    """Return the journal of a program that makes two calls, one after the other."""
    return journal(
        asked(made(1, first)), Sent(number=1), value(1, 10), told(1, 1),
        asked(made(2, second)), Sent(number=2), value(2, 20), told(2, 2),
    )  # fmt: skip


def keys_of(one: Journal) -> dict[int, CallKey]:
    """Return the keys of all calls."""
    return {call.call.number: one.key_of(call.call.number) for call in one.made()}
