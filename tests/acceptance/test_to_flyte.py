"""`to_flyte`: the same template here and in Flyte's local mode, and what is refused because it cannot run there."""

import importlib.util
from collections.abc import Callable
from types import NoneType
from typing import Any

import pytest

from sandbox import (
    Cache,
    Link,
    RateLimit,
    RetryStrategy,
    SandboxedConfig,
    SandboxedTaskTemplate,
    TaskEnvironment,
    Timeout,
    orchestrator_from_str,
)
from sandbox.extend import to_flyte

INSTALLED = importlib.util.find_spec("flyte") is not None
needs_flyte = pytest.mark.skipif(not INSTALLED, reason="needs the extra flyte, which is not in the locked environment")
RATES = {"north": (0.5, 2)}
env = TaskEnvironment(name="shop")


@env.task
async def price(sku: str) -> float:
    """What one of it costs."""
    return len(sku) * 1.5


@env.task
def doubled(x: int) -> int:
    """Two of it."""
    return 2 * x


@env.task(rate=RateLimit(1))
def rare(x: int) -> int:
    """Seldom."""
    return x


def plain(x: int) -> int:
    """A function that is no task."""
    return x + 1


def total(skus: list[str], factor: float = 2.0) -> float:
    """What all of them cost."""
    result = 0.0
    for sku in skus:
        result += price(sku) * factor  # type: ignore[operator]  # in a program it gives its value
    return result + RATES["north"][0]


def code(source: str, inputs: dict[str, Any], output: Any, *tasks: Any, **parameters: Any) -> SandboxedTaskTemplate:
    """A template of a code string."""
    return orchestrator_from_str(source, inputs=inputs, output=output, tasks=tasks, **parameters)


def inner() -> SandboxedTaskTemplate:
    """A template that is a function of another one."""
    return code("plain(x) * 10", {"x": int}, int, plain, name="inner")


def decorated() -> SandboxedTaskTemplate:
    """A template of a function, with what it uses of this module."""
    return TaskEnvironment(name="shop").sandbox.orchestrator(total)


# Made when they are asked for: a template's source is checked by the engine, which this file does not start.
BOTH: list[tuple[Callable[[], SandboxedTaskTemplate], dict[str, Any]]] = [
    (lambda: code("x * 2", {"x": int}, int), {"x": 21}),
    (lambda: code("'a' + str(x)\n", {"x": int | None}, str), {"x": None}),
    (
        lambda: code("sorted({name: len(name) for name in names}.items())", {"names": list[str]}, list),
        {"names": ["bb", "a"]},
    ),
    (lambda: code("[price(sku) for sku in skus]", {"skus": list[str]}, list[float], price), {"skus": ["a", "bc"]}),
    (lambda: code("flyte_map('doubled', xs)", {"xs": list[int]}, list[int], doubled), {"xs": [1, 2, 3]}),
    (lambda: code("flyte_map('plain', xs)", {"xs": list[int]}, list[int], plain), {"xs": [1, 2, 3]}),
    (lambda: code("inner(x) + doubled(x)", {"x": int}, int, inner(), doubled), {"x": 3}),
    (lambda: code("import math\n'''import os'''\nmath.floor(x)", {"x": float}, int), {"x": 2.5}),
    (lambda: code("x = 1", {}, NoneType), {}),
    (decorated, {"skus": ["a", "bcd"], "factor": 3.0}),
    (decorated, {"skus": ["a", "bcd"]}),
]


@needs_flyte
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("made", "inputs"), BOTH)
def test_both_engines_give_the_same_value(made: Callable[[], SandboxedTaskTemplate], inputs: dict[str, Any]) -> None:
    """The exported template is Flyte's own class, run by Flyte, and its value that of the isolate."""
    import flyte
    import flyte.sandbox

    template = made()
    exported = to_flyte(template)
    flyte.init()
    there = flyte.with_runcontext(mode="local").run(exported, **inputs).outputs()

    assert isinstance(exported, flyte.sandbox.CodeTaskTemplate)
    assert (there.o0 if template.interface.has_outputs() else None) == template(**inputs)


