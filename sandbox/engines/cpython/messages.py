"""What the engine and the driver in the guest say to each other, as text: requests in, progress out.

A message is lines: the first is a JSON object, every further one the wire form of one value. A guest's message is
untrusted. It is only ever decoded as data, and one that does not have the right shape is `BadMessage`: the program
got at the driver, and ends as `InterpreterAborted`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox import values
from sandbox.errors import HashesCollide, ValueRejected, ValueTooLarge
from sandbox.limits import Limits
from sandbox.policy import RULES
from sandbox.turns import Call, ErrorReport, Frame, Outcome, Program, Violation
from sandbox.weight import is_crowded

_KINDS = frozenset({"syntax", "policy", "type", "runtime", "limit", "function"})
_MAX_TEXT = 10_000
_MAX_FRAMES = 64
# A report with all its frames, in the escapes of JSON; and per call its name and its number, twice.
_MAX_HEAD = 512 * 1024
_MAX_HEAD_PER_CALL = 300
_MAX_NAME = 200
# Twice what a value may have, because the tags of the wire come on top of what they mark; shorter texts hold fewer.
_MAX_NODES = 2 * values.MAX_NODES
_MANY_BYTES = _MAX_NODES // 4
_HIGHEST_NUMBER = 2**63 - 1
_CALL_PARTS = 3
_ARGUMENTS, _NAMES = [list, dict], {str}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_scan_once = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


class ReplyTooLarge(Exception):
    """The outcomes of one turn, each within its bound, are together more than the guest's memory."""


class TooManyCalls(Exception):
    """The guest asks for more calls than it may make; they were not even read."""


class BadMessage(Exception):
    """The guest sent something that its driver does not send."""


def request(
    program: Program, inputs: Mapping[str, Any], *, seed: int, now: int, limits: Limits, compile_only: bool = False
) -> str:
    """Return the message that starts a program, or, with `compile_only`, the one that asks for its compiled code.

    Raises:
        ValueRejected: an input cannot cross, or all of them together exceed `value_bytes`.
    """
    lines = [
        _encode(
            {
                "source": program.source,
                "inputs": list(inputs),
                "functions": [[spec.name, spec.is_async, spec.is_task] for spec in program.functions],
                "seed": seed,
                "now": now,
                "env_vars": dict(sorted(program.env_vars.items())),
                "value_bytes": limits.value_bytes,
                "guarded": program.guarded,
                "stack_depth": program.stack_depth,
                "compiled": None if program.compiled is None else program.compiled.text,
                "compile_only": compile_only,
            }
        )
    ]
    total = 0
    for name, value in inputs.items():
        try:
            line = values.encode(value)
        except ValueRejected as error:
            raise ValueRejected(f"inputs.{name}{error.path[1:]}", error.reason) from None
        size = len(line.encode())
        total += size
        if total > limits.value_bytes:
            together = "" if total == size else f", all inputs up to it {total:,}"
            reason = f"takes {size:,} bytes{together}; the limit value_bytes is {limits.value_bytes:,}"
            raise ValueRejected(f"inputs.{name}", reason)
        lines.append(line)
    return "\n".join(lines)


def reply(outcomes: Sequence[Outcome], *, now: int, limits: Limits) -> str:
    """Return the message that starts a further turn.

    A value that cannot cross becomes a failure of its call, raised at the call site.

    Raises:
        ReplyTooLarge: the guest has no memory for it.
    """
    left = limits.memory_bytes
    heads: list[str] = []
    lines: list[str] = []
    for outcome in outcomes:
        head, line = _outcome(outcome, limits.value_bytes)
        left -= len(line)
        if left < 0:
            raise ReplyTooLarge
        # Written by hand: a general encoder costs more than all the rest of a small message.
        heads.append(f"[{outcome.number},{'null' if head is None else _encode(head)}]")
        lines.append(line)
    return "\n".join([f'{{"now":{now},"outcomes":[{",".join(heads)}]}}', *lines])


def _outcome(outcome: Outcome, max_bytes: int) -> tuple[dict[str, Any] | None, str]:
    failure = outcome.failure
    if failure is None:
        try:
            return None, values.encode(outcome.value, max_bytes=max_bytes)
        except ValueRejected as error:
            return {"type": "ValueError", "message": str(error), "hint": None}, _encode([f"the result {error}"])
    head = {"type": failure.type, "message": failure.message[:_MAX_TEXT], "hint": failure.hint}
    try:
        return head, values.encode(list(failure.arguments), max_bytes=max_bytes, around=1)
    except ValueRejected:
        return head, _encode([failure.message[:_MAX_TEXT]])


class Waiting(NamedTuple):
    """What the guest said when it blocked; made once per turn, and a tuple is made five times as quickly."""

    new_calls: tuple[Call, ...]
    waiting_for: tuple[int, ...]
    wake_at: int | None
    cancelled_calls: tuple[int, ...]
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """What the guest said when the program ended."""

    error: ErrorReport | None
    value: Any
    memory_bytes: int


