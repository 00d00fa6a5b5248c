"""The policy under coverage: which of its lines the conformance and the hostile programs execute inside the guest."""

import json
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from wasmtime import component

from sandbox import policy
from sandbox.engines.cpython import build, image_builds
from sandbox.engines.cpython.isolate import engine_config
from sandbox.images.wheels import read_wheels
from tests.attended import attend
from tests.conformance import test_edges, test_hints, test_kindness, test_language, test_language_tools
from tests.guest_images import leaky_wheel
from tests.hostile import test_cached_property, test_escapes, test_images, test_introspection, test_source
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
    sources += [*test_escapes.ESCAPES.values(), *test_cached_property.CACHED.values()]
    sources += [*test_introspection.REFUSED_BEFORE_RUNNING]
    sources += test_introspection.CAUGHT_WHILE_RUNNING
    sources += [
        f"from {module} import {name}" for module, name in (one.rsplit(".", 1) for one in policy.ABSENT_MEMBERS)
    ]
    sources += [*test_hints.RUNTIME, *test_hints.SYNTAX, *(row[0] for row in test_source.SYNTAX.values())]
    sources += ["reserve('TEA', 9)", "import asyncio\nawait asyncio.gather(g(1), 2)"]
    sources += [*test_images.PROGRAMS, "import leeky", "leaky.RATES", "import leaky\n'a'.upper()"]
    # Too large as a value, as an argument, for the memory: limits have tests of their own.
    sources += ["'a' * 2_000_000", "f('a' * 2_000_000)", "bytearray(10**9)"]
    return [(source, {**INPUTS, "row": test_hints.ROW}) for source in sources]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[set[int], set[int]]]:
    """The lines of each module of the policy: executed, and all."""
    folder = tmp_path_factory.mktemp("measured")
    packages = read_wheels({"isthmus-leaky": leaky_wheel(folder)})
    build.make(
        folder / "guest.wasm",
        entry=TESTS / "measured_guest.py",
        add=lambda stage: image_builds.lay_out(stage, packages),
    )
    compiled = component.Component.from_file(wasmtime.Engine(engine_config()), str(folder / "guest.wasm")).serialize()
    (folder / "guest.cwasm").write_bytes(compiled)
    functions = {function.__name__: function for function in FUNCTIONS} | {
        "f": echo,
        "g": echo_later,
        "find_customer": echo,
    }
    found: dict[str, tuple[set[int], set[int]]] = {}
    for printed in attend(folder / "guest.cwasm", programs(), functions):
        for name, (executed, every) in json.loads(printed).items():
            found.setdefault(name, (set(), set(every)))[0].update(executed)
    return found


# Lines of what judges programs that no program of a table reaches.
LEFT = {
    # There is no syntax left that nobody reviewed; what a later Python adds ends here.
    "transformer: name = type(node).__name__",
    'transformer: self.refuse(node, "syntax-not-allowed", f"{name} statements are not allowed.", '
    '"write it another way")',
    "transformer: return self.node_contents_visit(node)",
    "transformer: return self.not_allowed(node)",
    # What an isolate forgets that is kept for a further run: here each serves one. test_reusable holds these.
    "kinds: _PATTERNS.clear()",
    "owners: _OF_LIBRARIES.clear()",
    "owners: PLAIN.clear()",
    # What the class of RestrictedPython refuses by itself: every visitor that would do so is replaced.
    'transformer: self.refuse(node, "syntax-not-allowed", info, "write it another way")',
}
# Of the rest, which closes things once or tells of failures, the share that is executed at least.
SHARES = {"facades": 0.97, "interior": 0.96, "replaced": 0.98, "reports": 0.95}


def test_the_programs_of_the_tests_execute_all_that_judges_them(lines: dict[str, tuple[set[int], set[int]]]) -> None:
    """A line that no program reaches is one that nobody knows to hold."""
    left = {
        f"{name}: {text(name, number)}"
        for name, (executed, every) in lines.items()
        for number in every - executed
        if name not in SHARES
    }

    assert sorted(left - LEFT) == []


def test_the_programs_of_the_tests_execute_most_of_what_stands_beside(
    lines: dict[str, tuple[set[int], set[int]]],
) -> None:
    """What is left there are defences that nothing reaches as long as the others hold."""
    shares = {name: len(executed & every) / len(every) for name, (executed, every) in lines.items()}

    assert {name: share for name, share in shares.items() if share < SHARES.get(name, 0)} == {}


def text(module: str, number: int) -> str:
    """Return a line of the guest's source."""
    return (build.TARGET.parent / "guest" / f"{module}.py").read_text().splitlines()[number - 1].strip()
