"""The report of a run: one HTML page with its source, its calls on a time line, what it printed and what it used.

Whatever a program says is hostile: every text is escaped and cut, so that a report has a bounded size; there are no
scripts, and the page's own policy allows none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.calls import CallRecord
from sandbox.execute import Finished, Usage
from sandbox.limits import Limits
from sandbox.options import Link
from sandbox.policy import NOTES
from sandbox.report_page import escaped, page
from sandbox.shown import cut, shown
from sandbox.turns import ErrorReport, Note

MAX_REPORT_BYTES = 4 * 2**20
"""No report is larger; those of ordinary runs have some 10 KB."""
_MAX_TEXT = 64 * 1024
_MAX_LINE = 1_000
_MAX_CALLS = 200
_MAX_ROWS = 50
_MAX_INPUTS = 100
_MAX_NAME = 256
_WIDTH = 1_000
# A call that took no time is seen all the same.
_NARROWEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a report tells of, beside how the run ended."""

    id: str
    name: str
    source: str
    """On the lines that errors name."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits
    links: tuple[Link, ...] = ()
    engine: str = ""
    """Name and version."""


def report_of(run: Reported, finished: Finished) -> str:
    """Return the report of a run as an HTML document of its own, at most `MAX_REPORT_BYTES` in UTF-8."""
    sections = [
        _header(run, finished),
        _error(finished.error),
        _usage(finished, run.limits),
        _section("Value", _pre(shown(finished.value, _MAX_TEXT))) if finished.error is None else "",
        _calls(finished.calls),
        _section("Printed", _printed(finished)) if finished.output else "",
        _section("Inputs", _rows("input", ((name, shown(one)) for name, one in run.inputs.items()), len(run.inputs))),
        _section("Source", _source(run.source, finished.error)),
        _notes(finished.notes),
        f"<footer>{escaped(cut(run.engine, _MAX_NAME))}</footer>",
    ]
    return page(f"{cut(run.name, _MAX_NAME)} \u00b7 {run.id}", "\n".join(filter(None, sections)))


def _header(run: Reported, finished: Finished) -> str:
    failed = finished.error is not None
    how = "failed" if failed else "kept from an earlier run" if finished.cached else "completed"
    status = f'<span class="status{" failed" if failed else ""}">{how}</span>'
    links = "".join(
        f' \u00b7 <a href="{escaped(one.url)}" rel="noreferrer noopener">{escaped(one.name)}</a>' for one in run.links
    )
    return f"<header><h1>{escaped(cut(run.name, _MAX_NAME))}</h1>{status}<p>{escaped(run.id)}{links}</p></header>"


def _error(error: ErrorReport | None) -> str:
    if error is None:
        return ""
    lines = [f"<p><strong>{escaped(cut(error.type, _MAX_NAME))}</strong>: {escaped(cut(error.message, 4_000))}</p>"]
    if error.hint:
        lines.append(f"<p>{escaped(cut(error.hint, 4_000))}</p>")
    frames = [
        f"line {one.line}, in {cut(one.function, _MAX_NAME)}\n    {cut(one.source, _MAX_LINE)}"
        for one in error.traceback[:_MAX_ROWS]
    ]
    trace = _pre("\n".join(frames)) if frames else ""
    return f'<section class="error"><h2>Error: {escaped(error.kind)}</h2>{"".join(lines)}{trace}</section>'


def _counted(used: Usage, limits: Limits) -> list[tuple[str, str, str]]:
    """Return the tiles of what not every engine counts."""
    tiles = []
    if used.fuel is not None:
        tiles.append(("fuel", f"{used.fuel:,}", f"{used.fuel / limits.fuel:.1%} of {limits.fuel:,}"))
    if used.memory_bytes is not None:
        memory = f"{used.memory_bytes / 2**20:,.1f} MiB"
        tiles.append(("memory", memory, f"of {limits.memory_bytes / 2**20:,.0f} MiB"))
    return tiles


def _usage(finished: Finished, limits: Limits) -> str:
    used = finished.usage
    tiles = [
        ("wall time", f"{used.wall_seconds * 1000:,.1f} ms", f"of {limits.wall_seconds:g} s"),
        ("processor time", f"{used.cpu_seconds * 1000:,.1f} ms", f"of {limits.cpu_seconds:g} s"),
        *_counted(used, limits),
        ("calls", f"{used.calls:,}", f"of {limits.calls:,}"),
        ("printed", f"{used.output_bytes:,} bytes", f"of {limits.output_bytes:,}"),
    ]
    listed = "".join(
        f"<div><dt>{name}</dt><dd>{amount}<small>{bound}</small></dd></div>" for name, amount, bound in tiles
    )
    return f"<section><dl>{listed}</dl></section>"


def _calls(calls: tuple[CallRecord, ...]) -> str:
    if not calls:
        return ""
    listed = calls[:_MAX_CALLS]
    start = min(one.started_seconds for one in listed)
    whole = max(one.started_seconds + one.duration_seconds for one in listed) - start or 1.0
    rows = "".join(_call(one, start, whole) for one in listed)
    head = f'<tr><th>#</th><th>call</th><th>outcome</th><th class="time">time, {whole * 1000:,.1f} ms in all</th></tr>'
    return _section("Calls", f"<table>{head}{rows}</table>{_left_out(len(calls) - len(listed), 'call')}")


def _call(call: CallRecord, start: float, whole: float) -> str:
    arguments = ", ".join(f"{name}={shown(one, 100)}" for name, one in [*call.arguments.items()][:_MAX_ROWS])
    made = escaped(cut(f"{cut(call.function, _MAX_NAME)}({arguments})", 600))
    if call.failure is None:
        outcome = escaped(shown(call.value) if call.status == "settled" else call.status)
    else:
        outcome = f'<span class="raised">{escaped(cut(f"{call.failure.type}: {call.failure.message}", 600))}</span>'
    left = (call.started_seconds - start) / whole * _WIDTH
    wide = max(_NARROWEST, call.duration_seconds / whole * _WIDTH)
    kind = "bar bad" if call.failure is not None else "bar"
    bar = (
        f'<svg viewBox="0 0 {_WIDTH} 20" preserveAspectRatio="none" role="img"><rect class="track" width="{_WIDTH}" '
        f'y="9" height="2"/><rect class="{kind}" x="{min(left, _WIDTH - wide):.1f}" y="3" width="{wide:.1f}" '
        f'height="14" rx="2"/></svg><small>{call.duration_seconds * 1000:,.1f} ms{_at(call)}</small>'
    )
    return f"<tr><td>{call.number}</td><td>{made}</td><td>{outcome}</td><td>{bar}</td></tr>"


def _at(call: CallRecord) -> str:
    line = f", line {call.line}" if call.line else ""
    return f"{line}, {call.attempts} attempts" if call.attempts > 1 else line


def _printed(finished: Finished) -> str:
    more = "" if not finished.output_truncated else '<p class="note">The limit output_bytes was reached here.</p>'
    return _pre(cut(finished.output, _MAX_TEXT)) + more


def _source(source: str, error: ErrorReport | None) -> str:
    at = {frame.line for frame in error.traceback} if error is not None else set()
    lines = cut(source, _MAX_TEXT).split("\n")[: _MAX_TEXT // 16]
    marks = (' class="at"' if number in at else "" for number in range(1, len(lines) + 1))
    marked = (f"<span{mark}>{escaped(line)}</span>" for mark, line in zip(marks, lines, strict=True))
    return f'<pre class="source">{"".join(marked)}</pre>'


def _notes(notes: tuple[Note, ...]) -> str:
    rows = ((f"line {one.line}", NOTES[one.code]) for one in notes)
    return _section("Notes", _rows("note", rows, len(notes)))


def _rows(what: str, rows: Iterable[tuple[str, str]], count: int) -> str:
    if not count:
        return ""
    listed = [row for row, _ in zip(rows, range(_MAX_INPUTS), strict=False)]
    cells = "".join(f"<tr><td>{escaped(cut(name, 200))}</td><td>{escaped(text)}</td></tr>" for name, text in listed)
    return f'<table class="pairs">{cells}</table>{_left_out(count - len(listed), what)}'


def _left_out(count: int, what: str) -> str:
    return f'<p class="note">{count:,} more {what}{"s" if count > 1 else ""} left out</p>' if count > 0 else ""


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>" if body else ""


def _pre(text: str) -> str:
    return f"<pre>{escaped(text)}</pre>"