def read_blocked(text: str, limits: Limits, *, calls_left: int) -> Waiting:
    """Return what a guest asks for that waits.

    Raises:
        BadMessage: it has another shape.
        TooManyCalls: more than `calls_left`.
        ValueTooLarge: the arguments of a call are larger than `value_bytes`.
    """
    if text.count("\n") > calls_left or _head_bytes(text) > _MAX_HEAD + _MAX_HEAD_PER_CALL * limits.calls:
        raise TooManyCalls
    lines = text.split("\n")
    head = _object(lines[0])
    calls = head.get("calls")
    if not isinstance(calls, list) or len(calls) != len(lines) - 1:
        raise BadMessage("calls")
    wake_at = head.get("wake_at")
    return Waiting(
        new_calls=tuple(_call(call, line, limits) for call, line in zip(calls, lines[1:], strict=True)),
        waiting_for=_numbers(head.get("waiting")),
        wake_at=None if wake_at is None else _number(wake_at),
        cancelled_calls=_numbers(head.get("cancelled")),
        memory_bytes=_number(head.get("memory")),
    )


def read_final(text: str, limits: Limits) -> Final:
    """Return what became of the program.

    Raises:
        BadMessage: it has another shape.
        ValueTooLarge: the value is larger than `value_bytes`.
    """
    if _head_bytes(text) > _MAX_HEAD:
        raise BadMessage("head")
    first, _, line = text.partition("\n")
    head = _object(first)
    report, memory_bytes = head.get("error", ()), _number(head.get("memory"))
    if report is not None:
        return Final(error=_report(report), value=None, memory_bytes=memory_bytes)
    return Final(error=None, value=_value(line, limits), memory_bytes=memory_bytes)


def _head_bytes(text: str) -> int:
    """Return the length of the first line, which is parsed in one go."""
    end = text.find("\n")
    return len(text) if end < 0 else end


def _call(head: Any, line: str, limits: Limits) -> Call:
    if type(head) is not list or len(head) != _CALL_PARTS:
        raise BadMessage("call")
    number, function, source_line = head
    if type(function) is not str or len(function) > _MAX_NAME or not function.isidentifier():
        raise BadMessage("call")
    arguments = _value(line, limits, around=2)
    if type(arguments) is not list or [*map(type, arguments)] != _ARGUMENTS:
        raise BadMessage("arguments")
    args, kwargs = arguments
    if kwargs and {*map(type, kwargs)} != _NAMES:
        raise BadMessage("arguments")
    return Call(number=_number(number), function=function, args=tuple(args), kwargs=kwargs, line=_number(source_line))


def _value(line: str, limits: Limits, *, around: int = 0) -> Any:
    size = len(line) if line.isascii() else len(line.encode())
    if size > limits.value_bytes:
        raise ValueTooLarge("$", size, limits.value_bytes)
    if size > _MANY_BYTES and is_crowded(line.encode(), _MAX_NODES):
        raise BadMessage("more values than the driver lets through")
    try:
        return values.decode(line, around=around)
    except HashesCollide:
        raise
    except ValueRejected:
        raise BadMessage("value") from None


def _report(report: Any) -> ErrorReport:
    if not isinstance(report, dict) or not isinstance(report.get("kind"), str) or report["kind"] not in _KINDS:
        raise BadMessage("report")
    frames = report.get("traceback")
    if not isinstance(frames, list) or len(frames) > _MAX_FRAMES:
        raise BadMessage("traceback")
    hint = report.get("hint")
    return ErrorReport(
        kind=report["kind"],
        type=_text(report.get("type")),
        message=_text(report.get("message")),
        traceback=tuple(_frame(frame) for frame in frames),
        hint=None if hint is None else _text(hint),
        violations=_violations(report.get("violations")),
    )


def _violations(found: Any) -> tuple[Violation, ...]:
    if not isinstance(found, list) or len(found) > _MAX_FRAMES:
        raise BadMessage("violations")
    return tuple(_violation(one) for one in found)


def _violation(one: Any) -> Violation:
    if not isinstance(one, dict) or one.get("code") not in RULES:
        raise BadMessage("violation")
    return Violation(
        line=_number(one.get("line")),
        column=_number(one.get("column")),
        code=one["code"],
        message=_text(one.get("message")),
        hint=_text(one.get("hint")),
    )


def _frame(frame: Any) -> Frame:
    if not isinstance(frame, dict):
        raise BadMessage("frame")
    line, column = (None if frame.get(name) is None else _number(frame[name]) for name in ("line", "column"))
    return Frame(line=line, column=column, function=_text(frame.get("function")), source=_text(frame.get("source")))


def _text(text: Any) -> str:
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise BadMessage("text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadMessage("surrogate") from None
    return text


def _numbers(numbers: Any) -> tuple[int, ...]:
    if not isinstance(numbers, list):
        raise BadMessage("numbers")
    if len(set(map(_number, numbers))) != len(numbers):
        raise BadMessage("a number twice")
    return tuple(numbers)


def _number(number: Any) -> int:
    if type(number) is not int or not 0 <= number <= _HIGHEST_NUMBER:
        raise BadMessage("number")
    return number


def _object(line: str) -> dict[str, Any]:
    try:
        loaded, end = _scan_once(line, 0)
    except (StopIteration, ValueError, RecursionError):
        raise BadMessage("no JSON") from None
    if type(loaded) is not dict or end != len(line):
        raise BadMessage("no object")
    return loaded
