"""The policy under coverage: which of its lines the conformance and the hostile programs execute inside the guest."""

import json
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from wasmtime import component

from sandbox import policy
from sandbox.engines.cpython import build
from sandbox.engines.cpython.isolate import engine_config
from tests.attended import attend
from tests.conformance import test_edges, test_kindness, test_language, test_language_tools
from tests.hostile import test_escapes, test_introspection
from tests.programs import FUNCTIONS, INPUTS, corpus

TESTS = Path(__file__).parent.parent


def echo(value: Any = None, *_more: Any, **_named: Any) -> Any:
    """Answer with the first argument."""
    return value


async def echo_later(value: Any = None, *_more: Any, **_named: Any) -> Any:
    """Answer with the first argument, asynchronously."""
    return value


def programs() -> list[tuple[str, dict[str, Any]]]:
    """Return every program that a table of the conformance and the hostile tests holds."""
    sources = [program.source for program in corpus()]
    sources += [*test_language.PROGRAMS.values(), *test_language.HINTS, *test_language_tools.PROGRAMS.values()]
    sources += [*test_edges.ERRORS, *test_edges.VALUES, *(row[0] for row in test_kindness.HELPED.values())]
    sources += [*(row[0] for row in test_kindness.LEFT_ALONE.values())]
    sources += [*test_escapes.ESCAPES.values(), *test_introspection.REFUSED_BEFORE_RUNNING]
    sources += test_introspection.CAUGHT_WHILE_RUNNING
    sources += [
        f"from {module} import {name}" for module, name in (one.rsplit(".", 1) for one in policy.ABSENT_MEMBERS)
    ]
    # Too large as a value, as an argument, for the memory: limits have tests of their own.
    sources += ["'a' * 2_000_000", "f('a' * 2_000_000)", "bytearray(10**9)"]
    return [(source, INPUTS) for source in sources]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[set[int], set[int]]]:
    """The lines of each module of the policy: executed, and all."""
    folder = tmp_path_factory.mktemp("measured")
    build.make(folder / "guest.wasm", entry=TESTS / "measured_guest.py")
    compiled = component.Component.from_file(wasmtime.Engine(engine_config()), str(folder / "guest.wasm")).serialize()
    (folder / "guest.cwasm").write_bytes(compiled)
    functions = {function.__name__: function for function in FUNCTIONS} | {"f": echo, "g": echo_later}
    found: dict[str, tuple[set[int], set[int]]] = {}
    for printed in attend(folder / "guest.cwasm", programs(), functions):
        for name, (executed, every) in json.loads(printed).items():
            found.setdefault(name, (set(), set(every)))[0].update(executed)
    return found


# Lines that no program of a table reaches.
LEFT = {
    # The policy refuses the import before the program runs; libraries in C import what is there.
    'facades: raise ImportError(f"module {name!r} cannot be imported")',
    # Never run: it is there for its type.
    "interior: yield",
    # Done already: closing twice does nothing.
    "interior: return original",
    "interior: return False",
    # No program can name the attribute that would have to be wrong.
    'replaced: raise TypeError("these are no fields of a dataclass")',
    # A frame without a position is one that no source stands behind.
    "reports: return None",
    # There is no syntax left that nobody reviewed; what a later Python adds ends here.
    "transformer: name = type(node).__name__",
    'transformer: self.refuse(node, "syntax-not-allowed", f"{name} statements are not allowed.", '
    '"write it another way")',
    "transformer: return self.node_contents_visit(node)",
    "transformer: return self.not_allowed(node)",
    # What the class of RestrictedPython refuses by itself: every visitor that would do so is replaced.
    'transformer: self.refuse(node, "syntax-not-allowed", info, "write it another way")',
}


def test_the_programs_of_the_tests_execute_the_policy(lines: dict[str, tuple[set[int], set[int]]]) -> None:
    """A line that no program reaches is one that nobody knows to hold."""
    left = {f"{name}: {text(name, number)}" for name, (executed, every) in lines.items() for number in every - executed}

    assert sorted(left - LEFT) == []


def text(module: str, number: int) -> str:
    """Return a line of the guest's source."""
    return (build.TARGET.parent / "guest" / f"{module}.py").read_text().splitlines()[number - 1].strip()
