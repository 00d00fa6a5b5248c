"""Runs one program: request in, calls out turn by turn, value or report back.

The driver serves one program and is thrown away with its isolate, so it keeps no state worth protecting from it. Where
isolates are reused, it serves several runs of one program, one after the other; see `again`.
"""

import asyncio
import inspect
import json
import sys
import types
from collections.abc import Callable
from typing import Any

from sandbox import values
from sandbox.engines.cpython.guest import again, codes, environ, loop, namespace, output, reports, survey, transformer
from sandbox.engines.cpython.guest import handles as handles
from sandbox.engines.cpython.guest.kindness import VALUE
from sandbox.engines.cpython.guest.notes import NOTES
from sandbox.engines.cpython.guest.output import OUTPUT
from sandbox.engines.cpython.guest.turns import TURNS
from sandbox.errors import ValueRejected, ValueTooLarge

_RECURSION_LIMIT = sys.getrecursionlimit()
_loads = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def _dumps(value: Any) -> str:
    """Write JSON without `json.JSONEncoder`, whose methods a program may have replaced."""
    return values.json_text(value)


# Freed when the program runs out of memory, so that there is room to report it.
_RESERVE = [bytes(512 * 1024)]


def connect(
    exchange: Callable[[str], str],
    write: Callable[[str], None],
    note: Callable[[str, int], None],
    memory: Callable[[], int],
) -> None:
    """Set the three ways out of the isolate, and what tells the size of its memory in bytes."""
    TURNS.connect(exchange, OUTPUT.flush, memory)
    output.connect(write)
    NOTES.connect(note)


def prepare() -> int:
    """Touch what every program needs, before there is a program; return the size of the memory in bytes.

    This is part of what a fresh isolate is: it is done in each, whether it was made ahead of need or not.
    """
    code = transformer.compile_program("x * 2").code
    names = namespace.make({"x": 1}, [])
    exec(code, names)  # noqa: S102 - a constant
    values.decode(values.encode(names[VALUE]))
    return TURNS.memory()


def run(request: str) -> str:
    """Run the program of a request and return the last message: its value, or the report of its failure.

    The request's first line names source, inputs, functions, seed, time and limits; each further line is the wire
    value of one input.
    """
    lines = request.split("\n")
    head = _loads(lines[0], 0)[0]
    source: str = head["source"] if head["source"] is not None else again.source()
    TURNS.begin(head["now"], value_bytes=head["value_bytes"], calls=head["calls"])
    namespace.SEEDING.begin(head["seed"], at_once=not head["guarded"])
    environ.begin(head["env_vars"], guarded=head["guarded"])
    NOTES.begin()
    OUTPUT.begin()
    report, text = (
        again.in_own_context(_run, head, source, lines[1:]) if head["keep"] else _run(head, source, lines[1:])
    )
    if head["keep"]:
        again.tidy()
    OUTPUT.flush()
    head_line = f'{{"error":{_dumps(report)},"memory":{TURNS.memory()}}}'
    return head_line if report is not None else f"{head_line}\n{text}"


def _run(head: dict[str, Any], source: str, inputs: list[str]) -> tuple[reports.Report | None, str]:
    compiled = again.compiled() if head["source"] is None else _compiled(head, source)
    if not isinstance(compiled, transformer.Compiled):
        return compiled, ""
    if head["keep"]:
        again.keep(source, compiled)
    for code, line in compiled.notes:
        NOTES.add(code, line)
    if head["compile_only"]:
        return None, _compiled_text(compiled, head, source)
    return _run_compiled(compiled, head, source, inputs)


