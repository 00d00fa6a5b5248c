"""Whether the engine of `flyte.sandbox` can run a source: asked of that engine itself, without running any of it."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from sandbox import policy
from sandbox.extend.extra import needed
from sandbox.source import without_texts

_LIMITS = {"max_feed_duration_secs": 5.0, "max_memory": 64 * 2**20}
_IMPORT = re.compile(r"^[ \t]*((?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]+([^\n;]+))", re.MULTILINE)
_AIO = re.compile(r"\.\s*aio\b")
# What Flyte gives to its programs, as Isthmus does.
_GIVEN_THERE = frozenset({"flyte_map", "print"})


def refusals(source: str, *, names: Iterable[str], functions: Iterable[str], is_async: bool) -> list[str]:
    """Return why the engine cannot run a source, a line a reason; nothing when it can, as far as it says before.

    What shows only while a program runs (a method that a type lacks there, the clock, random numbers) is not found.

    Args:
        names: what the source reads.
        is_async: whether it has anything that is async.

    Raises:
        ImportError: the extra `flyte` is not installed.
    """
    monty = needed("pydantic_monty", by="to_flyte()")
    plain = without_texts(source)
    found = []
    if [*functions] and (is_async or _AIO.search(plain)):
        found.append("functions give their values there, and nothing awaits: call them without await, .aio and gather")
    known = {*policy.BUILTINS, *policy.GUARDED_BUILTINS, *policy.GIVEN} - _GIVEN_THERE
    with monty.Monty(min_processes=0) as pool, pool.checkout(limits=_LIMITS) as session:
        # Compiled as a whole, and not entered.
        found += _fed(monty, session, "if False:\n    pass\n" + textwrap.indent(source, "    "))
        for statement in [*_imports(plain), *sorted(known.intersection(names))]:
            found += _fed(monty, session, statement)
    return found


def _fed(monty: Any, session: Any, text: str) -> list[str]:
    try:
        session.feed_run(text, inputs={})
    except monty.MontyError as error:
        return [str(error)]
    return []


def _imports(source: str) -> Iterator[str]:
    """Yield each import statement, of those over several lines the module alone."""
    for statement, module, imported in _IMPORT.findall(source):
        whole = not imported.rstrip().endswith("\\") and "(" not in imported
        yield statement.strip() if whole else f"import {module}"
