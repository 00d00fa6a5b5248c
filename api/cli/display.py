"""A run as a person reads it on a terminal. Control characters of what a program printed are made visible."""

import json
from typing import Any

from sandbox.policy import NOTES
from sandbox.turns import ErrorReport
from service.runs.record import Run, RunCall

_MAX_VALUE = 100


def run_display(run: Run) -> str:
    """Return the text of a run: what it printed, its value or error, notes, calls, usage."""
    lines = []
    if run.stdout:
        lines += [_visible(run.stdout.rstrip("\n")), ""]
    lines += (
        _error(run.error) if run.error else [f"value: {_visible(json.dumps(run.output, ensure_ascii=False, indent=2))}"]
    )
    if run.notes:
        lines += ["", *(f"note, line {note.line}: {NOTES[note.code]}" for note in run.notes)]
    if run.calls:
        lines += ["", f"calls ({run.usage.calls}):", *(f"  {_call(call)}" for call in run.calls)]
        if run.usage.calls > len(run.calls):
            lines.append(f"  and {run.usage.calls - len(run.calls)} more")
    return "\n".join([*lines, "", _usage(run), ""])


def _error(error: ErrorReport) -> list[str]:
    lines = [f"failed ({error.kind}): {_visible(error.type)}: {_visible(error.message)}"]
    for frame in error.traceback:
        lines.append(f"  line {frame.line} in {_visible(frame.function)}")
        if frame.source:
            lines.append(f"    {_visible(frame.source)}")
    return [*lines, f"hint: {_visible(error.hint)}"] if error.hint else lines


def _call(call: RunCall) -> str:
    arguments = ", ".join(f"{name}={_short(value)}" for name, value in call.arguments.items())
    if call.error is not None:
        end = f"raised {_visible(call.error.type)}: {_visible(call.error.message)[:_MAX_VALUE]}"
    else:
        end = f"= {_short(call.output)}" if call.status == "settled" else call.status
    line = f"line {call.line}: " if call.line else ""
    return f"{line}{call.function}({arguments}) {end}  [{call.duration_seconds * 1000:.1f} ms]"


def _usage(run: Run) -> str:
    used = run.usage
    parts = [f"{used.wall_seconds * 1000:.1f} ms", f"{used.cpu_seconds * 1000:.1f} ms computing"]
    if used.fuel is not None:
        parts.append(f"{used.fuel:,} instructions")
    if used.memory_bytes is not None:
        parts.append(f"{used.memory_bytes / 2**20:.1f} MiB")
    return f"usage: {', '.join(parts)}"


def _short(value: Any) -> str:
    text = _visible(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 3] + "..."


def _visible(text: str) -> str:
    """Return text without what a terminal obeys."""
    return "".join(one if one.isprintable() or one in "\n\t" else one.encode("unicode_escape").decode() for one in text)