def _run_compiled(
    compiled: transformer.Compiled, head: dict[str, Any], source: str, inputs: list[str]
) -> tuple[reports.Report | None, str]:
    given = {name: values.decode(text) for name, text in zip(head["inputs"], inputs, strict=True)}
    known = [*given, *(name for name, *_ in head["functions"])]
    names = namespace.make(given, head["functions"], guarded=head["guarded"])
    try:
        with _depth_of(head["stack_depth"]):
            _execute(compiled.code, names)
    except BaseException as error:  # noqa: BLE001 - whatever a program raises is its answer
        return _report_of(error, source, known, names), ""
    value = names.get(VALUE)
    if value is None and compiled.advice is not None:
        NOTES.add(*compiled.advice)
    try:
        return None, _written(value, head["value_bytes"], _last_line(compiled.code))
    except ValueRejected as error:
        return reports.of_value(error, source, _last_line(compiled.code)), ""
    except BaseException as error:  # noqa: BLE001 - a value may run code of the program while it is read
        return _report_of(error, source, known, names), ""


def _written(value: Any, max_bytes: int, line: int | None = None) -> str:
    """Return the text of the last value; one that is too large ends the run here."""
    try:
        return values.encode(value, max_bytes=max_bytes)
    except ValueTooLarge as error:
        TURNS.end_by(error, None, line or 0)


class _depth_of:  # noqa: N801 - reads like a function
    """Bounds how many calls of the program's may be under way in one another, while it runs."""

    def __init__(self, calls: int | None) -> None:
        self._calls = calls

    def __enter__(self) -> None:
        if self._calls is None:
            return
        here, frame = 0, inspect.currentframe()
        while frame is not None:
            here, frame = here + 1, frame.f_back
        sys.setrecursionlimit(here + self._calls)

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if self._calls is None:
            return
        sys.setrecursionlimit(_RECURSION_LIMIT)
        if type(error) is RecursionError:
            hint = f"the recursion limit is {self._calls} calls; use a loop, or allow more max_stack_depth"
            error.hint = hint  # type: ignore[attr-defined]  # for the report


def _compiled(head: dict[str, Any], source: str) -> transformer.Compiled | reports.Report:
    return _compile(head, source) if head["compiled"] is None else codes.of_text(head["compiled"])


def _compile(head: dict[str, Any], source: str) -> transformer.Compiled | reports.Report:
    functions = [name for name, *_ in head["functions"]]
    try:
        return transformer.compile_program(source, guarded=head["guarded"], functions=functions)
    except transformer.PolicyRefused as refused:
        return reports.of_policy(refused, source)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return reports.of_syntax(error, source)


def _compiled_text(compiled: transformer.Compiled, head: dict[str, Any], source: str) -> str:
    facts = survey.survey(
        source,
        guarded=head["guarded"],
        functions=[name for name, *_ in head["functions"]],
        awaits=bool(compiled.code.co_flags & inspect.CO_COROUTINE),
    )
    return _written([codes.to_text(compiled), facts], head["value_bytes"])


def _execute(code: Any, names: dict[str, Any]) -> None:
    if code.co_flags & inspect.CO_COROUTINE:
        main = eval(code, names)  # noqa: S307 - this is what the isolate is for
        loop.run(_awaiting_value(main, names, _last_line(code)))
        return
    exec(code, names)  # noqa: S102 - this is what the isolate is for
    if type(names.get(VALUE)) is types.CoroutineType:
        loop.run(_awaiting_value(None, names, _last_line(code)))


async def _awaiting_value(main: Any, names: dict[str, Any], line: int | None) -> None:
    """Run the program, and what its last expression left to be awaited."""
    if main is not None:
        await main
    value: Any = names.get(VALUE)
    if type(value) is types.CoroutineType or issubclass(type(value), asyncio.Future):
        NOTES.add("coroutine-awaited", line or 0)
        names[VALUE] = None
        names[VALUE] = await value


def _report_of(error: BaseException, source: str, known: list[str], names: dict[str, Any]) -> reports.Report:
    if issubclass(type(error), MemoryError):
        _RESERVE.clear()
        names.clear()
    by_function = TURNS.is_failure_of_function(error)
    try:
        return reports.of_exception(error, source, by_function=by_function, names=known, namespace=names)
    except BaseException:  # noqa: BLE001 - what an exception of the program's own says of itself may do anything
        return reports.of_unreadable()


def _last_line(code: Any) -> int | None:
    """Return the line of the program's last statement: nothing of the program's own code stands below it."""
    return max((line for _, _, line in code.co_lines() if line), default=None)
