"""Runs one program: request in, calls out turn by turn, value or report back.

The driver serves one program and is thrown away with its isolate, so it keeps no state worth protecting from it.
"""

import asyncio
import builtins
import inspect
import json
import random
import sys
import types
from collections.abc import Callable
from typing import Any

from sandbox import policy, values
from sandbox.engines.cpython.guest import attributes, codes, facades, guards, loop, owners, reports, transformer
from sandbox.engines.cpython.guest import handles as handles
from sandbox.engines.cpython.guest.kindness import VALUE, Noted
from sandbox.engines.cpython.guest.mapping import make_map
from sandbox.engines.cpython.guest.turns import (
    CALL_ASYNC,
    GIVEN_EXCEPTIONS,
    TURNS,
    make_function,
    offer_exceptions,
    program_line,
)
from sandbox.errors import ValueRejected

_FLUSH_AT = 8_192
_LINES_PER_FLUSH = 8
_CHUNK = 65_536
_RECURSION_LIMIT = sys.getrecursionlimit()
_loads = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def _dumps(value: Any) -> str:
    """Write JSON without `json.JSONEncoder`, whose methods a program may have replaced."""
    return values.json_text(value)


class _Seeding:
    """Seeds `random` when a program first imports what uses it: that costs a tenth of a short program."""

    def __init__(self) -> None:
        self._seed: int | None = None

    def begin(self, seed: int) -> None:
        """Set the seed of the program."""
        self._seed = seed

    def before_import(self, module: str) -> None:
        """Seed, if that has not been done yet and the module draws numbers."""
        if module in _DRAWING and self._seed is not None:
            random.seed(self._seed)
            self._seed = None


_DRAWING = frozenset({"random", "statistics"})
_SEEDING = _Seeding()
FACADES = facades.build()
BUILTINS: dict[str, Any] = {name: getattr(builtins, name) for name in policy.BUILTINS}
BUILTINS.update(guards.GUARDED)
BUILTINS["__build_class__"] = builtins.__build_class__
BUILTINS["__import__"] = facades.importer(FACADES, _SEEDING.before_import)
BUILTINS.update(GIVEN_EXCEPTIONS)
offer_exceptions(
    {name: kind for name, kind in BUILTINS.items() if isinstance(kind, type) and issubclass(kind, Exception)}
)
# Freed when the program runs out of memory, so that there is room to report it.
_RESERVE = [bytes(512 * 1024)]


class Output:
    """What programs print to: collects text and hands it out in pieces.

    What was collected when a limit ends the program is lost, and each handing out costs as much as printing some ten
    lines. So the first lines are handed out at once, and later ones when there are an eighth as many as before.
    """

    # A program that finds this object, as `pprint` leaves it lying about, cannot change it.
    __slots__ = ("_lines", "_parts", "_size", "_waiting")

    encoding, errors = "utf-8", "strict"

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = self._lines = self._waiting = 0

    def write(self, text: str) -> int:
        """Take text in; hand it out at the end of a line, when it is time to."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        text = str.__str__(text)
        self._parts.append(text)
        self._size += len(text)
        if text[-1:] == "\n":
            self._waiting += 1
            if self._waiting * _LINES_PER_FLUSH > self._lines:
                self.flush()
        if self._size >= _FLUSH_AT:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Hand out what was collected."""
        self._lines += self._waiting
        self._size = self._waiting = 0
        if not self._parts:
            return
        text = "".join(self._parts)
        self._parts.clear()
        for start in range(0, len(text), _CHUNK):
            _write(text[start : start + _CHUNK].encode("utf-8", "replace").decode())

    def begin(self) -> None:
        """Count lines anew: a program starts."""
        self._lines = 0

    def isatty(self) -> bool:
        """Return False: nobody watches."""
        return False


OUTPUT = Output()
_flush = OUTPUT.flush


def _nowhere(_text: str) -> None:
    """Where flushed text goes while there is no host."""


_write: Callable[[str], None] = _nowhere


class Notes:
    """What is noted about a program: each note once, in the order in which it was made."""

    def __init__(self) -> None:
        self._made: set[Noted] = set()
        self._note: Callable[[str, int], None] = lambda _code, _line: None

    def connect(self, note: Callable[[str, int], None]) -> None:
        """Set where notes go."""
        self._note = note

    def begin(self) -> None:
        """Forget what was noted about another program."""
        self._made.clear()

    def add(self, code: str, line: int) -> None:
        """Note something about the program."""
        if (code, line) not in self._made and len(self._made) < policy.MAX_NOTES:
            self._made.add((code, line))
            self._note(code, line)


