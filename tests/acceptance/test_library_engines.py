"""Which engine runs a template."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sandbox
from sandbox import (
    ReusePolicy,
    SandboxedConfig,
    SourceRejected,
    TaskEnvironment,
    make_store,
    orchestrate_local,
    orchestrator_from_str,
    run,
    steps,
    use_cache_store,
)
from sandbox.templates.documents import document_of
from sandbox.templates.reading import template_of
from tests.acceptance.serving import ROOT

env = TaskEnvironment("engines", plugin_config=SandboxedConfig(engine="auto"))


def add(x: int, y: int) -> int:
    """Return the sum."""
    return x + y


@pytest.fixture(autouse=True)
def _results(tmp_path: Path) -> Iterator[None]:
    """Results of one test alone."""
    use_cache_store(make_store(tmp_path / "results.sqlite"))
    yield
    use_cache_store(None)


@env.sandbox.orchestrator
def doubled(x: int) -> int:
    """Double a number."""
    return x * 2


def template(source: str = "add(x, 1)", **parameters: Any) -> Any:
    """A template of one input."""
    return orchestrator_from_str(source, inputs={"x": int}, output=int, tasks=[add], **parameters)


def engine_of(made: Any, **inputs: Any) -> tuple[Any, str]:
    """The value of a run, and the engine of its journal."""
    done = run(made.override(debuggable=True), **inputs)
    assert done.recording is not None
    return done.value, done.recording.journal.header.engine


@pytest.mark.parametrize(
    ("made", "asked", "engine"),
    [
        (template(), "cpython", "cpython"),
        (template(engine="monty"), "monty", "monty"),
        (template(plugin_config=SandboxedConfig(engine="monty")), "monty", "monty"),
        (template(plugin_config=SandboxedConfig(engine="monty"), engine="auto"), "auto", "monty"),
        (template(engine="auto"), "auto", "monty"),
        (template("class A(Exception):\n    pass\nadd(x, 1)", engine="auto"), "auto", "cpython"),
        (template(engine="auto", limits={"fuel": 10**9}), "auto", "cpython"),
        (template(engine="auto", reusable=ReusePolicy()), "auto", "cpython"),
        (template().override(engine="monty"), "monty", "monty"),
        (template_of(document_of(template(engine="monty")), allowed=[f"{__name__}:add"]), "monty", "monty"),
    ],
)
def test_a_template_runs_on_the_engine_that_it_asks_for(made: Any, asked: str, engine: str) -> None:
    """Its own parameter counts before that of its configuration."""
    assert made.asked_engine == asked
    assert engine_of(made, x=1) == (2, engine)


def test_an_environment_may_name_the_engine_of_its_templates() -> None:
    """As it may name everything else of their configuration."""
    assert engine_of(doubled, x=4) == (8, "monty")


async def test_one_run_of_a_source_takes_an_engine_too() -> None:
    """Nothing is compiled for it elsewhere."""
    assert await orchestrate_local("add(x, 1)", inputs={"x": 1}, tasks=[add], engine="monty") == 2


def test_a_source_that_the_engine_cannot_run_makes_no_template() -> None:
    """Where it is written, not where it first runs; with the line, and the name of the other engine."""
    with pytest.raises(SourceRejected) as caught:
        template("add(x, 1)\nimport statistics\nx", engine="monty")

    assert str(caught.value) == (
        "policy: line 2: the engine monty has no module statistics\n"
        "  line 2: import statistics\n"
        '  hint: choose engine="cpython"'
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"engine": "pypy"}, "there is no engine 'pypy'; engines: cpython, monty, auto"),
        (
            {"plugin_config": SandboxedConfig(engine="pypy")},
            "there is no engine 'pypy'; engines: cpython, monty, auto",
        ),
        (
            {"engine": "monty", "limits": {"fuel": 10**9}},
            'the engine "monty" does not have limits.fuel: leave that out, or ask for "cpython"',
        ),
        (
            {"engine": "monty", "reusable": ReusePolicy(), "plugin_config": SandboxedConfig(policy="open")},
            'the engine "monty" does not have policy "open", reusable: leave that out, or ask for "cpython"',
        ),
    ],
)
def test_what_the_engine_has_not_is_refused_where_the_template_is_made(
    parameters: dict[str, Any], message: str
) -> None:
    """A limit or a promise is never left out silently."""
    with pytest.raises(ValueError, match="engine") as caught:
        template(**parameters)

    assert str(caught.value) == message


def test_a_type_that_the_engine_does_not_carry_is_refused_by_name() -> None:
    """Before a run finds out."""
    with pytest.raises(ValueError, match="engine") as caught:
        orchestrator_from_str("f", inputs={"f": sandbox.File}, output=sandbox.File, engine="monty")

    assert str(caught.value) == (
        """the engine "monty" does not have the input 'f' of type File: leave that out, or ask for "cpython\""""
    )


async def test_auto_looks_at_values_where_types_say_nothing() -> None:
    """Inputs of one run have no types; a value that the quick engine does not carry would fail there."""
    identity, path = uuid.UUID(int=1), sandbox.File("s3://bucket/file")
    looped: list[Any] = [1]
    looped.append(looped)
    carried = [
        await orchestrate_local("v", inputs={"v": value}, engine="auto") for value in (identity, [{"a": path}], 3)
    ]
    with pytest.raises(sandbox.ValueRejected, match="levels"):
        await orchestrate_local("v", inputs={"v": looped}, engine="auto")

    assert carried == [identity, [{"a": path}], 3]


def test_steps_replay_a_run_on_its_engine() -> None:
    """A journal of one engine says nothing of the turns of another."""
    done = run(template("a = add(x, 1)\nadd(a, 1)", engine="monty", debuggable=True), x=1)

    assert [[call.function for call in step.calls] for step in steps(done)] == [["add"], ["add"], []]


def test_results_of_one_engine_are_not_those_of_the_other() -> None:
    """They may differ in the last digit, and in what their versions mean."""
    made = [template("add(x, 41)", cache="auto", engine=one, name="cached") for one in ("monty", "cpython", "auto")]
    done = [run(one, x=1) for one in [*made, *made]]

    assert [(one.value, one.cached) for one in done] == [(42, False)] * 3 + [(42, True)] * 3


WITHOUT = """
import sys
sys.modules["pydantic_monty"] = None
import asyncio
from sandbox import orchestrate_local
print(asyncio.run(orchestrate_local("x * 2", inputs={"x": 21}, engine="auto")))
try:
    asyncio.run(orchestrate_local("x * 2", inputs={"x": 21}, engine="monty"))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_without_the_extra_auto_is_the_other_engine_and_monty_an_error_with_the_way_out() -> None:
    """The library works without it."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "42\nEngineUnavailable the engine 'monty' is not installed: pip install 'isthmus[monty]'\n"
