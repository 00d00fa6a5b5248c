"""Rows of the result and how they are written, on the terminal and into `results.md`."""

import datetime
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured quantity."""

    what: str
    figure: str
    against: str = ""
    ratio: str = ""
    aim: str = ""
    met: bool | None = None
    """None when there is no aim."""
    noise: float = 0.0
    """How far the samples vary, as a share; beyond `SETTLED`, whether the aim is met is not said."""


# Beyond this, another run on the same machine may well say the opposite.
SETTLED = 0.25
_HEAD = ("what", "figure", "against", "ratio", "aim", "")


def as_text(rows: Sequence[Row]) -> str:
    """Return the rows as a table for a terminal."""
    lines = [_HEAD, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [_HEAD, ("---",) * len(_HEAD), *map(_cells, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def machine() -> list[str]:
    """Describe what it was measured on, without names or paths."""
    return [
        f"{os.cpu_count()} cores, {_processor()}",
        f"{platform.system()} {platform.release().partition('-')[0]}, {platform.machine()}",
        f"{platform.python_implementation()} {platform.python_version()}",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}",
    ]


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {True: "met", False: "missed", None: ""}[row.met]
    if verdict and row.noise > SETTLED:
        verdict = "not settled"
    return (row.what, row.figure, row.against, row.ratio, row.aim, verdict)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown processor"
