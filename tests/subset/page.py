"""The subset as sections of docs/engines.md: the rest of the page is written by hand."""

import re
import textwrap
from collections.abc import Iterable

from tests.subset.probe import ANOTHER_VALUE, Subset

BEGIN, END = "<!-- made by python -m tests.conformance.test_subset -->", "<!-- end of what is made -->"
_NOT_YET = "The monty syntax parser does not yet support "


def page_with(subset: Subset, page: str) -> str:
    """Return the page with its tables as they are now."""
    made = "\n".join([BEGIN, "", *map(_wrapped, _sections(subset)), "", END])
    return re.sub(f"{BEGIN}.*{END}", lambda _: made, page, flags=re.DOTALL)


def _sections(subset: Subset) -> list[str]:
    return [
        "### Kinds of syntax and what goes with it",
        "",
        "A program of each kind ran on both. Where `monty` has another value, nothing is refused: `auto` takes `cpython`.",
        "",
        "| | `cpython` | `monty` |",
        "| --- | --- | --- |",
        *(f"| {name.replace('|', '&#124;')} | yes | {_told(why)} |" for name, why in subset.constructs.items()),
        "",
        "### Modules",
        "",
        f"`monty` has {_listed(name for name, lacking in subset.members.items() if not lacking)}, and in part:",
        "",
        *(f"- `{name}`, without {_listed(lacking)}" for name, lacking in subset.members.items() if lacking),
        "",
        f"It lacks {_listed(subset.modules)}.",
        "",
        "### Builtins",
        "",
        f"`monty` lacks {_listed(subset.builtins)}.",
        "",
        "### Special methods of classes",
        "",
        f"`monty` does not call, or not in the same way: {_listed(subset.specials)}.",
        "",
        "### Attributes of built-in types",
        "",
        "Methods are there where they are called: `key=d.get` is refused while the program runs, `key=lambda k: d.get(k)` is not.",
        "",
        "| type | `monty` lacks |",
        "| --- | --- |",
        *(f"| `{kind}` | {_listed(lacking)} |" for kind, lacking in subset.attributes.items() if lacking),
        f"| {_listed(kind for kind, lacking in subset.attributes.items() if not lacking)} | nothing |",
    ]


def _wrapped(line: str) -> str:
    """Break a line of text where a line of code would be; rows of tables and headings stay."""
    if line.startswith(("|", "#")):
        return line
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _told(why: str | None) -> str:
    if why is None:
        return "yes"
    if why == ANOTHER_VALUE:
        return "**another value**"
    return f"no: {why.removeprefix(_NOT_YET)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
