"""The library as a program uses it: code strings run by the real engine, with functions of the caller."""

import asyncio
import contextvars
import dataclasses
import datetime
import enum
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings

from sandbox import (
    GuestRaised,
    LimitExceeded,
    OutputRejected,
    SandboxedConfig,
    SourceRejected,
    TaskEnvironment,
    ValueRejected,
    orchestrate_local,
    orchestrator_from_str,
)
from sandbox.policy import ABSENT_MODULES, NOTES
from sandbox.turns import Frame, Violation
from tests.typed_values import Typed, same, typed_values

USER = contextvars.ContextVar("USER", default="nobody")


def add(x: int, y: int) -> int:
    """Add."""
    return x + y


async def nap(seconds: float) -> float:
    """Wait."""
    await asyncio.sleep(seconds)
    return seconds


async def test_the_value_of_the_last_expression_comes_back() -> None:
    """The main job."""
    assert await orchestrate_local("add(x, y) * 2", inputs={"x": 1, "y": 2}, tasks=[add]) == 6
    assert await orchestrate_local("x = 1", inputs={}) is None
    assert await orchestrate_local("", inputs={}) is None


def test_a_template_runs_whenever_it_is_called() -> None:
    """By place and by name, blocking and awaited."""
    template = orchestrator_from_str("x * 2", inputs={"x": int}, output=int)

    assert (template(21), template(x=4)) == (42, 8)
    assert asyncio.run(template.aio(x=5)) == 10


IN_PARALLEL = """
import asyncio
await asyncio.gather(*[nap(0.01) for _ in range(10)])
"""


async def test_async_functions_run_at_once_on_the_loop_of_the_caller() -> None:
    """They may use what belongs to that loop; none of ten comes back before the last has begun."""
    loops = set()
    begun, all_begun = 0, asyncio.Event()

    async def nap_here(seconds: float) -> float:
        nonlocal begun
        loops.add(asyncio.get_running_loop())
        begun += 1
        if begun == 10:
            all_begun.set()
        await all_begun.wait()
        return await nap(seconds)

    nap_here.__name__ = "nap"

    assert await orchestrate_local(IN_PARALLEL, inputs={}, tasks=[nap_here]) == [0.01] * 10
    assert loops == {asyncio.get_running_loop()}


async def test_functions_see_the_context_variables_of_the_caller() -> None:
    """Sync and async ones: whose request it is must not get lost on the way."""

    def who() -> str:
        return USER.get()

    async def who_async() -> str:
        return USER.get()

    USER.set("ada")

    assert await orchestrate_local("[who(), who_async()]", inputs={}, tasks=[who, who_async]) == ["ada", "ada"]


# -- types ----------------------------------------------------------------------------------------------------


class Colour(enum.Enum):
    """An enum of the caller."""

    RED = 1
    GREEN = 2


@dataclasses.dataclass
class Order:
    """A record of the caller."""

    sku: str
    due: datetime.date
    colour: Colour = Colour.RED


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(typed_values)
def test_a_value_of_any_type_goes_through_a_program_unchanged(one: Typed) -> None:
    """In as an input, through the guest, out as the declared output."""
    types = {"x": one.annotation}
    # A type checker for each example would take longer than the examples.
    unchecked = SandboxedConfig(type_check=False)
    template = orchestrator_from_str("x", inputs=types, output=one.annotation, plugin_config=unchecked)

    assert same(template(x=one.value), one.value)


def test_records_are_dictionaries_inside_and_objects_outside() -> None:
    """A guest has no classes of the host."""

    def delay(order: Order, days: int) -> Order:
        return dataclasses.replace(order, due=order.due + datetime.timedelta(days=days))

    template = orchestrator_from_str(
        "assert order['colour'] == 'RED'\ndelay({**order, 'colour': 'GREEN'}, 2)",
        inputs={"order": Order},
        output=Order,
        tasks=[delay],
    )

    order = Order("a", datetime.date(2026, 1, 30))
    assert template(order) == Order("a", datetime.date(2026, 2, 1), Colour.GREEN)


def test_values_of_other_types_are_refused_in_both_directions() -> None:
    """The hint names the type that the template could declare."""
    unchecked = SandboxedConfig(type_check=False)
    template = orchestrator_from_str("str(x)", inputs={"x": int}, output=int, plugin_config=unchecked)
    silent = orchestrator_from_str("x", inputs={"x": int})

    with pytest.raises(ValueRejected, match=r"^x is a str, not int$"):
        template(x="1")
    with pytest.raises(OutputRejected, match=r"^the value is a str, not int; pass output=str, or return int$"):
        template(x=1)
    with pytest.raises(OutputRejected) as refused:
        silent(x=1)
    assert refused.value.hint == "pass output=int"


