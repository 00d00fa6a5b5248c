"""`env_vars` of templates: what their programs find in `os.environ`, in library use and over HTTP."""

import os
from typing import Any

import httpx
import pytest

from sandbox import AsyncFunctionTaskTemplate, ReusePolicy, TaskEnvironment, orchestrate_local, orchestrator_from_str
from sandbox.interface import NativeInterface

env = TaskEnvironment("configured", env_vars={"REGION": "eu-1"})
READ = "import os\nos.environ"


@env.sandbox.orchestrator
def region() -> dict[str, str]:
    return os.environ  # type: ignore[return-value]  # a dictionary in programs


def test_a_template_gives_its_program_an_environment() -> None:
    """Exactly that, nothing of this process."""
    made = orchestrator_from_str(READ, inputs={}, output=dict[str, str], env_vars={"B": "2", "A": "1"})

    assert made() == {"A": "1", "B": "2"}
    assert made.override(env_vars={"A": "3"})() == {"A": "3"}
    assert made.override(env_vars={})() == {}
    assert made() == {"A": "1", "B": "2"}


async def test_without_one_there_is_none() -> None:
    """Though this process has one."""
    assert os.environ

    assert await orchestrate_local(READ, inputs={}) == {}


def test_an_environment_gives_its_variables_to_its_templates() -> None:
    """Of functions and of code strings; a template's own come instead of them, not beside."""
    assert region() == {"REGION": "eu-1"}
    assert env.sandbox.orchestrator(READ, output=dict)() == {"REGION": "eu-1"}
    assert env.sandbox.orchestrator(READ, output=dict, env_vars={"A": "1"})() == {"A": "1"}


def test_a_template_used_as_a_function_has_its_own_environment() -> None:
    """Nobody inherits one."""
    inner = orchestrator_from_str(READ, inputs={}, output=dict, name="inner", env_vars={"WHO": "inner"})
    outer = orchestrator_from_str(
        "import os\n[os.environ, inner()]", inputs={}, output=list, tasks=[inner], env_vars={"WHO": "outer"}
    )

    assert outer() == [{"WHO": "outer"}, {"WHO": "inner"}]


def test_a_function_refuses_what_it_cannot_have() -> None:
    """It runs in this process, whose environment every other function reads too."""

    def add(x: int) -> int:
        return x

    with pytest.raises(ValueError, match=r"^env_vars is not supported yet for AsyncFunctionTaskTemplate: a function "):
        AsyncFunctionTaskTemplate(
            name="add", interface=NativeInterface.from_callable(add), func=add, env_vars={"A": "1"}
        )


def test_a_submission_gives_its_program_an_environment(client: httpx.Client) -> None:
    """And the template's version tells one from another; the answer does not repeat it."""

    def run(**variables: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.post("/orchestrate", json={"source": READ, "env_vars": variables}).json()
        return answer

    first, second, none = run(A="1"), run(A="2"), run()

    assert (first["output"], second["output"], none["output"]) == ({"A": "1"}, {"A": "2"}, {})
    assert len({one["template"]["version"] for one in (first, second, none)}) == 3


async def test_an_isolate_that_is_kept_begins_with_the_environment_again() -> None:
    """What one run wrote into it the next one does not find."""
    made = orchestrator_from_str(
        "import os\nfound = dict(os.environ)\nos.environ['LEFT'] = 'behind'\ndel os.environ['A']\nfound",
        inputs={},
        output=dict,
        env_vars={"A": "1"},
        reusable=ReusePolicy(replicas=1),
    )

    assert [await made.aio() for _ in range(3)] == [{"A": "1"}] * 3
