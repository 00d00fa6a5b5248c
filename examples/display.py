"""What the demo prints: programs, calls and answers, in colour on a terminal and plain everywhere else."""

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from examples.catalogue import Example

_WIDTH = 100
_BOLD, _DIM, _RED, _GREEN, _CYAN = "1", "2", "31", "32", "36"


def headline(text: str) -> None:
    """Say what this is."""
    print(_paint(f"Isthmus demo: {text}", _BOLD), flush=True)


def command(text: str) -> None:
    """Show a command line."""
    print(f"\n$ {_paint(text, _CYAN)}", flush=True)


def note(text: str) -> None:
    """Say something on the side."""
    print(_paint(f"  {text}", _DIM), flush=True)


def problem(text: str) -> None:
    """Say what is wrong."""
    print(_paint(f"  WRONG: {text}", _RED), flush=True)


def summary(*, total: int, wrong: int, seconds: float) -> None:
    """Say how it went."""
    text = f"{total - wrong} of {total} answers as expected, {seconds:.1f} s in all"
    print(f"\n{_paint(text, _RED if wrong else _GREEN)}", flush=True)


def program(example: Example, port: int) -> None:
    """Show a program and the command that would send it."""
    rule = "-" * max(3, _WIDTH - len(example.file) - len(example.title) - 6)
    print(f"\n{_paint(f'-- {example.file}: {example.title} {rule}', _BOLD)}")
    for number, line in enumerate(example.source.splitlines(), 1):
        print(f"{_paint(f'{number:>4}', _DIM)}  {line}")
    command(_curl(example, port))


def answer(status: int, run: dict[str, Any]) -> None:
    """Show the answer: calls, printed text, value or error, usage."""
    if status != 200:
        print(f"  HTTP {status} {json.dumps(run)}")
        return
    _calls(run["calls"], run["usage"])
    for line in run["stdout"].splitlines():
        print(f"  {_paint('printed', _DIM)}  {line}")
    if run["error"] is None:
        print(f"  {_paint(run['status'], _GREEN)}  {_shorten(json.dumps(run['output']), 400)}")
    else:
        _error(run["status"], run["error"])
    usage = run["usage"]
    note(
        f"{usage['fuel']:,} instructions, {usage['cpu_ms']:.1f} ms of processor time, {usage['wall_ms']:.1f} ms in all"
    )


def _curl(example: Example, port: int) -> str:
    """Return a command that sends the program; jq puts the file into the body."""
    body = {name: value for name, value in example.body().items() if name != "source"}
    fields = "".join(f", {name}: {json.dumps(value)}" for name, value in body.items())
    return (
        f"jq -Rs '{{source: .{fields}}}' examples/programs/{example.file} \\\n"
        f"    | curl -s http://127.0.0.1:{port}/orchestrate --json @-"
    )


def _calls(calls: Sequence[dict[str, Any]], usage: dict[str, Any]) -> None:
    for call in calls:
        arguments = ", ".join(f"{name}={json.dumps(value)}" for name, value in call["arguments"].items())
        failure = call["error"]
        outcome = f"{failure['type']}: {failure['message']}" if failure else json.dumps(call["output"])
        colour = _RED if failure else None
        text = f"{call['function']}({_shorten(arguments, 100)}) -> {_paint(_shorten(outcome, 60), colour)}"
        print(f"  {_paint('call', _DIM)}  {call['duration_ms']:>7.1f} ms  line {call['line']:>2}  {text}")
    together = sum(call["duration_ms"] for call in calls)
    if together > usage["wall_ms"]:
        note(f"{len(calls)} calls: {together:,.0f} ms if one after the other, {usage['wall_ms']:,.0f} ms in this run")


def _error(status: str, error: dict[str, Any]) -> None:
    head = f"{error['type']}: {error['message']}"
    print(f"  {_paint(status, _RED)}  kind {error['kind']!r}, {head}")
    for frame in error["traceback"]:
        print(f"    line {frame['line']}, column {frame['column']}, in {frame['function']}:  {frame['source']}")
    if error["hint"]:
        print(f"    {_paint('hint', _BOLD)}  {_shorten(error['hint'], 400)}")


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."


def _paint(text: str, colour: str | None) -> str:
    plain = colour is None or not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return text if plain else f"\033[{colour}m{text}\033[0m"
