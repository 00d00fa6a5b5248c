"""Templates with parameters, run by the real engine."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import (
    CodeTaskTemplate,
    GuestRaised,
    LimitExceeded,
    Link,
    OutputRejected,
    SandboxedConfig,
    SourceRejected,
    TaskEnvironment,
    Timeout,
    ValueRejected,
    orchestrate_local,
    orchestrator_from_str,
    run,
)
from sandbox.errors import LoopRunning
from sandbox.limits import MIB
from sandbox.turns import Note


async def nap(seconds: float) -> float:
    """Wait."""
    await asyncio.sleep(seconds)
    return seconds


def test_a_run_tells_what_it_did() -> None:
    """Value, printed text, calls, usage and links; `outputs()` is Flyte's."""
    template = orchestrator_from_str(
        "print('hello')\nnap(0.0)\nx * 2",
        inputs={"x": int},
        output=int,
        tasks=[nap],
        name="double",
        links=Link("logs", "https://logs.example/{template}?run={run_id}"),
    )

    done = run(template, x=21)

    assert (done.value, done.outputs(), done.outputs().o0, done.name) == (42, (42,), 42, "double")
    assert (done.stdout, done.stdout_truncated) == ("hello\n", False)
    assert [(call.function, call.arguments, call.value) for call in done.calls] == [("nap", {"seconds": 0.0}, 0.0)]
    assert done.usage is not None
    assert done.usage.calls == 1
    assert done.links == (Link("logs", f"https://logs.example/double?run={done.id}"),)


REFUSED = """
    x = 1
    import sys
"""


def test_a_source_is_checked_when_its_template_is_made() -> None:
    """Not after 39 calls were made: syntax, policy and length, with the line as it was written; nothing of it runs."""
    calls: list[float] = []

    def note() -> None:
        calls.append(1.0)

    for source, kind, line in [
        ("note()\nf(:", "syntax", 2),
        (REFUSED, "policy", 3),
        ("note()\nopen_ = ().__class__.__bases__", "policy", 2),
    ]:
        with pytest.raises(SourceRejected) as refused:
            orchestrator_from_str(source, inputs={}, tasks=[note])
        assert (refused.value.kind, refused.value.line) == (kind, line)
    with pytest.raises(LimitExceeded) as long:
        orchestrator_from_str("1" * 2_000, inputs={}, limits={"source_bytes": 1_000})
    assert (long.value.which, long.value.allowed) == ("source_bytes", 1_000)
    assert calls == []


async def test_a_source_is_checked_where_an_event_loop_runs() -> None:
    """The engine has a loop of its own."""
    with pytest.raises(SourceRejected):
        TaskEnvironment("shop").sandbox.orchestrator("f(:")

    assert await orchestrator_from_str("1", inputs={}, output=int).aio() == 1


def test_a_run_tells_what_was_done_for_its_program() -> None:
    """Of the text and of the program, with their lines."""
    done = run(orchestrator_from_str("```python\n1 + 1\n```", inputs={}, output=int))

    assert (done.value, done.notes) == (2, (Note(code="fence-removed", line=1),))


def test_a_run_without_output_has_none() -> None:
    """As Flyte has it, there is no `o0` then."""
    assert run(orchestrator_from_str("None", inputs={})).outputs() == ()


async def test_a_run_in_a_loop_is_awaited() -> None:
    """What a template that was called as a function printed is not the caller's."""
    inner = orchestrator_from_str("print('inner')\n1", inputs={}, output=int, name="inner")
    outer = orchestrator_from_str("print('outer')\ninner()", inputs={}, output=int, tasks=[inner])

    done = await run.aio(outer)

    assert (done.value, done.stdout) == (1, "outer\n")
    with pytest.raises(LoopRunning, match=r"write `await run\.aio\(template, \.\.\.\)`$"):
        run(outer)
    with pytest.raises(TypeError, match=r"^run\(\) takes a template, not <function nap"):
        await run.aio(nap)  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize("field", ["max_runtime", "deadline"])
async def test_a_run_ends_with_its_time(field: str) -> None:
    """The bounds of the whole task, beside those of the execution."""
    template = orchestrator_from_str("nap(60)", inputs={}, tasks=[nap], timeout=Timeout(**{field: 0.3}), retries=3)

    with pytest.raises(LimitExceeded) as ended:
        await template.aio()
    assert (ended.value.which, ended.value.allowed) == (field, 0.3)
    assert ended.value.message == f"the run took longer than its timeout.{field} of 0.3 seconds"


