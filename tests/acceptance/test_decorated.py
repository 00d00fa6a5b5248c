"""Functions that are decorated to run in a sandbox: with what they use of their module, or refused by its name."""

import asyncio
import collections
import datetime as dt
import math
import os
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt as root
from typing import Any

import pytest

from sandbox import (
    CodeTaskTemplate,
    GuestRaised,
    Image,
    Limits,
    Resources,
    SandboxedConfig,
    SandboxedTaskTemplate,
    TaskEnvironment,
    orchestrate_local,
    orchestrator_from_str,
)
from sandbox.limits import MIB

env = TaskEnvironment("shop", description="A shop.")
RATE = 0.5
NAMES = {"a": ["x", "y"]}
LOCK = threading.Lock()


@env.task
def add(x: int, y: int) -> int:
    """Add."""
    return x + y


@env.task
async def slow_double(x: int) -> int:
    """Double, after a while."""
    await asyncio.sleep(0.01)
    return 2 * x


plus = add


@dataclass
class Row:
    """A class of the module."""

    name: str
    amount: float = RATE


def helper(n: int, power: int = len("ab")) -> float:
    """A helper with a helper of its own."""
    return inner(n) ** power


def inner(n: int) -> float:
    """Use what was imported under another name."""
    return root(n) + math.floor(0.5)


@env.sandbox.orchestrator
def pipeline(n: int, *, times: int = 2) -> dict[str, Any]:
    """Use everything that can be carried along."""
    row = Row("r", amount=helper(n))
    counts = collections.Counter(NAMES["a"])
    NAMES["a"].append("changed")
    day = dt.date(2026, 1, 31) + dt.timedelta(days=1)
    return {
        "sum": add(n, times),
        "plus": plus(n, 1),
        "mapped": [*flyte_map("slow_double", range(times)), slow_double(10)],  # type: ignore[name-defined]  # noqa: F821
        "row": [row.name, row.amount, RATE],
        "counts": dict(counts),
        "day": day,
    }


def test_a_decorated_function_runs_in_an_isolate_with_what_it_uses() -> None:
    """In Flyte, a helper or a constant of the module is a `NameError` when it runs."""
    expected = {
        "sum": 11,
        "plus": 10,
        "mapped": [0, 2, 20],
        "row": ["r", 9.0, 0.5],
        "counts": {"x": 1, "y": 1},
        "day": dt.date(2026, 2, 1),
    }

    assert pipeline(9) == expected
    assert pipeline(n=9, times=2) == expected
    assert NAMES == {"a": ["x", "y"]}


def test_it_is_a_template_of_its_environment() -> None:
    """Named after both, documented by its docstring, found in its file."""
    assert type(pipeline) is SandboxedTaskTemplate
    assert (pipeline.name, pipeline.short_name) == ("shop.pipeline", "pipeline")
    assert pipeline.docs is not None
    assert pipeline.docs.description == "Use everything that can be carried along."
    assert pipeline.source_file == __file__
    assert pipeline.parent_env is not None
    assert (pipeline.parent_env(), pipeline.parent_env_name) == (env, "shop")
    assert env.tasks["shop.pipeline"] is pipeline
    assert [*env.functions] == ["add", "slow_double"]
    assert pipeline.json_schema["required"] == ["n"]


def test_its_source_is_text_that_can_be_read() -> None:
    """Imports, what it uses, the function without its decorator, and a call."""

    @env.sandbox.orchestrator(name="area")
    def circle(radius: float) -> float:
        return inner(4) * radius

    assert circle._user_source == (
        "import math as math\n"
        "from math import sqrt as root\n\n"
        "def inner(n: int) -> float:\n"
        '    """Use what was imported under another name."""\n'
        "    return root(n) + math.floor(0.5)\n\n"
        "def circle(radius: float) -> float:\n"
        "    return inner(4) * radius\n\n"
        "circle(radius)"
    )
    assert circle(1.5) == 3.0
    assert circle.forward(1.5) == 3.0
    assert circle.override(timeout=60)(1.5) == 3.0
    assert circle.name == "area"


async def test_async_functions_are_awaited() -> None:
    """And gather in parallel."""

    @env.sandbox.orchestrator
    async def gathered(n: int) -> list[int]:
        return await asyncio.gather(*[slow_double(i) for i in range(n)])

    assert await gathered.aio(3) == [0, 2, 4]
    assert await orchestrate_local("await gathered(2)", inputs={}, tasks=[gathered]) == [0, 2]


