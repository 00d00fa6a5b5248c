"""The text that a source begins with, which documents it: found by its quotes, nothing is parsed."""

import inspect
import re

_LEADING = re.compile(
    r"(?:[ \t]*(?:\#[^\n]*)?\n)*[ \t]*"
    r"(?:\"\"\"(?P<a>(?:[^\"\\]|\\.|\"(?!\"\"))*)\"\"\"|'''(?P<b>(?:[^'\\]|\\.|'(?!''))*)'''"
    r"|\"(?P<c>(?:[^\"\\\n]|\\.)*)\"|'(?P<d>(?:[^'\\\n]|\\.)*)')"
    r"[ \t]*(?:\#[^\n]*)?(?:;|\n|\Z)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\([\\'\"ntr\n])")
_MEANING = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
_LONGEST = 20_000


def leading_text(source: str) -> str | None:
    """Return the text, without its indentation, None when the source begins with something else."""
    match = _LEADING.match(source[:_LONGEST])
    if match is None:
        return None
    text = next(group for group in match.groups() if group is not None)
    return inspect.cleandoc(_ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]), text)) or None
