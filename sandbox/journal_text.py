"""The text of a journal, as a store keeps it: lines of strict JSON, values in them as they cross the wall.

The first line is the header, followed by a line per input; an entry is a line, followed by one per call made.
A value, of any depth and size that may cross, stands last in its line. Reading decodes data and nothing else, within
bounds, and is strict in one stroke: what it has read is written again, and has to give the same text.
"""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sandbox import values
from sandbox.entries import (
    ASKS,
    Abandoned,
    Announced,
    Approved,
    Asked,
    Ended,
    Entry,
    Header,
    MadeCall,
    OutcomeUnknown,
    Sent,
    Settled,
    Told,
)
from sandbox.errors import SandboxError, ValueRejected
from sandbox.journal import Journal, JournalRefused
from sandbox.journal_short import read_short
from sandbox.turns import Call, Failure, Outcome

FORMAT = 1
MAX_CHARACTERS = 2**30
# Any head is far below it; what is longer is a value.
_MAX_HEAD = 2**24
_SHOWN = 80
_OfCall = Sent | Approved | Abandoned
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class JournalUnreadable(SandboxError):
    """A text is no journal that this version wrote.

    Attributes:
        line: which, counted from 1.
        reason: what is wrong with it.
    """

    code = "journal_unreadable"

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line} of the journal {reason}")
        self.line = line
        self.reason = reason


def write(journal: Journal) -> str:
    """Return the text of a journal, every line with its line break."""
    return "".join([write_header(journal.header), *map(write_entry, journal.entries)])


def write_header(header: Header) -> str:
    """Return the lines of a header."""
    head = {
        "entry": "header",
        "format": FORMAT,
        "program_digest": header.program_digest,
        "source_digest": header.source_digest,
        "engine": header.engine,
        "engine_version": header.engine_version,
        "seed": header.seed,
        "now": header.now,
        "inputs": len(header.inputs),
    }
    inputs = [_line({"entry": "input", "name": name}, value=value) for name, value in header.inputs.items()]
    return "".join([_line(head), *inputs])


def write_entry(entry: Entry) -> str:
    """Return the lines of an entry."""
    match entry:
        case Asked():
            head = {
                "entry": entry.kind,
                "calls": len(entry.calls),
                "waiting_for": entry.waiting_for,
                "wake_at": entry.wake_at,
                "cancelled": entry.cancelled,
                "fuel": entry.fuel,
            }
            return "".join([_line(head), *map(_call_line, entry.calls)])
        case Told():
            return _line({"entry": entry.kind, "now": entry.now, "delivered": entry.delivered})
        case Ended():
            return _line({"entry": entry.kind, "how": entry.how, "fuel": entry.fuel})
        case Settled() | OutcomeUnknown():
            return _outcome_line(entry.kind, entry.outcome)
        case Announced():
            head = {"entry": entry.kind, "call": entry.number, "ask": entry.ask, "expires_at": entry.expires_at}
            return _line(head)
        case Sent() | Abandoned() | Approved():
            return _line({"entry": entry.kind, "call": entry.number})


def read(text: str, *, max_characters: int = MAX_CHARACTERS) -> Journal:
    """Return the journal that `write` wrote.

    Raises:
        JournalUnreadable: it is none, or longer than `max_characters`.
    """
    if len(text) > max_characters:
        raise JournalUnreadable(1, f"begins a text of more than {max_characters:,} characters")
    lines = _Lines(text)
    header = _read_header(lines)
    journal = Journal(header)
    while lines.are_left():
        at = lines.number
        entry = _read_entry(lines)
        try:
            journal.append(entry)
        except JournalRefused as refused:
            raise JournalUnreadable(at, f"is out of order: {refused}") from None
    return journal


# -- writing ------------------------------------------------------------------------------------------------------


def _line(head: dict[str, Any], **last: Any) -> str:
    text = _encode(head)
    for name, value in last.items():
        text = f'{text[:-1]},"{name}":{_wire(value)}}}'
    return text + "\n"


def _wire(value: Any) -> str:
    text = values.encode(value)
    # A member of an enum arrives as its name, and is kept as what it arrives as.
    return values.encode(values.decode(text)) if '"$enum"' in text else text


