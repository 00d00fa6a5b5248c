"""Templates whose results are kept, run by the real engine."""

import asyncio
import dataclasses
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import (
    Cache,
    CodeTaskTemplate,
    File,
    GuestRaised,
    Limits,
    OutputRejected,
    SandboxedConfig,
    TaskEnvironment,
    VersionParameters,
    make_store,
    orchestrator_from_str,
    run,
    use_cache_store,
)

CALLS: list[int] = []
RATE = 2


@pytest.fixture(autouse=True)
def _results(tmp_path: Path) -> Iterator[None]:
    """Results of one test alone."""
    CALLS.clear()
    use_cache_store(make_store(tmp_path / "results.sqlite"))
    yield
    use_cache_store(None)


def rated(x: int) -> int:
    """Multiply, and remember it."""
    CALLS.append(x)
    return x * RATE


def template(source: str = "rated(x)", **parameters: Any) -> CodeTaskTemplate:
    """A template with one function, whose results are kept."""
    given: dict[str, Any] = {"inputs": {"x": int}, "output": int, "tasks": [rated], "cache": "auto", **parameters}
    return orchestrator_from_str(source, **given)


def test_two_templates_of_one_name_have_their_own_results() -> None:
    """Flyte hashes a function that all code templates share, and gives the first one's result for the second."""
    first, second = template("x + 1", name="t"), template("x + 100", name="t")

    assert [first(1), second(1), first(1), second(1)] == [2, 101, 2, 101]


def test_a_cached_run_calls_nothing_and_uses_nothing() -> None:
    """And says that it was one."""
    made = template("print('hello')\nrated(x)")

    first, second = run(made, x=3), run(made, x=3)

    assert (first.value, first.cached, first.stdout, len(first.calls)) == (6, False, "hello\n", 1)
    assert (second.value, second.cached, second.stdout, second.calls, CALLS) == (6, True, "", (), [3])
    assert second.usage is not None
    assert set(dataclasses.asdict(second.usage).values()) == {0}


def test_another_input_misses_and_an_ignored_one_hits() -> None:
    """Ignored ones still reach the program when it runs."""
    made = template(
        "rated(x) + now", inputs={"x": int, "now": int}, cache=Cache("auto", ignored_inputs="now"), output=int
    )

    assert [made(1, 10), made(1, 20), made(2, 20)] == [12, 12, 24]


def test_a_changed_function_misses() -> None:
    """The function, and what it uses."""
    versions = [
        lambda x: x + 1,
        lambda x: x + 2,
        lambda x: helped(x),
    ]  # fmt: skip

    def helped(x: int) -> int:
        return x + 3

    found = []
    for version in versions:
        version.__name__ = "f"
        found.append(template("f(x)", tasks=[version])(1))

    assert found == [2, 3, 4]


def test_override_computes_anew_and_keeps_that() -> None:
    """As a copy of the template, which is how Flyte's users ask for it."""
    made = template()
    anew = made.override(cache="override")

    assert [run(one, 1).cached for one in (made, made, anew, anew, made)] == [False, True, False, False, True]
    assert made.override(cache="disable").cache == Cache("disable")
    assert not run(made.override(cache="disable"), 1).cached


def test_a_version_of_ones_own_keeps_results_until_it_changes() -> None:
    """Also where the source was changed."""
    first = template("x + 1", cache=Cache("auto", version_override="v1"))
    second = template("x + 100", cache=Cache("auto", version_override="v1"))
    third = template("x + 100", cache=Cache("auto", version_override="v2"))

    assert [first(1), second(1), third(1)] == [2, 2, 101]


def test_a_policy_adds_to_the_version() -> None:
    """It is asked once, when the template is made, and two sources still have their own results."""

    asked: list[tuple[str, VersionParameters]] = []

    class Commit:
        def __init__(self, commit: str) -> None:
            self._commit = commit

        def get_version(self, salt: str, params: VersionParameters) -> str:
            asked.append((salt, params))
            return self._commit

    def of(source: str, commit: str) -> CodeTaskTemplate:
        return template(source, cache=Cache("auto", salt="s", policies=[Commit(commit)]))

    made = [of("rated(x)", "1"), of("rated(x)", "1"), of("rated(x)", "2"), of("rated(x) + 1", "1")]

    assert [run(one, 1).cached for one in made] == [False, True, False, False]
    assert [(salt, params.image) for salt, params in asked] == [("s", None)] * 4


