"""Reads the short entries of a journal's text, which most are: exactly as they are written, or not at all.

What the patterns match is as `journal_text` writes it, but for the values, which are written again one by one. Whatever
does not match is read by `journal_text`, which also says what is wrong with it.
"""

import re
from collections.abc import Sequence
from typing import Any

from sandbox import values
from sandbox.entries import Abandoned, Approved, Asked, Entry, MadeCall, Sent, Settled, Told
from sandbox.errors import ValueRejected
from sandbox.turns import Call, Outcome

MAX_SHORT = 1_000
_COUNT = "(0|[1-9][0-9]{0,18})"
_NUMBER = "([1-9][0-9]{0,18})"
_NUMBERS = rf"\[({_NUMBER[1:-1]}(?:,{_NUMBER[1:-1]})*)?\]"
_OF_CALL = re.compile(rf'\{{"entry":"(sent|approved|abandoned)","call":{_NUMBER}\}}')
_TOLD = re.compile(rf'\{{"entry":"told","now":{_NUMBER},"delivered":{_NUMBERS}\}}')
_SETTLED = re.compile(rf'\{{"entry":"settled","call":{_NUMBER},"value":(.*)\}}')
_ASKED = re.compile(
    rf'\{{"entry":"asked","calls":([0-9]),"waiting_for":(?:null|{_NUMBERS}),"wake_at":(?:null|{_NUMBER}),'
    rf'"cancelled":{_NUMBERS},"fuel":{_COUNT}\}}'
)
_CALL = re.compile(
    rf'\{{"entry":"call","number":{_NUMBER},"function":"([A-Za-z_][A-Za-z0-9_]*)","line":{_COUNT},'
    r'"digest":"(sha256:[0-9a-f]{64})","arguments":(.*)\}'
)
_OF_A_CALL: dict[str, type[Sent | Approved | Abandoned]] = {one.kind: one for one in (Sent, Approved, Abandoned)}
_NOTHING = object()


def read_short(lines: Sequence[str], at: int) -> tuple[Entry, int] | None:
    """Return the entry that begins with a line, and how many lines it takes; None when it is to be read in full."""
    line = lines[at]
    if len(line) > MAX_SHORT:
        return None
    of_call = _OF_CALL.fullmatch(line)
    if of_call is not None:
        return _OF_A_CALL[of_call[1]](number=int(of_call[2])), 1
    told = _TOLD.fullmatch(line)
    if told is not None:
        return Told(now=int(told[1]), delivered=_numbers(told[2])), 1
    settled = _SETTLED.fullmatch(line)
    if settled is not None:
        value = _value(settled[2])
        return None if value is _NOTHING else (Settled(outcome=Outcome(number=int(settled[1]), value=value)), 1)
    asked = _ASKED.fullmatch(line)
    return None if asked is None else _asked(asked, lines, at + 1)


def _asked(asked: re.Match[str], lines: Sequence[str], at: int) -> tuple[Entry, int] | None:
    count = int(asked[1])
    calls = [made for made in map(_call, lines[at : at + count]) if made is not None]
    if len(calls) != count:
        return None
    waiting = None if '"waiting_for":null' in asked[0] else _numbers(asked[2])
    entry = Asked(
        calls=tuple(calls),
        waiting_for=waiting,
        wake_at=None if asked[3] is None else int(asked[3]),
        cancelled=_numbers(asked[4]),
        fuel=int(asked[5]),
    )
    return entry, 1 + count


def _call(line: str) -> MadeCall | None:
    found = _CALL.fullmatch(line) if len(line) <= MAX_SHORT else None
    arguments = _NOTHING if found is None else _value(found[5])
    if found is None or type(arguments) is not list or [*map(type, arguments)] != [list, dict]:
        return None
    args, kwargs = arguments
    if not all(type(key) is str for key in kwargs):
        return None
    call = Call(number=int(found[1]), function=found[2], args=tuple(args), kwargs=kwargs, line=int(found[3]))
    return MadeCall(call=call, recorded_digest=found[4])


def _value(text: str) -> Any:
    """Return a value that is written as it stands there; `_NOTHING` when it is not, or is no value."""
    if '"$enum"' in text:
        return _NOTHING
    try:
        value = values.decode(text)
        return value if values.encode(value) == text else _NOTHING
    except ValueRejected:
        return _NOTHING


def _numbers(text: str | None) -> tuple[int, ...]:
    return tuple(map(int, text.split(","))) if text else ()
