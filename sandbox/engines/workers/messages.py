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
from sandbox.engines.workers.crossing import Crossing, LimitReached, detail_of
from sandbox.errors import HashesCollide, ValueRejected, ValueTooLarge
from sandbox.limits import Limits
from sandbox.policy import RULES
from sandbox.turns import NOT_IN_ENGINE, Call, ErrorReport, Frame, Outcome, Program, Violation
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
_CALL_PARTS, _REACHED_PARTS, _REACHED_HEAD = 3, 5, 2
_ARGUMENTS, _NAMES = [list, dict], {str}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_scan_once = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


class BadMessage(Exception):
    """The guest sent something that its driver does not send."""


def request(
    program: Program,
    inputs: Mapping[str, Any],
    *,
    seed: int,
    now: int,
    limits: Limits,
    compile_only: bool = False,
    crossing: Crossing | None = None,
) -> str:
    """Return the message that starts a program, or, with `compile_only`, the one that asks for its compiled code.

    Where isolates are reused, `again` makes of it the message that starts the program once more in the same isolate.

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
                "calls": limits.calls,
                "guarded": program.guarded,
                "stack_depth": program.stack_depth,
                "compiled": None if program.compiled is None else program.compiled.text,
                "compile_only": compile_only,
                "keep": program.reuse is not None,
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
    if crossing is not None:
        crossing.take_inputs(total)
    return "\n".join(lines)


def again(request: str) -> str:
    """Return the message that starts a program in an isolate that has run it before, and still has it."""
    first, line_end, inputs = request.partition("\n")
    head = {**json.loads(first), "source": None, "compiled": None}
    return f"{_encode(head)}{line_end}{inputs}"


def reply(
    outcomes: Sequence[Outcome],
    *,
    now: int,
    limits: Limits,
    made: Sequence[Call] = (),
    crossing: Crossing | None = None,
) -> str:
    """Return the message that starts a further turn.

    A value that cannot cross becomes a failure of its call, raised at the call site.

    Args:
        made: the calls of the run, by number from 1.

    Raises:
        LimitReached: an outcome is too large, or all of them together are more than the guest's memory.
    """
    crossing = crossing or Crossing(limits)
    left = limits.memory_bytes
    heads: list[str] = []
    lines: list[str] = []
    for outcome in outcomes:
        what, at = _result(outcome, made)
        head, line = _outcome(outcome, limits.value_bytes, what, at)
        crossing.take(line, what, at)
        left -= len(line)
        if left < 0:
            raise LimitReached("memory_bytes", line=at)
        # Written by hand: a general encoder costs more than all the rest of a small message.
        heads.append(f"[{outcome.number},{'null' if head is None else _encode(head)}]")
        lines.append(line)
    return "\n".join([f'{{"now":{now},"outcomes":[{",".join(heads)}]}}', *lines])


def count_reply(reply: str, outcomes: Sequence[Outcome], *, made: Sequence[Call], crossing: Crossing) -> None:
    """Count the values of a message that was written without doing so.

    Raises:
        LimitReached: all values of the run together are too large.
    """
    for outcome, line in zip(outcomes, reply.split("\n")[1:], strict=True):
        crossing.take(line, *_result(outcome, made))


def _result(outcome: Outcome, made: Sequence[Call]) -> tuple[str, int]:
    """Return how an outcome is called in the message of a limit, and the line of its call."""
    call = made[outcome.number - 1] if outcome.number <= len(made) else None
    return ("the result of a call", 0) if call is None else (f"the result of {call.function}()", call.line)


def _outcome(outcome: Outcome, max_bytes: int, what: str, at: int) -> tuple[dict[str, Any] | None, str]:
    failure = outcome.failure
    if failure is None:
        try:
            return None, values.encode(outcome.value, max_bytes=max_bytes)
        except ValueTooLarge as error:
            raise LimitReached(
                error.limit, detail_of(error.limit, what, used=error.used, path=error.path), at
            ) from None
        except ValueRejected as error:
            return {"type": "ValueError", "message": str(error), "hint": None}, _encode([f"the result {error}"])
    limit, path = failure.too_large
    if limit in values.BOUNDS:
        raise LimitReached(limit, detail_of(limit, what, path=path), at)
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


def read_blocked(text: str, limits: Limits, *, calls_left: int, crossing: Crossing | None = None) -> Waiting:
    """Return what a guest asks for that waits.

    Raises:
        BadMessage: it has another shape.
        LimitReached: its driver says so, or lets more through than it does: more than `calls_left`, or larger ones.
    """
    if text.count("\n") > calls_left or _head_bytes(text) > _MAX_HEAD + _MAX_HEAD_PER_CALL * limits.calls:
        raise LimitReached("calls")
    lines = text.split("\n")
    head = _object(lines[0])
    if "reached" in head and len(lines) == 1:
        raise _reached(head, limits)
    crossing = crossing or Crossing(limits)
    calls = head.get("calls")
    if not isinstance(calls, list) or len(calls) != len(lines) - 1:
        raise BadMessage("calls")
    wake_at = head.get("wake_at")
    return Waiting(
        new_calls=tuple([_call(call, line, crossing) for call, line in zip(calls, lines[1:], strict=True)]),
        waiting_for=_numbers(head.get("waiting")),
        wake_at=None if wake_at is None else _number(wake_at),
        cancelled_calls=_numbers(head.get("cancelled")),
        memory_bytes=_number(head.get("memory")),
    )


def read_final(text: str, limits: Limits, *, crossing: Crossing | None = None) -> Final:
    """Return what became of the program.

    Raises:
        BadMessage: it has another shape.
        LimitReached: the value is too large.
    """
    if _head_bytes(text) > _MAX_HEAD:
        raise BadMessage("head")
    first, _, line = text.partition("\n")
    head = _object(first)
    report, memory_bytes = head.get("error", ()), _number(head.get("memory"))
    if report is not None:
        return Final(error=_report(report), value=None, memory_bytes=memory_bytes)
    (crossing or Crossing(limits)).take(line, "the value of the program", 0)
    return Final(error=None, value=_value(line), memory_bytes=memory_bytes)


def _head_bytes(text: str) -> int:
    """Return the length of the first line, which is parsed in one go."""
    end = text.find("\n")
    return len(text) if end < 0 else end


def _reached(head: dict[str, Any], limits: Limits) -> LimitReached:
    """Return which limit the guest's driver says that the program has reached: it ends by it, whatever is true."""
    found, memory_bytes = head["reached"], _number(head.get("memory"))
    if type(found) is not list or len(found) != _REACHED_PARTS or len(head) != _REACHED_HEAD:
        raise BadMessage("reached")
    limit, used, function, line, path = *found[:3], _number(found[3]), _text(found[4])
    if limit == "calls" and used is None:
        return LimitReached("calls", f"one more call, of {_function(function)}()", line, memory_bytes)
    what = "the value of the program" if function is None else f"the arguments of {_function(function)}()"
    too_long = limit == "value_bytes" and _number(used) > limits.value_bytes
    if not too_long and (type(limit) is not str or limit not in values.BOUNDS or used is not None):
        raise BadMessage("reached")
    return LimitReached(limit, detail_of(limit, what, used=used, path=path), line, memory_bytes)


def _function(name: Any) -> str:
    if type(name) is not str or len(name) > _MAX_NAME or not name.isidentifier():
        raise BadMessage("function")
    return name


def _call(head: Any, line: str, crossing: Crossing) -> Call:
    if type(head) is not list or len(head) != _CALL_PARTS:
        raise BadMessage("call")
    number, function, source_line = _number(head[0]), _function(head[1]), _number(head[2])
    crossing.take(line, f"the arguments of {function}()", source_line)
    arguments = _value(line, around=2)
    if type(arguments) is not list or [*map(type, arguments)] != _ARGUMENTS:
        raise BadMessage("arguments")
    args, kwargs = arguments
    if kwargs and {*map(type, kwargs)} != _NAMES:
        raise BadMessage("arguments")
    return Call(number=number, function=function, args=tuple(args), kwargs=kwargs, line=source_line)


def _value(line: str, *, around: int = 0) -> Any:
    if len(line) > _MANY_BYTES and is_crowded(line.encode(), _MAX_NODES):
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
    if not isinstance(one, dict) or one.get("code") not in (*RULES, NOT_IN_ENGINE):
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
    if type(numbers) is not list:
        raise BadMessage("numbers")
    if not numbers:
        return ()
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
