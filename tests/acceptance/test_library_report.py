"""`report` and `debuggable` in library use: what `run` gives beside the value, also of a run that failed."""

import asyncio
import pickle
from typing import Any

import pytest

from sandbox import (
    AsyncFunctionTaskTemplate,
    GuestRaised,
    LimitExceeded,
    Link,
    OutputRejected,
    SandboxedConfig,
    orchestrator_from_str,
    run,
    steps,
)
from sandbox.errors import LoopRunning
from sandbox.interface import NativeInterface
from sandbox.turns import Call, Outcome
from tests.play import counted

SOURCE = """
import asyncio, random
print("one", random.random())
found = await asyncio.gather(fetch(1), fetch(2))
print("two")
last = await fetch(3)
[*found, last, 1 / x]
"""
made: list[int] = []


async def fetch(n: int) -> int:
    """Count calls."""
    made.append(n)
    await asyncio.sleep(0)
    return n * 10


UNCHECKED = SandboxedConfig(type_check=False)


def template(**parameters: Any) -> Any:
    """A template with calls in two turns."""
    return orchestrator_from_str(SOURCE, inputs={"x": int}, output=list, tasks=[fetch], name="rows", **parameters)


def test_a_run_has_a_report_where_its_template_wants_one() -> None:
    """A whole page; none by default."""
    done = run(template(report=True, links=Link("logs", "https://logs.example/{run_id}")), x=1)

    assert done.report is not None
    assert done.report.startswith("<!doctype html>")
    assert done.report.count('<rect class="bar"') == 3
    for text in ("fetch(n=3)", "[10, 20, 30, 1.0]", "two", f"https://logs.example/{done.id}", "1 / x]", "completed"):
        assert text in done.report
    assert run(template(), x=1).report is None
    assert "doctype" not in repr(done)


def test_a_run_that_failed_is_at_its_error() -> None:
    """With output, calls, report and what stepping needs."""
    with pytest.raises(ZeroDivisionError) as raised:
        run(template(report=True, debuggable=True), x=0)

    assert isinstance(raised.value, GuestRaised)
    failed = raised.value.run
    assert (failed.name, failed.value, failed.error.type) == ("rows", None, "ZeroDivisionError")
    assert failed.stdout.endswith("two\n")
    assert [one.value for one in failed.calls] == [10, 20, 30]
    assert "failed" in failed.report
    assert [step.error.type for step in steps(failed) if step.error is not None] == ["ZeroDivisionError"]


def test_a_value_that_does_not_fit_is_a_failed_run() -> None:
    """Though its program had ended well."""
    with pytest.raises(OutputRejected) as raised:
        run(orchestrator_from_str("'x'", inputs={}, output=int, report=True, plugin_config=UNCHECKED))

    assert raised.value.run.error.type == "OutputRejected"
    assert '<span class="status failed">' in raised.value.run.report


def test_a_finished_run_is_stepped_through() -> None:
    """Turn by turn, as it was; no function is called again."""
    done = run(template(debuggable=True), x=2)
    made.clear()

    first, second, third = steps(done)

    assert made == []
    assert (first.number, first.how, first.lines, first.output) == (1, "waits", (4, 4), done.stdout.split("two")[0])
    assert first.calls == (
        Call(number=1, function="fetch", args=(1,), line=4), Call(number=2, function="fetch", args=(2,), line=4),
    )  # fmt: skip
    assert (second.told, second.output, second.lines) == (
        (Outcome(number=1, value=10), Outcome(number=2, value=20)), "two\n", (6,),
    )  # fmt: skip
    assert (third.told, third.how, third.value) == ((Outcome(number=3, value=30),), "returned", [10, 20, 30, 0.5])
    assert first.now <= second.now <= third.now
    assert counted(first.fuel) < counted(second.fuel) < counted(third.fuel) == done.usage.fuel  # type: ignore[union-attr]


def test_a_run_that_was_stopped_is_stepped_through_up_to_there() -> None:
    """Whatever ended it."""
    with pytest.raises(LimitExceeded) as raised:
        run(orchestrator_from_str("f()\nf()", inputs={}, tasks=[f], debuggable=True, limits={"calls": 1}))

    first, second = steps(raised.value.run)
    assert (first.how, first.lines, second.how) == ("waits", (1,), "limit")


def f() -> None:
    """Do nothing."""


def test_a_recording_is_pickled_and_stepped_through_elsewhere() -> None:
    """Another process has the same engine."""
    done = run(template(debuggable=True), x=2)

    copied = pickle.loads(pickle.dumps(done))  # noqa: S301 - our own

    assert steps(copied) == steps(done)


async def test_in_a_loop_steps_are_awaited() -> None:
    """As runs are."""
    done = await run.aio(template(debuggable=True), x=2)

    with pytest.raises(LoopRunning, match=r"write `await steps.aio\(run\)`$"):
        steps(done)
    assert len(await steps.aio(done)) == 3


def test_what_was_not_kept_is_not_stepped_through() -> None:
    """The message says what to write."""
    with pytest.raises(ValueError, match=r"^nothing of this run was kept: make its template with debuggable=True, "):
        steps(run(template(), x=1))


@pytest.mark.parametrize("name", ["report", "debuggable"])
def test_a_function_refuses_what_it_cannot_have(name: str) -> None:
    """It is no program."""
    given: dict[str, Any] = {name: True}

    with pytest.raises(ValueError, match=f"^{name}=True is not supported yet for AsyncFunctionTaskTemplate: "):
        AsyncFunctionTaskTemplate(name="f", interface=NativeInterface.from_callable(f), func=f, **given)
