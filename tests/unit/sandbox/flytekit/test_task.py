"""Tasks under flytekit's names: what each parameter becomes, and what is refused by name."""

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import (
    AsyncFunctionTaskTemplate,
    Documentation,
    NativeInterface,
    RetryStrategy,
    Secret,
    TaskEnvironment,
    Timeout,
)
from sandbox.flytekit import TaskPlugins, decorate_function, eager, task


def double(x: int) -> int:
    """Twice the number."""
    return 2 * x


async def increased(x: int) -> int:
    """One more."""
    return x + 1


def test_a_task_is_called_as_its_function() -> None:
    """Code that was written for flytekit runs after the import was changed."""
    made = task(double)

    assert (made(x=4), made.name, made.docs) == (8, f"{__name__}.double", Documentation("Twice the number."))


def test_parameters_become_those_of_this_library() -> None:
    """The older names mean the same thing."""
    made = task(retries=2, timeout=datetime.timedelta(seconds=3), secret_requests=[Secret("token")], docs="Doubled.")(
        double
    )

    assert (made.retries, made.timeout) == (RetryStrategy(2), Timeout(max_runtime=3))
    assert (made.secrets, made.docs) == ((Secret("token"),), Documentation("Doubled."))


def test_the_defaults_of_flytekit_may_be_written_down() -> None:
    """A decorator that spells out what it does not want asks for nothing."""
    made = task(
        cache=False, cache_version="", interruptible=None, environment=None, disable_deck=True, enable_deck=False,
        container_image=None, cache_ignore_input_vars=(), retries=0, pickle_untyped=False,
    )(double)  # fmt: skip

    assert made(1) == 2


@pytest.mark.parametrize(
    ("parameters", "kind", "message"),
    [
        (
            {"cache": True},
            ValueError,
            "task(cache=...) has no meaning here: results of functions are not kept; "
            "give it to the template that calls them",
        ),
        (
            {"container_image": "python:3.12"},
            ValueError,
            "task(container_image=...) has no meaning here: a function runs in the process that calls it",
        ),
        (
            {"environment": {"A": "1"}},
            ValueError,
            "task(environment=...) has no meaning here: "
            "a function runs in this process, whose environment is everybody's",
        ),
        (
            {"enable_deck": True},
            ValueError,
            "task(enable_deck=...) has no meaning here: a report tells of what a program did, and a function is none",
        ),
        (
            {"task_config": object()},
            ValueError,
            "plugin_config is a object, which has no plugin; registered: none; "
            "a SandboxedConfig is for @env.sandbox.orchestrator",
        ),
        (
            {"retry": 1},
            TypeError,
            "task() got an unexpected parameter 'retry'; parameters: task_config, retries, timeout, secret_requests, "
            "docs, environment, interruptible, resources, pod_template, pod_template_name, enable_deck, task_resolver, "
            "cache",
        ),
    ],
)
def test_what_has_no_meaning_here_is_refused_by_name(
    parameters: dict[str, Any], kind: type[Exception], message: str
) -> None:
    """None is accepted and ignored."""
    with pytest.raises(kind) as refused:
        task(**parameters)

    assert str(refused.value) == message


async def test_an_eager_orchestration_calls_templates() -> None:
    """It is Python in the caller's process: loops, gather and whatever else there is."""
    added = task(increased)

    @eager
    async def total(xs: list[int]) -> int:
        return sum(await asyncio.gather(*(added.aio(x) for x in xs)))

    assert (await total(xs=[1, 2, 3]), isinstance(total, AsyncFunctionTaskTemplate)) == (9, True)


def test_an_eager_orchestration_of_a_sync_function_is_refused() -> None:
    """It could not wait for a template without stopping the loop; flytekit takes it."""
    with pytest.raises(TypeError) as refused:
        eager(double)

    assert str(refused.value) == "eager takes an async function, and 'double' is none: write `async def`, or use task"


def test_plugins_without_registration_are_plain_functions() -> None:
    """As flytekit answers."""
    assert TaskPlugins.find_pythontask_plugin(complex) is AsyncFunctionTaskTemplate


def test_a_function_is_left_alone_without_the_debugger_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wrapper, no cost."""
    monkeypatch.delenv("_F_E_VS", raising=False)

    assert decorate_function(double) is double


@pytest.mark.parametrize("func", [double, increased])
def test_the_debugger_variable_stops_before_the_function(
    func: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task itself is what somebody wants to step through, sync or async."""
    stops: list[str] = []
    monkeypatch.setenv("_F_E_VS", "true")
    monkeypatch.setattr("sys.breakpointhook", lambda: stops.append("stopped"))
    made = task(func)

    value = asyncio.run(made.aio(4))

    assert (value, stops, made.name) == (func(4) if func is double else 5, ["stopped"], f"{__name__}.{func.__name__}")


async def test_a_task_that_takes_too_long_is_stopped() -> None:
    """`timeout` is enforced, and not told to a backend only."""

    async def endless() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(TimeoutError, match=r"^endless\(\) did not answer within 0\.01 s;"):
        await task(timeout=0.01)(endless).aio()


async def test_tasks_are_collected_into_an_environment() -> None:
    """Which is what a service is given: programs call them by their own names."""
    env = TaskEnvironment.from_task("shop", task(double), task(increased))

    assert [*env.functions] == ["double", "increased"]
    assert [*env.tasks] == [f"{__name__}.double", f"{__name__}.increased"]
    assert await env.functions["double"].invoke({"x": 4}) == 8


def test_two_functions_of_one_name_are_no_environment() -> None:
    """A program could call only one of them."""
    other = AsyncFunctionTaskTemplate(name="other", interface=NativeInterface.from_types({}), func=double)

    with pytest.raises(ValueError, match=r"^Duplicate task name 'double': rename one of them$"):
        TaskEnvironment.from_task("shop", task(double), other)