NOTES = Notes()


def connect(
    exchange: Callable[[str], str],
    write: Callable[[str], None],
    note: Callable[[str, int], None],
    memory: Callable[[], int],
) -> None:
    """Set the three ways out of the isolate, and what tells the size of its memory in bytes."""
    global _write  # an attribute of the output would be within reach of programs
    TURNS.connect(exchange, _flush, memory)
    _write = write
    NOTES.connect(note)


def note_unawaited(coroutine: Any) -> None:
    """Note that a coroutine is gone that nobody ever awaited: Python would print a warning."""
    code = coroutine.cr_code
    if code.co_filename == transformer.FILENAME:
        NOTES.add("never-awaited", program_line() or code.co_firstlineno)
    elif code is CALL_ASYNC and program_line():
        NOTES.add("never-awaited", program_line())


_TYPICAL = """
import asyncio, json, re, math, datetime, collections
from dataclasses import dataclass

@dataclass
class Row:
    name: str
    amount: float = 0.0

async def main():
    first, second = await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))
    return first + second

rows = [Row(f"row {n}", n * 1.5) for n in range(5)]
try:
    raise ValueError("no")
except ValueError as error:
    print(f"{error}: {sum(row.amount for row in rows):.2f}")
total = asyncio.run(main())
{"names": [row.name for row in rows if row.amount > 1], "total": total, "text": json.dumps([1, 2])}
"""
_CALLING = """
found = f(1, key="k")
also = g("t", x)
[found["name"], also, [f(row) for row in rows]]
"""
_GATHERING = """
import asyncio
results = await asyncio.gather(*(g(n) for n in range(3)))
await asyncio.sleep(0.1)
results
"""


def warm_up() -> None:
    """Run typical programs while the guest is built: nothing of them stays but the interpreter's own caches."""
    connect(_answer_all, lambda _text: None, lambda _code, _line: None, lambda: 0)
    inputs = {"x": 21, "rows": [{"name": "a", "amount": 1.5}], "text": "t"}
    head = {"inputs": [*inputs], "functions": [["f", False, False], ["g", True, False]], "seed": 0, "now": 0,
            "value_bytes": 10_000_000, "guarded": True, "stack_depth": 256,
            "compiled": None, "compile_only": False}  # fmt: skip
    for source in ("x * 2", _TYPICAL, _CALLING, _GATHERING, "1 / 0", "def f(:"):
        run("\n".join([_dumps({**head, "source": source}), *map(values.encode, inputs.values())]))
    compiled = codes.to_text(transformer.compile_program(_TYPICAL))
    run("\n".join([_dumps({**head, "source": _TYPICAL, "compiled": compiled}), *map(values.encode, inputs.values())]))
    prepare()


def _answer_all(progress: str) -> str:
    """Answer every call that is waited for with a small value."""
    head = _loads(progress.split("\n")[0], 0)[0]
    now = head["wake_at"] or TURNS.now
    outcomes = _dumps({"now": now, "outcomes": [[number, None] for number in head["waiting"]]})
    return "\n".join([outcomes, *('{"id":1,"name":"a"}' for _ in head["waiting"])])


def prepare() -> int:
    """Touch what every program needs, before there is a program; return the size of the memory in bytes.

    This is part of what a fresh isolate is: it is done in each, whether it was made ahead of need or not.
    """
    code = transformer.compile_program("x * 2").code
    namespace = _namespace({"x": 1}, [])
    exec(code, namespace)  # noqa: S102 - a constant
    values.decode(values.encode(namespace[VALUE]))
    return TURNS.memory()


def run(request: str) -> str:
    """Run the program of a request and return the last message: its value, or the report of its failure.

    The request's first line names source, inputs, functions, seed, time and limits; each further line is the wire
    value of one input.
    """
    lines = request.split("\n")
    head = _loads(lines[0], 0)[0]
    source: str = head["source"]
    TURNS.begin(head["now"], head["value_bytes"])
    _SEEDING.begin(head["seed"])
    NOTES.begin()
    OUTPUT.begin()
    report, text = _run(head, source, lines[1:])
    _flush()
    head_line = f'{{"error":{_dumps(report)},"memory":{TURNS.memory()}}}'
    return head_line if report is not None else f"{head_line}\n{text}"