def _call_line(made: MadeCall) -> str:
    call = made.call
    head = {
        "entry": "call",
        "number": call.number,
        "function": call.function,
        "line": call.line,
        "digest": made.digest(),
    }
    return _line(head, arguments=[list(call.args), call.kwargs])


def _outcome_line(kind: str, outcome: Outcome) -> str:
    failure = outcome.failure
    if failure is None:
        return _line({"entry": kind, "call": outcome.number}, value=outcome.value)
    told = {"type": failure.type, "message": failure.message, "hint": failure.hint}
    return _line({"entry": kind, "call": outcome.number, "failure": told}, arguments=list(failure.arguments))


# -- reading ------------------------------------------------------------------------------------------------------


class _Lines:
    """The lines of a text, one after the other."""

    def __init__(self, text: str) -> None:
        self._lines: Sequence[str] = text.split("\n")
        if self._lines[-1]:
            raise JournalUnreadable(len(self._lines), "has no line break at its end")
        self.number = 1

    def are_left(self) -> bool:
        return self.number < len(self._lines)

    def take(self) -> str:
        """Return the next line with its line break.

        Raises:
            JournalUnreadable: there is none.
        """
        if not self.are_left():
            raise JournalUnreadable(self.number, "is missing")
        line = self._lines[self.number - 1]
        self.number += 1
        return line + "\n"

    def take_short(self) -> Entry | None:
        """Return the next entry if it is a short one, None otherwise."""
        found = read_short(self._lines, self.number - 1) if self.are_left() else None
        if found is None:
            return None
        self.number += found[1]
        return found[0]

    def refuse(self, reason: str) -> JournalUnreadable:
        return JournalUnreadable(self.number - 1, reason)


def _read_header(lines: _Lines) -> Header:
    head = _head(lines, lines.take())
    if head.get("entry") != "header" or head.get("format") != FORMAT:
        raise lines.refuse(f"is no header of format {FORMAT}: {_encode(head)[:_SHOWN]}")
    texts = [_text(lines, head, name) for name in ("program_digest", "source_digest", "engine", "engine_version")]
    count = _number(lines, head, "inputs")
    inputs: dict[str, Any] = {}
    first = lines.number
    for _ in range(count):
        line = lines.take()
        name, value = _read_last(lines, line, "value")
        inputs[_text(lines, name, "name")] = value
    header = Header(
        program_digest=texts[0],
        source_digest=texts[1],
        engine=texts[2],
        engine_version=texts[3],
        seed=_number(lines, head, "seed"),
        now=_number(lines, head, "now"),
        inputs=inputs,
    )
    _check_same(lines, first - 1, write_header(header))
    return header


def _read_entry(lines: _Lines) -> Entry:
    first = lines.number
    short = lines.take_short()
    if short is not None:
        return short
    line = lines.take()
    kind = line[len('{"entry":"') :].partition('"')[0]
    reading = _READERS.get(kind)
    if reading is None:
        raise lines.refuse(f"is no entry of format {FORMAT}: {line[:_SHOWN].strip()}")
    entry: Entry = reading(lines, line)
    _check_same(lines, first, write_entry(entry))
    return entry


def _check_same(lines: _Lines, first: int, written: str) -> None:
    for at, line in enumerate(written.split("\n")[:-1], first):
        if lines._lines[at - 1] != line:  # noqa: SLF001 - one module
            raise JournalUnreadable(at, f"is not as it is written: {line[:_SHOWN]}")


def _read_asked(lines: _Lines, line: str) -> Asked:
    head = _head(lines, line)
    waiting, wake_at = head.get("waiting_for"), head.get("wake_at")
    return Asked(
        waiting_for=None if waiting is None else _numbers(lines, head, "waiting_for"),
        wake_at=None if wake_at is None else _number(lines, head, "wake_at"),
        cancelled=_numbers(lines, head, "cancelled"),
        fuel=_number(lines, head, "fuel") if head.get("fuel", 0) is not None else None,
        calls=tuple(_read_calls(lines, _number(lines, head, "calls"))),
    )


def _read_calls(lines: _Lines, count: int) -> Iterator[MadeCall]:
    for _ in range(count):
        head, arguments = _read_last(lines, lines.take(), "arguments")
        match arguments:
            case [list(args), dict(kwargs)] if all(type(key) is str for key in kwargs):
                yield MadeCall(
                    call=Call(
                        number=_number(lines, head, "number"),
                        function=_text(lines, head, "function"),
                        args=tuple(args),
                        kwargs=kwargs,
                        line=_number(lines, head, "line"),
                    ),
                    recorded_digest=_text(lines, head, "digest"),
                )
            case _:
                raise lines.refuse("has no arguments of a call")