async def test_what_cannot_cross_is_refused_by_its_path() -> None:
    """Never turned into its `repr`."""
    generator = (n for n in range(3))
    with pytest.raises(ValueRejected, match=r"inputs\.x\.rows\[0\] is a generator, which cannot cross; pass list\(x\)"):
        await orchestrate_local("x", inputs={"x": {"rows": [generator]}})
    with pytest.raises(ValueRejected) as refused:
        await orchestrate_local("{'f': lambda: 0}", inputs={})
    assert isinstance(refused.value, GuestRaised)
    assert refused.value.path == "$.f"


# -- failures -------------------------------------------------------------------------------------------------

INDENTED = """
    total = 0
    total += '1'
"""
REFUSED = """
    x = 1
    import sys
"""


async def test_an_error_shows_the_line_as_it_was_sent() -> None:
    """Also of a text that was indented."""
    with pytest.raises(TypeError) as raised:
        await orchestrate_local(INDENTED, inputs={})
    assert isinstance(raised.value, GuestRaised)
    assert raised.value.frames == (Frame(line=3, column=5, function="<module>", source="total += '1'"),)

    with pytest.raises(SourceRejected) as refused:
        await orchestrate_local(REFUSED, inputs={})
    assert (refused.value.kind, refused.value.line, refused.value.source) == ("policy", 3, "import sys")
    assert refused.value.violations == (
        Violation(
            line=3, column=12, code="import-not-allowed", message='module "sys" cannot be imported',
            hint=ABSENT_MODULES["sys"],
        ),
    )  # fmt: skip


async def test_a_syntax_error_is_told_with_line_and_column() -> None:
    """Nothing has run."""
    with pytest.raises(SourceRejected) as refused:
        await orchestrate_local("  x = 1\n  f(:", inputs={})

    assert refused.value.kind == "syntax"
    assert refused.value.frames == (Frame(line=2, column=5, function="<module>", source="f(:"),)


def test_what_was_done_for_a_program_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A value has no room for it; nothing is shown to those who do not ask."""
    template = orchestrator_from_str("```\nreturn 5\n```", inputs={}, output=int, name="noted")

    with caplog.at_level("INFO", logger="sandbox"):
        value = template()

    assert value == 5
    assert [record.message for record in caplog.records] == [
        f"noted, line 1: {NOTES['fence-removed']}",
        f"noted, line 2: {NOTES['return-at-top']}",
    ]


async def test_the_language_policy_can_be_switched_off() -> None:
    """The caller of the library is the operator; the walls around the guest stand."""
    source = "import sys, os\ntry:\n    os.listdir('/')\nexcept OSError:\n    found = sys.platform\nfound"

    opened = orchestrator_from_str(source, inputs={}, output=str, plugin_config=SandboxedConfig(policy="open"))

    assert await opened.aio() == "wasi"
    with pytest.raises(SourceRejected):
        opened.override(plugin_config=SandboxedConfig())
    with pytest.raises(SourceRejected):
        orchestrator_from_str(source, inputs={}, output=str)


def test_a_source_that_is_no_text_is_refused() -> None:
    """When the template is made, and not by a codec at its first run."""
    with pytest.raises(ValueError, match=r"^source holds a lone surrogate in line 2, so it is no text"):
        orchestrator_from_str("x = 1\ny = '\ud800'", inputs={})


class CardDeclined(Exception):
    """An exception of the host's own."""


async def test_what_a_function_raised_is_the_cause() -> None:
    """The caller of the library sees the exception itself, the guest only what it may see."""

    def fail(message: str) -> None:
        raise ValueError(message)

    def decline() -> None:
        raise CardDeclined("no")

    with pytest.raises(ValueError, match="ValueError: no") as raised:
        await orchestrate_local("fail('no')", inputs={}, tasks=[fail])
    assert isinstance(raised.value, GuestRaised)
    assert (raised.value.kind, raised.value.message) == ("function", "no")
    assert type(raised.value.__cause__) is ValueError

    with pytest.raises(GuestRaised) as declined:
        await orchestrate_local("decline()", inputs={}, tasks=[decline])
    assert (declined.value.kind, declined.value.type) == ("function", "CardDeclined")
    assert type(declined.value.__cause__) is CardDeclined

    assert (
        await orchestrate_local("try:\n  fail('no')\nexcept ValueError as e:\n  x = str(e)\nx", inputs={}, tasks=[fail])
        == "no"
    )


class Halt(BaseException):
    """Of the kind that `except Exception` lets through."""


