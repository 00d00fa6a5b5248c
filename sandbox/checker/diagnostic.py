"""What is said about one place of a program."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding; lines and columns count characters from 1, the end is the column behind the last one.

    `error` is what certainly fails when the place is reached, `warning` what may, `info` is not about the program.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    severity: Severity
    code: str
    message: str
    hint: str | None = None