def _read_told(lines: _Lines, line: str) -> Told:
    head = _head(lines, line)
    return Told(now=_number(lines, head, "now"), delivered=_numbers(lines, head, "delivered"))


def _read_ended(lines: _Lines, line: str) -> Ended:
    head = _head(lines, line)
    match head.get("how"):
        case "returned" | "raised" | "limit" as how:
            return Ended(how=how, fuel=_number(lines, head, "fuel") if head.get("fuel", 0) is not None else None)
    raise lines.refuse("has no known `how`")


def _read_announced(lines: _Lines, line: str) -> Announced:
    head = _head(lines, line)
    ask = next((one for one in ASKS if one == head.get("ask")), None)
    if ask is None:
        raise lines.refuse("has no known `ask`")
    return Announced(number=_number(lines, head, "call"), ask=ask, expires_at=_number(lines, head, "expires_at"))


def _read_outcome(lines: _Lines, line: str) -> Outcome:
    if ',"failure":{' not in line[:_SHOWN]:
        head, value = _read_last(lines, line, "value")
        return Outcome(number=_number(lines, head, "call"), value=value)
    head, arguments = _read_last(lines, line, "arguments")
    failure = head["failure"] if isinstance(head.get("failure"), dict) else {}
    if type(arguments) is not list:
        raise lines.refuse("has no arguments of an exception")
    return Outcome(
        number=_number(lines, head, "call"),
        failure=Failure(
            type=_text(lines, failure, "type"),
            message=_text(lines, failure, "message"),
            hint=None if failure.get("hint") is None else _text(lines, failure, "hint"),
            arguments=tuple(arguments),
        ),
    )


def _read_of_call(kind: type[_OfCall], lines: _Lines, line: str) -> _OfCall:
    return kind(number=_number(lines, _head(lines, line), "call"))


_OF_A_CALL: dict[str, type[_OfCall]] = {one.kind: one for one in (Sent, Approved, Abandoned)}
_READERS: dict[str, Any] = {
    "asked": _read_asked,
    "told": _read_told,
    "ended": _read_ended,
    "announced": _read_announced,
    **{kind: partial(_read_of_call, one) for kind, one in _OF_A_CALL.items()},
    "settled": lambda lines, line: Settled(outcome=_read_outcome(lines, line)),
    "outcome_unknown": lambda lines, line: OutcomeUnknown(outcome=_read_outcome(lines, line)),
}


def _read_last(lines: _Lines, line: str, name: str) -> tuple[dict[str, Any], Any]:
    """Return the head of a line and the value that stands last in it."""
    # The first such name outside of a text: inside of one its quotation marks are escaped.
    head, found, rest = line.partition(f',"{name}":')
    if not found or not rest.endswith("}\n"):
        raise lines.refuse(f"has no {name}")
    try:
        return _head(lines, head + "}"), values.decode(rest[:-2])
    except ValueRejected as error:
        raise lines.refuse(f"holds a value that cannot cross: {error}") from None


def _head(lines: _Lines, text: str) -> dict[str, Any]:
    if len(text) > _MAX_HEAD:
        raise lines.refuse(f"is longer than {_MAX_HEAD:,} characters")
    try:
        head = json.loads(text)
    except (ValueError, RecursionError):
        raise lines.refuse("is no JSON") from None
    if not isinstance(head, dict):
        raise lines.refuse("is no object")
    return head


def _number(lines: _Lines, head: dict[str, Any], name: str) -> int:
    number = head.get(name)
    if type(number) is not int:
        raise lines.refuse(f"has no whole number {name}")
    return number


def _numbers(lines: _Lines, head: dict[str, Any], name: str) -> tuple[int, ...]:
    numbers = head.get(name)
    if type(numbers) is not list or not all(type(number) is int for number in numbers):
        raise lines.refuse(f"has no whole numbers {name}")
    return tuple(numbers)


def _text(lines: _Lines, head: dict[str, Any], name: str) -> str:
    text = head.get(name)
    if type(text) is not str:
        raise lines.refuse(f"has no text {name}")
    return text
