"""Templates while they are made: every parameter does something or is refused."""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import (
    AsyncFunctionTaskTemplate,
    CodeTaskTemplate,
    SandboxedConfig,
    SandboxedTaskTemplate,
    TaskTemplate,
    orchestrator_from_str,
)
from sandbox.errors import LoopRunning, MisuseError
from sandbox.interface import NativeInterface

NOT_A_CONFIG: Any = None


def add(x: int, y: int) -> int:
    """Add."""
    return x + y


def test_a_template_holds_what_it_was_made_of() -> None:
    """The names are Flyte's, so that code written for it goes on working."""
    template = orchestrator_from_str("\n    add(x, 1)\n", inputs={"x": int}, output=int, tasks=[add])

    assert template.name == "sandboxed-code"
    assert template.native_interface is template.interface
    assert template.interface.inputs.keys() == {"x"}
    assert template.plugin_config == SandboxedConfig()
    assert template._user_source == "add(x, 1)"
    assert template._user_input_names == ["x"]
    assert template._user_functions == {"add": add}
    assert orchestrator_from_str(" \n", inputs={})._user_source == "None"


def test_the_classes_are_keyword_only_dataclasses_in_one_line() -> None:
    """Each adds what it needs to the one above."""
    assert CodeTaskTemplate.__mro__[:4] == (
        CodeTaskTemplate,
        SandboxedTaskTemplate,
        AsyncFunctionTaskTemplate,
        TaskTemplate,
    )
    assert all(field.kw_only for field in dataclasses.fields(CodeTaskTemplate))


def test_forward_says_why_not_and_what_instead() -> None:
    """There is no Python function behind a code string."""
    template = orchestrator_from_str("x", inputs={"x": int}, output=int)

    for call in (template.forward, template.func):
        with pytest.raises(NotImplementedError) as refused:
            call(x=1)
        assert str(refused.value).startswith("CodeTaskTemplate does not support forward(). ")
        assert "template.aio(...)" in str(refused.value)


async def test_a_blocking_call_in_a_running_loop_names_the_way_out() -> None:
    """It would stop the loop, and everything that runs on it."""
    template = orchestrator_from_str("x", inputs={"x": int}, output=int)

    with pytest.raises(
        LoopRunning, match=r"^'sandboxed-code' was called where an event loop runs: .*\.aio\("
    ) as refused:
        template(x=1)
    assert isinstance(refused.value, RuntimeError)
    assert isinstance(refused.value, MisuseError)
    assert asyncio.get_running_loop().is_running()


def make(source: Any = "x", **parameters: Any) -> Callable[[], CodeTaskTemplate]:
    """How a template with these parameters would be made."""
    return lambda: orchestrator_from_str(source, **{"inputs": {"x": int}, **parameters})


def also_add() -> Callable[..., Any]:
    """Another function of the same name."""

    def add(x: int) -> int:
        return x

    return add


@pytest.mark.parametrize(
    ("made", "kind", "message"),
    [
        (make(tasks=[add, also_add()]), ValueError, "Duplicate task name 'add': rename one of them"),
        (make(tasks=[add, "add"]), TypeError, "a task must be callable, not 'add'"),
        (
            make(tasks=[add], inputs={"add": int}),
            ValueError,
            "Task name 'add' is also the name of an input: rename one of them",
        ),
        *(
            (
                make(inputs={name: int}),
                ValueError,
                f"Sandboxed task input {name!r} is also the name of a builtin: rename it",
            )
            for name in ("print", "getattr", "open", "FunctionError")
        ),
        (make(tasks=[print]), ValueError, "Task name 'print' is also the name of a builtin: rename one of them"),
        (make(inputs={"n": range}), TypeError, "Sandboxed task input 'n' has unsupported type range; "),
        (make(output=range), TypeError, "Sandboxed task output has unsupported type range; "),
        (make(inputs={"a b": int}), ValueError, "Sandboxed task input 'a b' has a name that a program cannot use"),
        (make(source=b"x"), TypeError, "source must be a text, not bytes"),
        (make(cache="enable"), ValueError, "cache behavior must be one of 'auto', 'override', 'disable', not 'enable'"),
        (make(image="my/image"), ValueError, "image='my/image' is no guest image: pass 'auto', an Image, or what"),
        (make(retries=-1), ValueError, "retries must not be negative, and is -1"),
        (make(retries=1.5), ValueError, "retries must be a whole number or a RetryStrategy, not 1.5"),
        (make(timeout_ms=0), ValueError, "timeout_ms must be from 1 to 604,800,000, not 0"),
        (make(name=""), ValueError, "name must have 1 to 256 characters, not 0"),
        (make(name="a" * 257), ValueError, "name must have 1 to 256 characters, not 257"),
        (make(name=3), TypeError, "name must be a text, not 3"),
        (
            lambda: CodeTaskTemplate(name="t", interface=NativeInterface.from_types({}), plugin_config=NOT_A_CONFIG),
            TypeError,
            "plugin_config must be a SandboxedConfig, not None",
        ),
        (
            lambda: AsyncFunctionTaskTemplate(
                name="t", interface=NativeInterface.from_types({}), func=add, plugin_config=SandboxedConfig()
            ),
            ValueError,
            "plugin_config is a SandboxedConfig, which has no plugin; registered: none; "
            "a SandboxedConfig is for @env.sandbox.orchestrator",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_when_the_template_is_made(
    made: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    """None is accepted and ignored, and none fails in the middle of a run."""
    with pytest.raises(kind) as refused:
        made()

    assert str(refused.value).startswith(message)


def test_a_template_is_a_function_of_another() -> None:
    """Under its name as an identifier, with its inputs as parameters."""
    inner = orchestrator_from_str("x * 2", inputs={"x": int}, output=int)
    named = orchestrator_from_str("x * 2", inputs={"x": int}, output=int, name="double")

    outer = orchestrator_from_str("double(3)", inputs={}, output=int, tasks=[named, inner])

    assert outer._user_functions == {"double": named, "sandboxed_code": inner}
    assert named.as_function().header() == "double(x: int) -> int"


def test_parameters_of_functions_may_be_called_like_builtins() -> None:
    """They are names on the host's side; no program sees them as names of its own."""

    def find(id: int, type: str = "") -> str:  # noqa: A002 - what is tested
        return f"{type}{id}"

    template = AsyncFunctionTaskTemplate(name="find", interface=NativeInterface.from_callable(find), func=find)

    assert template.as_function().header() == "find(id: int, type: str = '') -> str"


async def test_a_template_of_a_plain_function_runs_it() -> None:
    """Where it is called, without a sandbox."""
    template = AsyncFunctionTaskTemplate(name="add", interface=NativeInterface.from_callable(add), func=add)

    assert template(1, 2) == template.forward(1, 2) == await template.aio(1, y=2) == 3
    assert template.as_function() is template.as_function()
    assert template.as_function().header() == "add(x: int, y: int) -> int"


async def test_a_template_of_nothing_runs_nothing() -> None:
    """The first class of the line has no body."""
    template = TaskTemplate(name="t", interface=NativeInterface.from_types({}))

    with pytest.raises(NotImplementedError):
        await template.aio()
    with pytest.raises(NotImplementedError):
        template.forward()