def _run(head: dict[str, Any], source: str, inputs: list[str]) -> tuple[reports.Report | None, str]:
    compiled = _compile(head, source) if head["compiled"] is None else codes.of_text(head["compiled"])
    if not isinstance(compiled, transformer.Compiled):
        return compiled, ""
    for code, line in compiled.notes:
        NOTES.add(code, line)
    if head["compile_only"]:
        return _compiled_text(compiled, source, head["value_bytes"])
    return _run_compiled(compiled, head, source, inputs)


def _run_compiled(
    compiled: transformer.Compiled, head: dict[str, Any], source: str, inputs: list[str]
) -> tuple[reports.Report | None, str]:
    names = [*head["inputs"], *(name for name, *_ in head["functions"])]
    namespace = _namespace(
        {name: values.decode(text) for name, text in zip(head["inputs"], inputs, strict=True)}, head["functions"]
    )
    if not head["guarded"]:
        # Without the policy a program sees Python's own builtins, and imports whatever is in the guest.
        namespace["__builtins__"] = builtins
    try:
        with _depth_of(head["stack_depth"]):
            _execute(compiled.code, namespace)
    except BaseException as error:  # noqa: BLE001 - whatever a program raises is its answer
        return _report_of(error, source, names, namespace), ""
    value = namespace.get(VALUE)
    if value is None and compiled.advice is not None:
        NOTES.add(*compiled.advice)
    try:
        return None, values.encode(value, max_bytes=head["value_bytes"])
    except ValueRejected as error:
        return reports.of_value(error, source, _last_line(compiled.code)), ""
    except BaseException as error:  # noqa: BLE001 - a value may run code of the program while it is read
        return _report_of(error, source, names, namespace), ""


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


def _compile(head: dict[str, Any], source: str) -> transformer.Compiled | reports.Report:
    functions = [name for name, *_ in head["functions"]]
    try:
        return transformer.compile_program(source, guarded=head["guarded"], functions=functions)
    except transformer.PolicyRefused as refused:
        return reports.of_policy(refused, source)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return reports.of_syntax(error, source)


def _compiled_text(compiled: transformer.Compiled, source: str, max_bytes: int) -> tuple[reports.Report | None, str]:
    try:
        return None, values.encode(codes.to_text(compiled), max_bytes=max_bytes)
    except ValueRejected as error:
        return reports.of_value(error, source), ""


def _execute(code: Any, namespace: dict[str, Any]) -> None:
    if code.co_flags & inspect.CO_COROUTINE:
        main = eval(code, namespace)  # noqa: S307 - this is what the isolate is for
        loop.run(_awaiting_value(main, namespace, _last_line(code)))
        return
    exec(code, namespace)  # noqa: S102 - this is what the isolate is for
    if type(namespace.get(VALUE)) is types.CoroutineType:
        loop.run(_awaiting_value(None, namespace, _last_line(code)))


async def _awaiting_value(main: Any, namespace: dict[str, Any], line: int | None) -> None:
    """Run the program, and what its last expression left to be awaited."""
    if main is not None:
        await main
    value: Any = namespace.get(VALUE)
    if type(value) is types.CoroutineType or issubclass(type(value), asyncio.Future):
        NOTES.add("coroutine-awaited", line or 0)
        namespace[VALUE] = None
        namespace[VALUE] = await value


def _report_of(error: BaseException, source: str, names: list[str], namespace: dict[str, Any]) -> reports.Report:
    if issubclass(type(error), MemoryError):
        _RESERVE.clear()
        namespace.clear()
    by_function = TURNS.is_failure_of_function(error)
    try:
        return reports.of_exception(error, source, by_function=by_function, names=names, namespace=namespace)
    except BaseException:  # noqa: BLE001 - what an exception of the program's own says of itself may do anything
        return reports.of_unreadable()


def _last_line(code: Any) -> int | None:
    """Return the line of the program's last statement: nothing of the program's own code stands below it."""
    return max((line for _, _, line in code.co_lines() if line), default=None)


def _namespace(inputs: dict[str, Any], functions: list[list[Any]]) -> dict[str, Any]:
    namespace = {
        "__name__": owners.MODULE_NAME,
        "__builtins__": BUILTINS,
        attributes.GETATTR: guards.read_attribute,
        attributes.WRITE: guards.writable,
        attributes.TYPE: type,
        attributes.STR: str,
        attributes.PLAIN: owners.PLAIN,
        attributes.TEXTS: guards.TEXTS,
    }
    known = {name: make_function(name, is_async=is_async) for name, is_async, _ in functions}
    namespace["flyte_map"] = make_map(known, frozenset(name for name, _, is_task in functions if is_task))
    namespace.update(known)
    namespace.update(inputs)
    return namespace