@needs_flyte
def test_parameters_are_those_of_the_template() -> None:
    """Limits, attempts, time and cache; the version of the cache is that of all that runs, which Flyte's is not."""
    parameters = {"retries": RetryStrategy(2), "timeout": Timeout(max_runtime=5), "queue": "q", "interruptible": True}
    config = SandboxedConfig(max_memory=2**24, max_stack_depth=64, timeout_ms=1_500)
    one, other = (
        to_flyte(
            code(source, {"x": int}, int, cache="auto", plugin_config=config, name="n", docs="Sums.", **parameters)
        )
        for source in ("x + 1", "x + 100")
    )

    found = (one.name, one.plugin_config.max_memory, one.plugin_config.max_stack_depth, one.plugin_config.timeout_ms)
    assert found == ("n", 2**24, 64, 1_500)
    assert (one.retries.count, one.timeout.max_runtime.total_seconds(), one.queue) == (2, 5, "q")
    assert (one.interruptible, one.docs.description, one.cache.behavior) == (True, "Sums.", "auto")
    assert one.cache.version_override != other.cache.version_override


@needs_flyte
@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (
            lambda: code("match x:\n    case 1: pass\nx", {"x": int}, int),
            "NotImplementedError: The monty syntax parser does not yet support pattern matching (match statements)",
        ),
        (lambda: code("import decimal\nx", {"x": int}, int), "ModuleNotFoundError: No module named 'decimal'"),
        (lambda: code("memoryview(b'ab')[0]", {}, int), "NameError: name 'memoryview' is not defined"),
        (
            lambda: code("await price('a')", {}, float, price),
            "functions give their values there, and nothing awaits: call them without await, .aio and gather",
        ),
        (lambda: code("x", {"x": int}, int, env_vars={"A": "1"}), "env_vars: programs there have no environment"),
        (
            lambda: code("x", {"x": int}, int, links=(Link("logs", "https://logs.example"),)),
            "links: give them to what to_flyte() returns, as Flyte has them",
        ),
        (
            lambda: code("x", {"x": int}, int, plugin_config=SandboxedConfig(policy="open")),
            'policy: there is "guarded" only',
        ),
        (
            lambda: code("x", {"x": int}, int, limits={"calls": 3}),
            "limits: there is no calls; memory_bytes, wall_seconds are",
        ),
        (lambda: code("rare(1)", {}, int, rare), "the function 'rare' has a rate, which nobody keeps there"),
        (
            lambda: code("x", {"x": int}, int, cache=Cache("auto", policies=[_Policy()])),
            "cache: its policies are classes of this library",
        ),
    ],
)
def test_what_cannot_run_there_is_refused_by_name(made: Callable[[], SandboxedTaskTemplate], reason: str) -> None:
    """When it is exported, not in the middle of a run on a cluster."""
    template = made()
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the text is compared
        to_flyte(template)

    assert str(refused.value) == f"{template.name!r} cannot be exported to flyte.sandbox: {reason}"


class _Policy:
    def get_version(self, salt: str, params: Any) -> str:  # noqa: ARG002 - of the protocol
        return "1"


@needs_flyte
def test_a_type_that_flyte_does_not_know_is_refused() -> None:
    """By Flyte's own check, at the export."""
    import datetime

    template = code("when.isoformat()", {"when": datetime.date}, str, name="dated")
    with pytest.raises(
        ValueError, match=r"^'dated' cannot be exported to flyte.sandbox: Sandboxed task input 'when' has"
    ):
        to_flyte(template)


@pytest.mark.skipif(INSTALLED, reason="the extra flyte is installed")
def test_an_export_needs_the_extra() -> None:
    """Whoever lacks it learns its name."""
    with pytest.raises(ImportError) as missing:
        to_flyte(inner())

    assert str(missing.value) == (
        "to_flyte() needs the package of the module flyte, which is not installed: pip install 'isthmus[flyte]'"
    )
