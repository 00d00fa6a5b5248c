"""What somebody who comes from `flyte.sandbox` writes first, each as it was written there."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import (
    AsyncFunctionTaskTemplate,
    CodeTaskTemplate,
    GuestRaised,
    SandboxedConfig,
    orchestrate_local,
    orchestrator_from_str,
)
from sandbox.interface import NativeInterface
from sandbox.limits import MIB

SUBMITTED = """
    total = add(x, y)
    doubled = double(total)
    doubled
"""
WORDS = """
words = [word.strip().lower() for word in words if word.strip()]
", ".join(sorted(set(words), key=len))
"""
CAUGHT = """
steps = []
try:
    lose()
except KeyError as error:
    steps.append(f"caught {error}")
finally:
    steps.append("done")
steps
"""
GATHERED = """
import asyncio
await asyncio.gather(meet(1), meet(2), meet(3))
"""


def add(x: int, y: int) -> int:
    """Add."""
    return x + y


def double(x: int) -> int:
    """Double."""
    return x * 2


def lose() -> None:
    """Fail."""
    raise KeyError("key")


@pytest.mark.parametrize(
    ("source", "inputs", "value"),
    [
        ("x * 2", {"x": 21}, 42),
        (SUBMITTED, {"x": 1, "y": 2}, 6),
        (WORDS, {"words": [" Tea ", "mug", "", "tea", "kettle"]}, "tea, mug, kettle"),
        ("def area(a, b):\n    return a * b\narea(3, n)", {"n": 4}, 12),
        ("{'sum': x + 1, 'text': str(x)}", {"x": 1}, {"sum": 2, "text": "1"}),
        ("flyte_map('add', xs, ys)", {"xs": [1, 2], "ys": [10, 20]}, [11, 22]),
        (CAUGHT, {}, ["caught 'key'", "done"]),
    ],
)
async def test_an_example_gives_its_value(source: str, inputs: dict[str, Any], value: Any) -> None:
    """Sets have an order of their own, so the words are compared as sets."""
    found = await orchestrate_local(source, inputs=inputs, tasks=[add, double, lose])

    assert set(found.split(", ")) == set(value.split(", ")) if isinstance(value, str) else found == value


async def test_an_exception_of_the_source_reaches_the_caller() -> None:
    """With its type and its message."""
    with pytest.raises(ValueError, match=r"^ValueError: no rows") as raised:
        await orchestrate_local("raise ValueError('no rows')", inputs={})
    assert isinstance(raised.value, GuestRaised)
    assert (raised.value.type, raised.value.message) == ("ValueError", "no rows")


async def test_three_calls_that_are_gathered_are_under_way_at_once() -> None:
    """None comes back before all are there; in Flyte they follow each other."""
    barrier = asyncio.Barrier(3)

    async def meet(n: int) -> int:
        await barrier.wait()
        return n

    assert await orchestrate_local(GATHERED, inputs={}, tasks=[meet]) == [1, 2, 3]


async def test_the_tool_of_a_map_reduce_is_a_code_template() -> None:
    """Mapped in parallel, each in an isolate of its own."""
    square = orchestrator_from_str("n * n", inputs={"n": int}, output=int, name="square")
    reduced = orchestrator_from_str(
        "sum(flyte_map('square', numbers))", inputs={"numbers": list[int]}, output=int, tasks=[square]
    )

    assert await reduced.aio([1, 2, 3]) == 14


async def test_thirty_megabytes_go_in_and_out() -> None:
    """Where the limits allow it."""
    text = "x" * 30_000_000
    made = orchestrator_from_str(
        "text",
        inputs={"text": str},
        output=str,
        max_inline_io_bytes=40 * MIB,
        limits={"value_bytes": 40 * MIB, "memory_bytes": 512 * MIB},
        plugin_config=SandboxedConfig(max_memory=400 * MIB),
    )

    assert await made.aio(text) == text


@dataclass(kw_only=True, eq=False)
class Counted(CodeTaskTemplate):
    """A template with hooks that are plain methods."""

    def pre(self, *args: Any, **_kwargs: Any) -> Any:
        if args == (0,):
            message = "nothing to do"
            raise LookupError(message)
        return {}

    def post(self, return_vals: Any) -> Any:
        if return_vals < 0:
            message = "negative"
            raise ArithmeticError(message)
        return {"value": return_vals}


@pytest.mark.parametrize(
    ("x", "kind", "message"), [(0, LookupError, "nothing to do"), (-2, ArithmeticError, "negative")]
)
async def test_what_a_hook_raises_is_raised_at_the_caller(x: int, kind: type[Exception], message: str) -> None:
    """As it is: it is the caller's own code. Hooks may be plain methods."""
    made = Counted(name="n", interface=NativeInterface.from_types({"x": int}, {"o0": int}), _user_source="x + 1")

    assert await made.aio(1) == {"value": 2}
    with pytest.raises(kind, match=f"^{message}$"):
        await made.aio(x)


@dataclass(kw_only=True, eq=False)
class Logged(AsyncFunctionTaskTemplate[..., Any]):
    """A function with a plain hook."""

    def post(self, return_vals: Any) -> Any:
        return return_vals + 1


async def test_hooks_of_a_function_may_be_plain_methods() -> None:
    """As those of a sandboxed template."""
    made = Logged(name="add", interface=NativeInterface.from_callable(add), func=add)

    assert await made.aio(1, 2) == 4
    assert await orchestrate_local("add(1, 2)", inputs={}, tasks=[made]) == 4