def test_failures_and_values_that_do_not_fit_are_not_kept() -> None:
    """They are the same for the caller, and computed each time."""
    failing = template("rated(x)\nraise ValueError('no')")
    unfit = template("rated(x)\n'text'", plugin_config=SandboxedConfig(type_check=False))

    for _ in range(2):
        with pytest.raises(GuestRaised):
            failing(1)
        with pytest.raises(OutputRejected):
            unfit(1)

    assert CALLS == [1, 1, 1, 1]


def test_what_a_template_keeps_is_not_kept_by_its_function() -> None:
    """A template among the functions has results of its own, and its source counts for the outer one."""
    inner = template("rated(x)", name="inner")
    outer = template("inner(x) + 1", tasks=[inner], name="outer")
    other = template("inner(x) + 1", tasks=[template("rated(x) + 1", name="inner")], name="outer")

    assert (outer(1), inner(1), outer(1), CALLS) == (3, 2, 3, [1])
    assert (other(1), CALLS) == (4, [1, 1])


def test_files_without_a_digest_are_run_each_time() -> None:
    """What stands there may have been replaced; with a digest it is known what it was."""
    made = template("rated(1)", inputs={"x": File})

    assert [run(made, File("s3://a")).cached for _ in range(2)] == [False, False]
    assert [run(made, File(f"s3://{place}", hash="1")).cached for place in "ab"] == [False, True]


def test_limits_that_can_be_caught_count() -> None:
    """A program that catches MemoryError may give another value under another bound."""
    source = "try:\n    found = len([0] * 40_000_000)\nexcept MemoryError:\n    found = -1\nfound + x"
    small = template(source, limits=Limits(memory_bytes=100 * 2**20))

    assert (small(0), small.override(limits=Limits(memory_bytes=512 * 2**20))(0)) == (-1, 40_000_000)


def test_a_decorated_function_keeps_its_results_with_its_constants() -> None:
    """They are what its source means."""
    env = TaskEnvironment(name="e", cache="auto")

    @env.sandbox.orchestrator
    def doubled(x: int) -> int:
        return x * RATE

    other = dataclasses.replace(doubled, _user_constants={"RATE": 3})

    assert [run(doubled, 1).cached, run(doubled, 1).cached, run(other, 1).value] == [False, True, 3]


async def test_one_of_many_equal_runs_computes_on_whichever_thread() -> None:
    """Serialized ones wait, in this loop and on the loops of other threads."""
    gate = asyncio.Event()
    here = asyncio.get_running_loop()

    async def slow(x: int) -> int:
        CALLS.append(x)
        here.call_soon_threadsafe(gate.set)
        await asyncio.sleep(0.2)
        return x

    made = template("slow(x)", tasks=[slow], cache=Cache("auto", serialize=True))
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(made(7))) for _ in range(3)]
    for thread in threads:
        thread.start()
    found += await asyncio.gather(*(made.aio(7) for _ in range(3)))
    for thread in threads:
        await asyncio.to_thread(thread.join)

    assert (found, CALLS, gate.is_set()) == ([7] * 6, [7], True)


SCRIPT = """
import sys, time
from pathlib import Path
from sandbox import Cache, make_store, orchestrator_from_str, run, use_cache_store

def slow(x: int) -> int:
    with Path(sys.argv[1], "calls").open("a") as calls:
        calls.write("x")
    time.sleep(0.5)
    return x + 1

use_cache_store(make_store(Path(sys.argv[1], "results.sqlite")))
made = orchestrator_from_str(
    "slow(x)", inputs={"x": int}, output=int, tasks=[slow], cache=Cache("auto", serialize=True)
)
print(run(made, 1).value)
"""


def test_processes_share_results_and_wait_for_each_other(tmp_path: Path) -> None:
    """Three processes at once, and one call altogether."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate(timeout=60)[0] for process in processes]

    assert (told, (tmp_path / "calls").read_text()) == (["2\n"] * 3, "x")


def test_a_program_without_cache_never_touches_the_library() -> None:
    """Importing it takes longer than a run."""
    script = "import sys, sandbox; print(sandbox.orchestrator_from_str('1', inputs={}, output=int)(), 'sqlalchemy' in sys.modules)"  # noqa: E501
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout

    assert told == "1 False\n"


def test_ignored_inputs_must_be_inputs() -> None:
    """A name that is mistyped would change every key."""
    message = "Cache.ignored_inputs names 'nwo', which is no input; inputs: x"
    with pytest.raises(ValueError, match=message):
        template(cache=Cache("auto", ignored_inputs="nwo"))


def test_a_function_keeps_no_results() -> None:
    """It is refused by name, with the way out."""
    env = TaskEnvironment(name="e")
    message = "results of functions are not kept; give it to the template that calls them"
    with pytest.raises(ValueError, match=message):
        env.task(cache="auto")(rated)
