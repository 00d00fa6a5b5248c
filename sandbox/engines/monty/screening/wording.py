"""The words of a program's text, without its comments and strings: looked at, never parsed.

Both texts here are as long as the program's own, with spaces in the place of what is left out: an offset in one of them
is the same place in all. Work is linear in the length.
"""

import re
from dataclasses import dataclass

from sandbox.source import TEXTS

_NOT_NEWLINE = re.compile(r"[^\n]")
_PREFIX = re.compile(r"[A-Za-z]{1,3}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A program's text in two layers."""

    source: str
    code: str
    """Without comments, and of strings the quotation marks only."""
    fields: str
    """Nothing but what stands in the braces of f-strings."""

    @staticmethod
    def of(source: str) -> "Wording":
        """Take a text apart."""
        code: list[str] = []
        fields: list[str] = []
        end = 0
        for found in TEXTS.finditer(source):
            before, text = source[end : found.start()], found[0]
            blank = _NOT_NEWLINE.sub(" ", text)
            code += [before, blank if text[0] == "#" else _quoted(text, blank)]
            prefix = _PREFIX.search(before[-3:])
            inside = _in_braces(text) if prefix is not None and "f" in prefix[0].lower() else blank
            fields += [_NOT_NEWLINE.sub(" ", before), inside]
            end = found.end()
        code.append(source[end:])
        fields.append(_NOT_NEWLINE.sub(" ", source[end:]))
        return Wording(source=source, code="".join(code), fields="".join(fields))

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, counted from 1."""
        line = self.source.count("\n", 0, offset) + 1
        return line, offset - self.source.rfind("\n", 0, offset)


def _quoted(text: str, blank: str) -> str:
    return text[0] + blank[1:-1] + (text[-1] if text[-1] in "\"'" else blank[-1]) if len(text) > 1 else text


def _in_braces(text: str) -> str:
    """Return a text with spaces outside of its braces; doubled ones are none."""
    shown, depth = [], 0
    for part in re.split(r"(\{\{|\}\}|[{}])", text):
        if part == "{":
            depth += 1
        elif part == "}":
            depth = max(0, depth - 1)
        shown.append(part if depth and part not in ("{", "{{", "}}") else _NOT_NEWLINE.sub(" ", part))
    return "".join(shown)
