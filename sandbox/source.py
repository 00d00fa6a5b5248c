"""Source text: what runs of the text that was sent, on the same lines; and what was done to it, as notes.

A markdown fence, the byte-order mark, the indentation that all lines have in common and space around the text are
removed. Lines and columns in an answer refer to the text as it was sent. Nothing here parses Python: the text is
scanned for strings and comments, so that a fence inside of a string is left alone.
"""

import dataclasses
import re
import textwrap
from dataclasses import dataclass
from typing import TypeVar

from sandbox.turns import ErrorReport, Frame, Note, Violation

_Placed = TypeVar("_Placed", Frame, Violation)
_NEWLINE = re.compile(r"\r\n?")
_MARK = "\ufeff"
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
# A comment or a string, also one that does not end. Each alternative reads on at every character and takes whatever
# it has read, also up to a last backslash, so it is linear.
TEXTS = re.compile(
    r"""\#[^\n]*|\"{3}(?:\\.|[^\\])*?(?:\"{3}|\\?\Z)|'{3}(?:\\.|[^\\])*?(?:'{3}|\\?\Z)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?""",
    re.DOTALL,
)
_PYTHON = frozenset({"", "python", "py", "python3", "python3.14", "pycon", "ipython"})


def without_texts(source: str) -> str:
    """Return a source with nothing in the place of its comments and strings: for looking at its words."""
    return TEXTS.sub(lambda match: "\n" * match[0].count("\n"), source)


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
    notes: tuple[Note, ...] = ()
    """What was done to the text."""

    @staticmethod
    def of(sent: str) -> "Source":
        """Return what to run of the text that was sent."""
        notes: list[Note] = []
        text = _NEWLINE.sub("\n", sent)
        marked = text.startswith(_MARK)
        if marked:
            notes.append(Note(code="mark-removed", line=1))
            text = text[len(_MARK) :]
        text, margin = _dedented(_without_fence(text, notes))
        stripped = text.lstrip()
        above = text[: len(text) - len(stripped)]
        first_line, first_margin = above.count("\n"), len(above) - above.rfind("\n") - 1
        if stripped and (margin or first_margin):
            notes.append(Note(code="indentation-removed", line=first_line + 1))
        return Source(
            text=stripped.rstrip() or "None",
            first_line=first_line,
            margin=margin,
            # Whoever counts in the text as sent counts the mark as well.
            first_margin=first_margin + (len(_MARK) if marked and first_line == 0 else 0),
            notes=tuple(notes),
        )

    @staticmethod
    def as_sent(sent: str) -> "Source":
        """Return a text that nobody looked at: one that is too long to be run."""
        return Source(text=sent, first_line=0, margin=0, first_margin=0)

    def program(self) -> str:
        """Return the text that runs: every line stands where it was sent."""
        return "\n" * self.first_line + self.text

    def restore(self, report: ErrorReport) -> ErrorReport:
        """Return the report with the columns of the text as it was sent."""
        if not self.margin and not self.first_margin:
            return report
        return dataclasses.replace(
            report,
            traceback=tuple(self._restore(frame) for frame in report.traceback),
            violations=tuple(self._restore(violation) for violation in report.violations),
        )

    def column_as_sent(self, line: int | None, column: int) -> int:
        """Return the column of the text as it was sent that is this one of what runs."""
        return column + self.margin + (self.first_margin if line == self.first_line + 1 else 0)

    def _restore(self, place: _Placed) -> _Placed:
        if place.column is None:
            return place
        return dataclasses.replace(place, column=self.column_as_sent(place.line, place.column))


def _dedented(text: str) -> tuple[str, int]:
    """Return the text without the indentation that all lines have, and how much that is."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    # Text that is not indented is left alone: dedenting would also empty blank lines inside of strings.
    if first[:1] not in (" ", "\t"):
        return text, 0
    dedented = textwrap.dedent(text)
    dedented_first = next((line for line in dedented.split("\n") if line.strip()), "")
    return dedented, len(first) - len(dedented_first)


@dataclass(frozen=True, slots=True)
class _Fence:
    """A line that begins or ends a block."""

    start: int
    end: int
    marks: str
    language: str


def _without_fence(text: str, notes: list[Note]) -> str:
    """Return the inside of the only fenced block, every line where it was; the text itself when there is none.

    A line of backticks or tildes outside of a string is no Python, so nothing that could run is changed. Where there
    are several blocks nobody knows which one is meant: the text is left as it is, and the parser refuses it.
    """
    opening = _next_fence(text, 0)
    if opening is None or opening.language.lower() not in _PYTHON:
        return text
    if not text[opening.end :].strip():
        # Only the end of a block was sent.
        notes.append(Note(code="fence-removed", line=text.count("\n", 0, opening.start) + 1))
        return text[: opening.start]
    closing = _next_fence(text, opening.end, closes=opening.marks)
    inside, after = (len(text), len(text)) if closing is None else (closing.start, closing.end)
    if _next_fence(text, after) is not None:
        return text
    above = text.count("\n", 0, opening.end)
    notes.append(Note(code="fence-removed", line=text.count("\n", 0, opening.start) + 1))
    if text[: opening.start].strip():
        notes.append(Note(code="prose-removed", line=1))
    if text[after:].strip():
        notes.append(Note(code="prose-removed", line=text.count("\n", 0, after) + 1))
    return "\n" * above + text[opening.end : inside]


def _next_fence(text: str, position: int, *, closes: str | None = None) -> _Fence | None:
    """Return the next line that is a fence and does not stand inside of a string; `closes` is the one that it ends."""
    if "```" not in text and "~~~" not in text:
        return None
    found = _FENCE.search(text, position)
    while found is not None:
        token = TEXTS.search(text, position, found.start())
        if token is not None:
            # Matched anew: the bound may have cut it off, and a string goes on beyond.
            position = max(whole.end() if (whole := TEXTS.match(text, token.start())) else 0, token.end())
        else:
            fence = _fence(text, found)
            if fence is not None and (closes is None or (fence.marks.startswith(closes) and not fence.language)):
                return fence
            position = found.end()
        if position > found.start():
            found = _FENCE.search(text, position)
    return None


def _fence(text: str, found: re.Match[str]) -> _Fence | None:
    """Return a fence, None when its line is one of backticks within a text."""
    end = text.find("\n", found.end())
    end = len(text) if end < 0 else end
    words = text[found.end() : end].split()
    if any("`" in word for word in words):
        return None
    return _Fence(found.start(), min(end + 1, len(text)), found[1], words[0] if words else "")
