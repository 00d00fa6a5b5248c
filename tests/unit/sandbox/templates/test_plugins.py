"""Task plugins, echoes and references: templates that are not what a decorated function usually becomes."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import AsyncFunctionTaskTemplate, CodeTaskTemplate, NativeInterface, TaskEnvironment, ValueRejected
from sandbox.extend import TaskPluginRegistry
from sandbox.flytekit import Echo, ReferenceTask, TaskPlugins, reference_task


@dataclass(frozen=True)
class Twice:
    """A configuration: call the function two times."""

    times: int = 2


class TwiceTemplate(AsyncFunctionTaskTemplate[..., Any]):
    """What runs it."""

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as often as configured."""
        return [self.func(*args, **kwargs) for _ in range(self.plugin_config.times)]


@pytest.fixture
def registered() -> Iterator[None]:
    """The plugin, for one test: the registry is the process's."""
    TaskPluginRegistry.register(Twice, TwiceTemplate)
    yield
    TaskPluginRegistry._plugins.pop(Twice)


def failing() -> int:
    """Raises at its first call."""
    CALLS.append("called")
    if len(CALLS) == 1:
        raise OSError
    return len(CALLS)


CALLS: list[str] = []


@pytest.mark.usefixtures("registered")
def test_a_plugin_runs_the_functions_of_its_configuration() -> None:
    """`plugin_config` chooses the class of the template, and its `execute` is what runs, also for programs."""
    env = TaskEnvironment(name="shop")

    @env.task(plugin_config=Twice(times=3))
    def one(x: int) -> Any:
        return x

    assert (one(5), type(one), TaskPluginRegistry.list_plugins()) == ([5, 5, 5], TwiceTemplate, [Twice])
    assert one.as_function().call == one.aio


@pytest.mark.usefixtures("registered")
def test_a_plugin_is_retried() -> None:
    """`retries` means the same whoever executes the task."""
    CALLS.clear()
    template = TaskEnvironment(name="shop").task(plugin_config=Twice(), retries=1)(failing)

    values: Any = template()

    assert (values, CALLS) == ([2, 3], ["called"] * 3)


@pytest.mark.usefixtures("registered")
def test_a_second_plugin_for_a_type_is_refused() -> None:
    """In Flyte it replaces the first, and tasks change by the order of imports."""

    class Another(TwiceTemplate):
        """Another one."""

    TaskPluginRegistry.register(Twice, TwiceTemplate)
    with pytest.raises(ValueError, match=r"^Twice has the plugin TwiceTemplate already: register another type for Ano"):
        TaskPluginRegistry.register(Twice, Another)
    with pytest.raises(TypeError, match=r"^Twice has the plugin TwiceTemplate already"):
        TaskPlugins.register_pythontask_plugin(Twice, Another)

    assert TaskPlugins.find_pythontask_plugin(Twice) is TwiceTemplate


@pytest.mark.usefixtures("registered")
def test_the_type_of_a_configuration_counts_exactly() -> None:
    """A subclass may mean something that the plugin knows nothing of."""

    class Thrice(Twice):
        """Not registered."""

    assert TaskPluginRegistry.find(Thrice) is None
    with pytest.raises(ValueError, match=r"^plugin_config is a Thrice, which has no plugin; registered: Twice; "):
        TaskEnvironment(name="shop").task(plugin_config=Thrice())(failing)


@pytest.mark.parametrize("plugin", [int, TwiceTemplate(name="t", interface=NativeInterface.from_types({}), func=abs)])
def test_what_is_no_class_of_templates_is_no_plugin(plugin: Any) -> None:
    """Found out when it is registered, not when a task is made."""
    with pytest.raises(TypeError, match=r"^a plugin must be a subclass of AsyncFunctionTaskTemplate, not "):
        TaskPluginRegistry.register(Twice, plugin)


@pytest.mark.parametrize(
    ("inputs", "given", "value"),
    [
        ({}, {}, ()),
        ({"a": int}, {"a": 1}, 1),
        ({"a": int, "b": str}, {"b": "x", "a": 1}, (1, "x")),
    ],
)
def test_an_echo_returns_its_inputs(inputs: dict[str, type], given: dict[str, Any], value: Any) -> None:
    """One as it is, several as a tuple in their order, none as the empty tuple."""
    assert Echo("echo", inputs)(**given) == value


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"a": "x"}, ValueRejected, "a is a str, not int"),
        ({"b": 1}, TypeError, "echo: missing a required argument: 'a'; inputs: a"),
    ],
)
def test_an_echo_checks_its_inputs(given: dict[str, Any], kind: type[Exception], message: str) -> None:
    """It has the interface that it was given, like every template."""
    with pytest.raises(kind) as refused:
        Echo("echo", {"a": int})(**given)

    assert str(refused.value) == message


def test_an_echo_can_be_copied_and_pickled() -> None:
    """As every template."""
    echo = Echo("echo", {"a": int, "b": str})

    assert echo.override(short_name="e")(1, "x") == (1, "x")
    assert pickle.loads(pickle.dumps(echo))(1, "x") == (1, "x")  # noqa: S301 - made here


async def test_an_echo_is_a_function_of_programs() -> None:
    """Under its name, as an identifier, with types on both sides."""
    function = Echo("shop.echo", {"a": int, "b": str}).as_function()

    assert (function.name, function.returns.text, await function.invoke(function.bind((1, "x"), {}))) == (
        "shop_echo", "tuple[int, str]", (1, "x"),
    )  # fmt: skip


def negated(x: int) -> int:
    """A function to be bound."""
    return -x


@reference_task(project="shop", domain="production", name="prices.total", version="v3")
def total(skus: list[str]) -> float: ...  # type: ignore[empty-body]  # its body is not used


def test_a_reference_without_a_binding_says_what_is_missing() -> None:
    """It is a name: nothing here could answer."""
    with pytest.raises(NotImplementedError) as refused:
        total(skus=[])

    assert str(refused.value) == (
        "'prices.total', version 'v3' in shop/production, is known by its name only: "
        "bind(template) says what runs here in its place"
    )


async def test_a_reference_runs_what_is_bound_to_it() -> None:
    """Code that names a template of another system runs here, in a test or in another place."""
    reference = ReferenceTask("shop", "test", "prices.total", "v3", {"x": int}, {"o0": int})
    env = TaskEnvironment(name="here")

    @env.task
    async def local(x: int) -> int:
        return x * 2

    reference.bind(local)

    function = reference.as_function()
    assert (await reference.aio(x=4), await function.invoke(function.bind((5,), {}))) == (8, 10)
    assert (reference.version, reference.override(short_name="p").version) == ("v3", "v3")


def test_a_reference_is_bound_to_what_fits_and_once() -> None:
    """Another signature is another template."""
    reference = ReferenceTask("shop", "test", "prices.total", "v3", {"x": int}, {"o0": int})
    other = CodeTaskTemplate(name="other", interface=NativeInterface.from_types({"y": str}))

    with pytest.raises(
        TypeError, match=r"^'other' is \(y: str\) -> None, and the reference 'prices.total' is \(x: int"
    ):
        reference.bind(other)
    with pytest.raises(TypeError, match=r"^a reference is bound to a template or a function, not to 3"):
        reference.bind(3)
    reference.bind(negated)
    with pytest.raises(ValueError, match=r"^the reference 'prices.total' is bound already"):
        reference.bind(max)

    assert reference(x=-3) == 3