@pytest.mark.parametrize(
    "kind", [GeneratorExit, KeyboardInterrupt, SystemExit, StopIteration, StopAsyncIteration, Halt]
)
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_whatever_a_function_raises_is_a_failure_of_its_call(
    kind: type[BaseException],
    asynchronous: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The loop and the thread on which it ran go on; the program may catch it."""

    def halt() -> None:
        raise kind

    async def halt_there() -> None:
        raise kind

    halt_there.__name__ = "halt"
    task = halt_there if asynchronous else halt

    caught = "try:\n  halt()\nexcept BaseException as error:\n  x = isinstance(error, Exception)\nx"
    assert await orchestrate_local(caught, inputs={}, tasks=[task]) in (True, False)
    with pytest.raises(GuestRaised) as raised:
        await orchestrate_local("halt()", inputs={}, tasks=[task])
    assert raised.value.kind == "function"
    assert raised.value.__cause__ is not None


async def test_arguments_that_do_not_fit_can_be_caught_by_the_program() -> None:
    """And uncaught, the hint shows the signature."""
    with pytest.raises(TypeError, match=r"add\(\) argument x is a str, not int") as raised:
        await orchestrate_local("add('1', 2)", inputs={}, tasks=[add])

    assert isinstance(raised.value, GuestRaised)
    assert raised.value.hint == "signature: add(x: int, y: int) -> int"


def test_a_run_ends_at_its_limit() -> None:
    """Whatever the program does."""
    waiting = orchestrator_from_str("nap(60)", inputs={}, tasks=[nap], timeout_ms=200)
    computing = orchestrator_from_str("while True: pass", inputs={}, limits={"cpu_seconds": 0.5})

    with pytest.raises(LimitExceeded) as waited:
        waiting()
    with pytest.raises(LimitExceeded) as computed:
        computing()
    assert (waited.value.which, waited.value.allowed) == ("wall_seconds", 0.2)
    assert (computed.value.which, computed.value.allowed) == ("cpu_seconds", 0.5)


# -- templates and environments -------------------------------------------------------------------------------


async def test_a_template_is_a_function_of_another() -> None:
    """It has its own isolate, its own limits and its own whitelist."""
    inner = orchestrator_from_str("add(x, 1)", inputs={"x": int}, output=int, tasks=[add], name="inner.step")
    failing = orchestrator_from_str("{}['a']", inputs={}, output=int, name="failing")

    outer = "import asyncio\nsum(await asyncio.gather(*[inner_step(x=n) for n in range(4)]))"
    assert await orchestrate_local(outer, inputs={}, tasks=[inner]) == 10
    assert await orchestrate_local("try:\n  failing()\nexcept KeyError:\n  x = 1\nx", inputs={}, tasks=[failing]) == 1
    with pytest.raises(KeyError) as raised:
        await orchestrate_local("failing()", inputs={}, tasks=[failing])
    assert isinstance(raised.value, GuestRaised)
    assert (raised.value.kind, raised.value.message) == ("function", "'a'")
    assert isinstance(raised.value.__cause__, KeyError)
    with pytest.raises(NameError, match="add"):
        await orchestrate_local("add(1, 2)", inputs={}, tasks=[inner])


async def test_functions_of_an_environment_are_given_as_they_are() -> None:
    """Under the names that the environment gave them."""
    env = TaskEnvironment(name="shop")

    @env.task
    def price(sku: str) -> float:
        return float(len(sku))

    assert await orchestrate_local("price('abc')", inputs={}, tasks=[price]) == 3.0


# -- loops and threads ----------------------------------------------------------------------------------------


def test_one_engine_serves_loops_one_after_the_other_and_threads_at_once() -> None:
    """A template has no home."""
    template = orchestrator_from_str("nap(0.1)\nx * 2", inputs={"x": int}, output=int, tasks=[nap])

    assert [asyncio.run(template.aio(x=n)) for n in range(2)] == [0, 2]
    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(template, range(16))] == [2 * n for n in range(16)]


def test_a_run_that_is_cancelled_is_given_up() -> None:
    """Its isolate is free again, and the next run works."""
    template = orchestrator_from_str("nap(60)", inputs={}, tasks=[nap])

    async def cancel() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(template.aio(), 0.2)

    for _ in range(5):
        asyncio.run(cancel())
    assert orchestrator_from_str("1 + 1", inputs={}, output=int)() == 2


def test_a_thread_whose_loop_runs_is_told_what_to_write() -> None:
    """Another thread is free to block meanwhile."""
    template = orchestrator_from_str("x", inputs={"x": int}, output=int)
    seen: list[int] = []

    async def main() -> None:
        with pytest.raises(RuntimeError, match=r"write `await template.aio\(...\)`"):
            template(x=1)
        thread = threading.Thread(target=lambda: seen.append(template(x=3)))
        thread.start()
        await asyncio.to_thread(thread.join)

    asyncio.run(main())
    assert seen == [3]
