"""Asks `cpython` and the interpreter of `monty` for what they run, with small programs, and says what the latter lacks.

The interpreter is asked without the engine around it, which refuses what is written down as lacking; it is given what
every program is given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pydantic_monty

from sandbox import policy
from sandbox.engine import Engine
from sandbox.engines.monty.prelude import prelude_of
from sandbox.turns import Returned
from tests.play import play_on
from tests.subset.constructs import CONSTRUCTS
from tests.subset.samples import SAMPLES
from tests.subset.specials import PROGRAMS

Told = tuple[Any, str] | str
"""Value and printed text of a program, or why it has none."""
BUILTINS = (*policy.BUILTINS, *policy.GUARDED_BUILTINS, *policy.GIVEN)
ANOTHER_VALUE = "gives another value"


@dataclass(frozen=True, kw_only=True)
class Subset:
    """What an engine lacks of what `cpython` runs."""

    constructs: Mapping[str, str | None]
    """All of them -> why a program of this kind does not run, None when it does."""
    specials: tuple[str, ...]
    builtins: tuple[str, ...]
    modules: tuple[str, ...]
    more_modules: tuple[str, ...]
    """Modules that only the other one has."""
    members: Mapping[str, tuple[str, ...]]
    """Of modules that it has."""
    attributes: Mapping[str, tuple[str, ...]]
    """Of types that it has."""
    present: frozenset[str]
    """What some type of these has."""
    methods: tuple[str, ...]
    """What can be called on any of these types, and is no value where it is not called."""


class Interpreter:
    """pydantic-monty, a session for every program."""

    def __init__(self, pool: pydantic_monty.Monty) -> None:
        self._pool = pool

    def run(self, source: str) -> Told:
        """Run a program."""
        printed = pydantic_monty.CollectString()
        with self._pool.checkout(os_policy={"sleep": "zero"}, assert_message_annotations=False) as session:
            try:
                if given := prelude_of(source):
                    session.feed_run(given)
                return session.feed_run(source, print_callback=printed, os=_world), printed.output
            except pydantic_monty.MontyError as error:
                return str(error.exception())

    def runs(self, source: str) -> bool:
        """Say whether a program comes to its end."""
        return not isinstance(self.run(source), str)


def _world(*, name: str, **_asked: Any) -> Any:
    """Answer what the engine around the interpreter answers."""
    return {} if name == "os.environ" else pydantic_monty.NOT_HANDLED


async def probed(whole: Engine) -> Subset:
    """Return what the interpreter lacks of an engine."""
    with pydantic_monty.Monty() as pool:
        other = Interpreter(pool)
        modules = [name for name in policy.MODULES if not other.runs(f"import {name}\nNone")]
        attributes, present, methods = await _attributes(whole, other)
        return Subset(
            constructs={name: await _difference(whole, other, source) for name, source in CONSTRUCTS.items()},
            specials=tuple(
                sorted([name for name, source in PROGRAMS.items() if await _difference(whole, other, source)])
            ),
            builtins=tuple([name for name in sorted(BUILTINS) if not other.runs(f"{name}\nNone")]),
            modules=tuple(modules),
            more_modules=tuple([name for name in policy.ABSENT_MODULES if other.runs(f"import {name}\nNone")]),
            members={name: await _members(whole, other, name) for name in policy.MODULES if name not in modules},
            attributes=attributes,
            present=present,
            methods=methods,
        )


async def _difference(whole: Engine, other: Interpreter, source: str) -> str | None:
    expected, found = await play_on(whole, source), other.run(source)
    if isinstance(found, str):
        return found
    if isinstance(expected.end, Returned) and found == (expected.value, expected.output):
        return None
    return ANOTHER_VALUE


async def _members(whole: Engine, other: Interpreter, module: str) -> tuple[str, ...]:
    listed = (await play_on(whole, f"import {module}\ndir({module})")).value
    names = sorted(name for name in listed if not name.startswith("_"))
    return tuple(name for name in names if not other.runs(f"import {module}\n{module}.{name}\nNone"))


async def _attributes(
    whole: Engine, other: Interpreter
) -> tuple[dict[str, tuple[str, ...]], frozenset[str], tuple[str, ...]]:
    lacking: dict[str, tuple[str, ...]] = {}
    present: set[str] = set()
    methods: set[str] = set()
    for kind, (needed, value, named) in SAMPLES.items():
        listed = await play_on(whole, f"{needed}\ndir({value})")
        if not other.runs(f"{needed}\n{value}\nNone"):
            continue
        names = [name for name in listed.value if not name.startswith("_")]
        lacking[kind] = tuple(name for name in names if not _has(other, needed, (value, named), name))
        here = [name for name in names if name not in lacking[kind]]
        present.update(here)
        methods.update(name for name in here if not other.runs(f"{needed}\n{value}.{name}\n1"))
    return lacking, frozenset(present), tuple(sorted(methods))


def _has(other: Interpreter, needed: str, owners: Iterable[str], name: str) -> bool:
    """Say whether a value or its type has an attribute: built-in methods are there where they are called only."""
    for owner in owners:
        for text in (f"{owner}.{name}\n1", f"{owner}.{name}()\n1"):
            told = other.run(f"{needed}\n{text}")
            if not isinstance(told, str) or f"has no attribute '{name}'" not in told:
                return True
    return False