async def test_inputs_and_value_are_held_to_their_size() -> None:
    """Each on its own, and up to what is allowed."""
    small = orchestrator_from_str("x * n", inputs={"x": str, "n": int}, output=str, max_inline_io_bytes=1_000)
    large = orchestrator_from_str(
        "x",
        inputs={"x": str},
        output=str,
        max_inline_io_bytes=40 * MIB,
        limits={"memory_bytes": 512 * MIB},
        timeout_ms=120_000,
    )

    assert await small.aio("a", 900) == "a" * 900
    with pytest.raises(
        ValueRejected, match=r"^inputs takes more than the 1,000 bytes of max_inline_io_bytes; pass less"
    ):
        await small.aio("a" * 1_000, 1)
    with pytest.raises(
        OutputRejected, match=r"^the value takes more than the 1,000 bytes of max_inline_io_bytes; return less"
    ):
        await small.aio("a", 2_000)
    text = "ab" * (15 * MIB)
    assert await large.aio(text) == text


async def test_five_thousand_calls_are_made_where_that_is_allowed() -> None:
    """And refused where it is not."""

    def one() -> int:
        return 1

    source = "sum(one() for _ in range(5_000))"
    allowed = orchestrator_from_str(source, inputs={}, output=int, tasks=[one], limits={"calls": 5_000})

    assert await allowed.aio() == 5_000
    with pytest.raises(LimitExceeded) as ended:
        await orchestrate_local(source, inputs={}, tasks=[one])
    assert (ended.value.which, ended.value.allowed) == ("calls", 1_000)


@dataclass(kw_only=True, eq=False)
class Doubled(CodeTaskTemplate):
    """A template with a hook."""

    async def post(self, return_vals: Any) -> Any:
        return return_vals * 2


async def test_what_a_hook_returns_is_the_value() -> None:
    """Also for a program that calls the template as a function."""
    made = orchestrator_from_str("x + 1", inputs={"x": int}, output=int, name="more")
    hooked = Doubled(name="more", interface=made.interface, _user_source="x + 1")

    assert await hooked.aio(1) == 4
    assert await orchestrate_local("more(1)", inputs={}, tasks=[hooked]) == 4


async def test_a_function_that_is_tried_again_is_so_for_a_program_too() -> None:
    """One call of the program, three of the function."""
    env = TaskEnvironment("shop")
    made: list[int] = []

    @env.task(retries=2)
    def price(n: int) -> int:
        made.append(n)
        if len(made) < 3:
            raise ConnectionError("try again")
        return n

    assert await orchestrate_local("price(7)", inputs={}, tasks=[price]) == 7
    assert made == [7, 7, 7]


DEEP = """
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)

depth(n)
"""
CAUGHT = f"""
try:
    {DEEP.strip().replace(chr(10), chr(10) + "    ")}
except RecursionError:
    n = -1
n
"""


async def test_calls_in_one_another_are_bounded_by_the_configuration() -> None:
    """256 as in Flyte, more where that is allowed; a program may catch it, and the hint names the way out."""
    template = orchestrator_from_str(DEEP, inputs={"n": int}, output=int)
    deeper = template.override(plugin_config=SandboxedConfig(max_stack_depth=3_000))

    assert (await template.aio(250), await deeper.aio(2_990)) == (250, 2_990)
    with pytest.raises(RecursionError) as raised:
        await template.aio(260)
    assert isinstance(raised.value, GuestRaised)
    assert raised.value.hint == "the recursion limit is 256 calls; use a loop, or allow more max_stack_depth"
    assert await orchestrator_from_str(CAUGHT, inputs={"n": int}, output=int).aio(260) == -1


def test_a_formula_is_its_own_name() -> None:
    """Any text is a name."""
    area = orchestrator_from_str(
        "0.5 * base * height",
        inputs={"base": float, "height": float},
        output=float,
        name="0.5 * base * height",
    )

    assert (area(base=3.0, height=4.0), area.short_name) == (6.0, "0.5 * base * height")


@pytest.mark.parametrize(("operator", "start", "expected"), [("+", 0, 10), ("*", 1, 24), ("max", 0, 4)])
def test_reducers_are_generated(operator: str, start: int, expected: int) -> None:
    """Source is a text like any other."""
    body = "max(total, value)" if operator == "max" else f"total {operator} value"
    source = f"total = {start}\nfor value in values:\n    total = {body}\ntotal"

    assert orchestrator_from_str(source, inputs={"values": list[int]}, output=int)([1, 2, 3, 4]) == expected


async def test_sixteen_runs_wait_at_once() -> None:
    """A run that waits holds nothing up: each goes on when all have arrived."""
    barrier = asyncio.Barrier(16)

    async def meet() -> int:
        return await barrier.wait()

    template = orchestrator_from_str("meet()", inputs={}, output=int, tasks=[meet])

    assert sorted(await asyncio.gather(*[template.aio() for _ in range(16)])) == [*range(16)]


async def test_templates_nest() -> None:
    """Ten deep, each in an isolate of its own."""
    template = orchestrator_from_str("x + 1", inputs={"x": int}, output=int, name="level_0")
    for level in range(1, 10):
        template = orchestrator_from_str(
            f"level_{level - 1}(x) + 1", inputs={"x": int}, output=int, tasks=[template], name=f"level_{level}"
        )

    assert await template.aio(0) == 10