def test_variables_of_functions_around_it_are_carried_along() -> None:
    """As they are when it is decorated."""
    factor = 3

    @env.sandbox.orchestrator
    def tripled(x: int) -> int:
        def twice(y: int) -> int:
            return y * 2

        return twice(x) * factor

    factor = 4

    assert tripled(1) == 6
    assert tripled.forward(1) == 8


def test_arguments_of_the_decorator_bound_the_run() -> None:
    """The configuration's and every other; those of the environment where nothing else was given."""
    bounded = TaskEnvironment(
        "bounded", resources=Resources(memory="128Mi"), plugin_config=SandboxedConfig(timeout_ms=9_000)
    )

    @bounded.sandbox.orchestrator(timeout_ms=5_000, max_memory=10 * MIB, max_stack_depth=40, limits={"calls": 3})
    def deep(n: int) -> int:
        return 0 if n == 0 else 1 + deep(n - 1)

    @bounded.sandbox.orchestrator
    def plain() -> None:
        return None

    assert deep.effective_limits == Limits(memory_bytes=31 * MIB, wall_seconds=5.0, calls=3)
    assert plain.effective_limits == Limits(memory_bytes=128 * MIB, wall_seconds=9.0)
    assert deep(20) == 20
    with pytest.raises(RecursionError):
        deep(100)


def test_code_strings_are_made_the_same_way() -> None:
    """Listed in the environment when they have a name."""
    named = env.sandbox.orchestrator(
        "add(x, y) * 2", tasks=[add], inputs={"x": int, "y": int}, output=int, name="twice"
    )
    unnamed = env.sandbox.orchestrator("1 + 1", output=int, timeout_ms=1_000)

    assert type(named) is CodeTaskTemplate
    assert (named(1, 2), unnamed()) == (6, 2)
    assert (named.name, unnamed.name) == ("twice", "sandboxed-code")
    assert env.tasks["twice"] is named
    assert "sandboxed-code" not in env.tasks
    assert named.source_file == __file__


def test_templates_without_environment_are_put_into_one() -> None:
    """Each belongs to one only, and its name stays."""
    first = orchestrator_from_str("1", inputs={}, output=int, name="first")
    second = orchestrator_from_str("2", inputs={}, output=int, name="second")

    made = TaskEnvironment.from_task("made", first, second)

    assert dict(made.tasks) == {"first": first, "second": second}
    assert first.parent_env_name == "made"
    with pytest.raises(ValueError, match=r"^'first' belongs to the environment 'made': a task has one only$"):
        TaskEnvironment.from_task("again", first)
    with pytest.raises(TypeError, match=r"^from_task takes templates, not 3$"):
        TaskEnvironment.from_task("again", 3)  # type: ignore[arg-type]  # what is tested
    other = orchestrator_from_str("2", inputs={}, name="x", image=Image.from_guest_base())
    with pytest.raises(ValueError, match="must have the same image"):
        TaskEnvironment.from_task("mixed", orchestrator_from_str("1", inputs={}, name="y"), other)


# -- refused when it is decorated -----------------------------------------------------------------------------


def uses_lock(n: int) -> int:
    """Use what cannot be copied."""
    with LOCK:
        return n


def uses_module(n: int) -> str:
    """Use a module that programs cannot import."""
    return os.sep * n


def uses_helper_of_module(n: int) -> str:
    """Through a helper."""
    return uses_module(n)


def uses_what_is_not_there(n: int) -> int:
    """Use what is defined nowhere."""
    return n + nowhere  # type: ignore[name-defined, no-any-return]  # noqa: F821 - what is tested


def uses_open(n: str) -> str:
    """Use a builtin that programs do not have."""
    return open(n).read()  # noqa: PTH123 - what is tested


def generator(n: int) -> Any:
    """Yield."""
    yield n


def variadic(*n: int) -> int:
    """Take any number."""
    return len(n)


def hides(RATE: float, n: int) -> float:  # noqa: N803 - what is tested
    """Name an input like what a helper uses."""
    return Row("x").amount + RATE + n


WAY_OUT = "; pass it as an input, or make a function that uses it a task with @env.task"


