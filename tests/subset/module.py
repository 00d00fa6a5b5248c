"""The subset as a module of the engine: words that its programs cannot use."""

import textwrap
from collections.abc import Iterable

from tests.subset.probe import Subset

_HEAD = '''"""What the interpreter lacks of what the `cpython` engine runs, as its programs name it.

Made by asking both engines: `python -m tests.conformance.test_subset` writes it anew, and a test compares.
"""
'''


def text_of(subset: Subset) -> str:
    """Return the source of the module."""
    somewhere = {name for names in subset.attributes.values() for name in names}
    present = {*subset.present, *subset.methods}
    parts = [
        _HEAD,
        "# Kinds of syntax, and what goes with it, as docs/engines.md names them.",
        _lines("NO_CONSTRUCTS", (name for name, why in subset.constructs.items() if why is not None)),
        "# Builtins.",
        _tuple("NO_BUILTINS", subset.builtins),
        "# Modules that it has -> names in them that it lacks.",
        "MODULES: dict[str, tuple[str, ...]] = {",
        *(f'    "{name}": {_names(names, 8)},' for name, names in subset.members.items()),
        "}  # fmt: skip",
        "# Further ones, which the other engine lacks.",
        _tuple("MORE_MODULES", subset.more_modules),
        "# Special methods that a class may define and that are not called.",
        _set("NO_SPECIALS", subset.specials),
        "# Attributes of built-in types that no type has here.",
        _set("NO_ATTRIBUTES", somewhere - present),
        "# Those that some type lacks here.",
        _set("SOME_ATTRIBUTES", somewhere),
        "# Methods of built-in types: there where they are called, and no values.",
        _set("METHODS", subset.methods),
    ]
    return "\n".join(parts) + "\n"


def _lines(name: str, texts: Iterable[str]) -> str:
    return "\n".join([f"{name} = (", *(f"    {_literal(text)}," for text in texts), ")"])


def _literal(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def _tuple(name: str, names: Iterable[str]) -> str:
    return f"{name} = {_names(sorted(names), 4)}  # fmt: skip"


def _set(name: str, names: Iterable[str]) -> str:
    return f"{name} = frozenset({_names(sorted(names), 4)})  # fmt: skip"


def _names(names: Iterable[str], indent: int) -> str:
    quoted = [f'"{name}"' for name in names]
    if len(quoted) < 2:
        return f"({quoted[0]},)" if quoted else "()"
    filled = textwrap.fill(
        ", ".join(quoted) + ",", 120 - 2, initial_indent=" " * indent, subsequent_indent=" " * indent
    )
    return f"(\n{filled}\n{' ' * (indent - 4)})"
