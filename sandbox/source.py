"""Source text as it was sent, and as it runs: dedented and stripped, on the same lines.

Lines and columns in an answer refer to the text as it was sent.
"""

import dataclasses
import re
import textwrap
from dataclasses import dataclass

from sandbox.turns import ErrorReport, Frame

_NEWLINE = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A program's text."""

    text: str
    """Dedented and stripped; `None` when there was nothing but space."""
    first_line: int
    """How many lines of the text as sent stand above."""
    margin: int
    """How many columns of indentation all lines had."""
    first_margin: int
    """How many columns more the first line had."""

    @staticmethod
    def of(sent: str) -> "Source":
        """Return what to run of the text that was sent."""
        text = _NEWLINE.sub("\n", sent)
        margin = 0
        first = next((line for line in text.split("\n") if line.strip()), "")
        # Text that is not indented is left alone: dedenting would also empty blank lines inside of strings.
        if first[:1] in (" ", "\t"):
            dedented = textwrap.dedent(text)
            dedented_first = next((line for line in dedented.split("\n") if line.strip()), "")
            margin = len(first) - len(dedented_first)
            text = dedented
        stripped = text.lstrip()
        above = text[: len(text) - len(stripped)]
        return Source(
            text=stripped.rstrip() or "None",
            first_line=above.count("\n"),
            margin=margin,
            first_margin=len(above) - above.rfind("\n") - 1 if above else 0,
        )

    def program(self) -> str:
        """Return the text that runs: every line stands where it was sent."""
        return "\n" * self.first_line + self.text

    def restore(self, report: ErrorReport) -> ErrorReport:
        """Return the report with the columns of the text as it was sent."""
        if not self.margin and not self.first_margin:
            return report
        return dataclasses.replace(report, traceback=tuple(self._restore(frame) for frame in report.traceback))

    def _restore(self, frame: Frame) -> Frame:
        if frame.column is None:
            return frame
        more = self.first_margin if frame.line == self.first_line + 1 else 0
        return dataclasses.replace(frame, column=frame.column + self.margin + more)