@pytest.mark.parametrize(
    ("func", "kind", "message"),
    [
        (
            uses_lock,
            TypeError,
            "uses_lock uses 'LOCK', which cannot be carried along: it is a lock, which cannot cross; ",
        ),
        (
            uses_module,
            TypeError,
            "uses_module uses 'os.sep', which programs do not have: of os they have environ, getenv" + WAY_OUT,
        ),
        (
            uses_helper_of_module,
            TypeError,
            "uses_helper_of_module uses 'os.sep', which programs do not have: of os they have environ, getenv"
            + WAY_OUT,
        ),
        (
            uses_what_is_not_there,
            TypeError,
            "uses_what_is_not_there uses 'nowhere', which is not defined where it is decorated: define it above"
            + WAY_OUT,
        ),
        (uses_open, TypeError, "uses_open uses 'open', which is not available to programs: there are no files here; "),
        (generator, TypeError, "Sandboxed tasks cannot be generators: generator"),
        (variadic, ValueError, "variadic cannot have the variadic parameter 'n': name each input"),
        (hides, ValueError, "hides has an input 'RATE', and uses something of that name: rename one"),
        (lambda n: n, TypeError, "a sandboxed function must be defined with `def`, not <function <lambda>"),
        (len, TypeError, "a sandboxed function must be defined with `def`, not <built-in function len>"),
        (3, TypeError, "orchestrator() takes a function, a code string, or parameters by name, not 3"),
    ],
)
def test_what_cannot_be_carried_along_is_refused_by_name(
    func: Callable[..., Any], kind: type[Exception], message: str
) -> None:
    """When it is decorated, not when line 40 runs after 39 calls were made."""
    with pytest.raises(kind) as refused:
        env.sandbox.orchestrator(func)

    assert str(refused.value).startswith(message)


def test_two_templates_of_one_name_are_refused() -> None:
    """In Flyte, the second silently replaces the first."""
    own = TaskEnvironment("own")
    own.sandbox.orchestrator("1", name="one")

    with pytest.raises(ValueError, match=r"^Duplicate task name 'one': rename one of them$"):
        own.sandbox.orchestrator("2", name="one")


@pytest.mark.parametrize("name", ["reusable", "depends_on", "queue"])
def test_what_an_environment_cannot_do_is_refused_by_name(name: str) -> None:
    """None is accepted and ignored."""
    given: dict[str, Any] = {name: 1}

    with pytest.raises(ValueError, match=rf"^TaskEnvironment\({name}=\.\.\.\) is not supported yet: leave it out$"):
        TaskEnvironment("x", **given)


def test_a_configuration_is_given_once() -> None:
    """Not in two ways that may differ."""
    with pytest.raises(ValueError, match=r"^timeout_ms and plugin_config were both given: put it"):
        env.sandbox.orchestrator("1", timeout_ms=1, plugin_config=SandboxedConfig())


def test_an_error_shows_the_line_of_the_function() -> None:
    """And the cause is what the function raised."""

    @env.sandbox.orchestrator
    def failing(n: int) -> float:
        return 1 / n

    with pytest.raises(ZeroDivisionError) as raised:
        failing(0)
    assert isinstance(raised.value, GuestRaised)
    assert raised.value.frames[-1].source == "return 1 / n"  # type: ignore[attr-defined]  # a Frame


def test_a_decorated_function_is_pickled_with_its_source() -> None:
    """The other process does not need the file."""
    copied: Any = pickle.loads(pickle.dumps(plainly))  # noqa: S301 - our own

    assert (copied._user_source, copied._user_constants, copied.parent_env) == (
        plainly._user_source,
        {"RATE": 0.5},
        None,
    )
    assert copied(2) == 1.0


def plain_body(n: int) -> float:
    """Use a constant."""
    return n * RATE


plainly = env.sandbox.orchestrator(plain_body)


def test_a_function_without_a_source_is_told_where_to_stand() -> None:
    """What was typed at the prompt of Python 3.11 or 3.12 is kept nowhere; notebooks keep it."""
    names: dict[str, Any] = {}
    exec("def double(x: int) -> int:\n    return x * 2", names)  # noqa: S102 - as a prompt does

    with pytest.raises(TypeError) as raised:
        TaskEnvironment(name="prompt").sandbox.orchestrator(names["double"])

    message = "the source of double cannot be found: define it in a file or a notebook, or pass a text"
    assert str(raised.value) == message
