"""Calls of host functions: arguments bound, functions called where they belong, values checked."""

import asyncio
import contextvars
import dataclasses
import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.dispatch import ArgumentsRejected, HostFunction
from sandbox.turns import FunctionSpec
from tests.typed_values import Colour

REQUEST = contextvars.ContextVar("REQUEST", default="none")


def add(x: int, y: int = 0) -> int:
    """Add two numbers.

    The second may be left out.
    """
    return x + y


async def find(email: str, /, *, limit: int | None = None, **filters: str) -> dict[str, Any]:
    """Find "somebody"."""
    return {"email": email, "limit": limit, **filters}


def spread(first: float, *args: int, flag: bool = False, **kwargs: Any) -> list[Any]:
    return [first, args, flag, kwargs]


@dataclasses.dataclass
class Point:
    """A record of the host."""

    x: int


def move(point: Point, colour: Colour = Colour.RED) -> Point:
    return Point(point.x + (1 if colour is Colour.RED else 2))


def rejection(function: HostFunction, *args: Any, **kwargs: Any) -> str:
    """What the call site is told of arguments that do not fit."""
    with pytest.raises(ArgumentsRejected) as rejected:
        function.bind(args, kwargs)
    failure = rejected.value.failure
    assert failure.type == "TypeError"
    assert failure.hint == f"signature: {function.header()}"
    return failure.message


def test_a_function_is_described_by_what_it_is() -> None:
    """Name, parameters, types and text come from the function itself, so that they cannot be wrong."""
    function = HostFunction.of(add)

    assert function.spec() == FunctionSpec(name="add", is_async=False)
    assert HostFunction.of(find).spec() == FunctionSpec(name="find", is_async=True)
    assert {name: kind.text for name, kind in function.parameters.items()} == {"x": "int", "y": "int"}
    assert function.returns.text == "int"
    assert function.description == "Add two numbers.\n\nThe second may be left out."


@pytest.mark.parametrize(
    ("call", "args", "kwargs", "expected"),
    [
        (add, (1,), {}, {"x": 1}),
        (add, (), {"x": 1}, {"x": 1}),
        (add, (1, 2), {}, {"x": 1, "y": 2}),
        (spread, (1,), {}, {"first": 1.0}),
        (
            spread,
            (1, 2, 3),
            {"flag": True, "a": [1]},
            {"first": 1.0, "args": [2, 3], "flag": True, "kwargs": {"a": [1]}},
        ),
        (find, ("a",), {"limit": 3, "city": "Ulm"}, {"email": "a", "limit": 3, "kwargs": {"city": "Ulm"}}),
        (move, ({"x": 1}, "GREEN"), {}, {"point": {"x": 1}, "colour": "GREEN"}),
    ],
)
def test_arguments_are_bound_by_name(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], expected: dict[str, Any]
) -> None:
    """`f(1)` and `f(a=1)` are one call, and a record of it can be compared and shown."""
    assert HostFunction.of(call).bind(args, kwargs) == expected


@pytest.mark.parametrize(
    ("call", "args", "kwargs", "message"),
    [
        (add, (), {}, "add() missing a required argument: 'x'"),
        (add, (1, 2, 3), {}, "add() too many positional arguments"),
        (add, (1,), {"z": 2}, "add() got an unexpected keyword argument 'z'"),
        (add, ("1",), {}, "add() argument x is a str, not int"),
        (spread, (1, 2, "3"), {}, "spread() argument args[1] is a str, not int"),
        (find, ("a",), {"city": 3}, "find() argument city is an int, not str"),
        (move, ({"y": 1},), {}, "move() argument point lacks x of Point"),
    ],
)
def test_arguments_that_do_not_fit_are_a_failure_of_the_call(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], message: str
) -> None:
    """The program can catch it, and whoever repairs the program sees the signature."""
    assert rejection(HostFunction.of(call), *args, **kwargs) == message


async def called(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Bind and invoke."""
    function = HostFunction.of(call)
    return await function.invoke(function.bind(args, kwargs))


async def test_functions_get_and_give_what_their_annotations_say() -> None:
    """A record is an object to the function and a dictionary to the guest."""
    assert await called(add, 1, y=2) == 3
    assert await called(find, "a", limit=1, city="Ulm") == {"email": "a", "limit": 1, "city": "Ulm"}
    assert await called(spread, 1, 2, 3, flag=True, a=1) == [1.0, (2, 3), True, {"a": 1}]
    assert await called(move, {"x": 1}) == {"x": 2}
    assert await called(move, {"x": 1}, "GREEN") == {"x": 3}


async def test_a_sync_function_runs_on_a_thread_with_the_context_of_the_caller() -> None:
    """A function that blocks must not stop the loop, and still sees whose request it works for."""

    def where() -> tuple[str, bool]:
        return REQUEST.get(), threading.current_thread() is threading.main_thread()

    REQUEST.set("r1")

    assert await called(where) == ("r1", False)


async def test_an_async_function_runs_on_the_loop_that_calls_it() -> None:
    """It may use connections that belong to that loop."""
    loops = []

    async def where() -> None:
        loops.append(asyncio.get_running_loop())

    await called(where)

    assert loops == [asyncio.get_running_loop()]


async def test_an_awaitable_that_a_sync_function_returns_is_awaited() -> None:
    """Decorators hide that a function is async."""

    def hidden(x: int) -> Any:
        return find(str(x))

    assert await called(hidden, 1) == {"email": "1", "limit": None}


async def test_a_value_of_another_type_is_the_functions_failure() -> None:
    """The guest must not get what the stub does not promise."""

    def wrong() -> int:
        return "1"  # type: ignore[return-value]  # what is tested

    def open_ended() -> Any:
        return {"rows": [0, 1], "more": (n for n in range(2))}

    def half_a_character() -> str:
        return "\ud83d"

    surrogate = r"^the value of half_a_character\(\) holds a lone surrogate; it is no valid text$"
    with pytest.raises(TypeError, match=surrogate):
        await called(half_a_character)
    with pytest.raises(TypeError, match=r"^the value of wrong\(\) is a str, not int$"):
        await called(wrong)
    with pytest.raises(TypeError, match=r"^the value of open_ended\(\) \$.more is a generator, which cannot cross"):
        await called(open_ended)


async def test_values_cross_by_value() -> None:
    """What either side does to its copy later changes nothing for the other, nor for the record."""
    rows = [1]

    def give() -> list[int]:
        return rows

    def take(given: dict[str, Any]) -> int:
        given["seen"] = True
        return len(given)

    function = HostFunction.of(take)
    arguments = function.bind(({"a": 1},), {})

    given = await called(give)
    rows.append(2)

    assert given == [1]
    assert await function.invoke(arguments) == 2
    assert arguments == {"given": {"a": 1}}


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_function_cannot_end_the_process(*, is_async: bool) -> None:
    """`sys.exit` in a function is a failure of the function."""

    async def leave_async() -> None:
        raise SystemExit(3)

    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match=r"leave(_async)?\(\) tried to end the process"):
        await called(leave_async if is_async else leave)


async def test_a_function_that_cancels_itself_has_failed() -> None:
    """Otherwise the guest would wait for it until its time is up."""

    async def give_up() -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match=r"give_up\(\) cancelled itself"):
        await called(give_up)


async def test_a_call_can_be_cancelled() -> None:
    """A guest that gave a call up, or has ended, must not be waited for."""
    started = asyncio.Event()

    async def wait() -> None:
        started.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(called(wait))
    await started.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


def test_stubs_declare_what_can_be_called() -> None:
    """This text is what a model writes its calls from."""
    lines = ["def add(x: int, y: int = 0) -> int:", '    """Add two numbers.', "", "    The second may be left out."]
    assert HostFunction.of(add).stub() == "\n".join([*lines, '    """', "    ..."])
    header = "find(email: str, /, *, limit: int | None = None, **filters: str) -> dict[str, Any]"
    assert HostFunction.of(find).stub() == f'async def {header}:\n    """Find "somebody"."""\n    ...'
    assert HostFunction.of(find).stub("sync").startswith("def find(")
    assert HostFunction.of(spread).stub() == (
        "def spread(first: float, *args: int, flag: bool = False, **kwargs: Any) -> list[Any]: ..."
    )
    assert HostFunction.of(move).header() == (
        "move(point: dict[str, Any], colour: Literal['RED', 'GREEN'] = ...) -> dict[str, Any]"
    )


def test_schemas_describe_the_arguments_by_name() -> None:
    """They are what tool definitions are made of."""
    assert HostFunction.of(add).parameters_schema() == {
        "type": "object",
        "properties": {"x": {"type": "integer"}, "y": {"type": "integer", "default": 0}},
        "required": ["x"],
        "additionalProperties": False,
    }
    assert HostFunction.of(spread).parameters_schema()["properties"] == {
        "first": {"type": "number"},
        "args": {"type": "array", "items": {"type": "integer"}},
        "flag": {"type": "boolean", "default": False},
        "kwargs": {"type": "object", "additionalProperties": {}},
    }
    assert HostFunction.of(add).returns_schema() == {"type": "integer"}


class Service:
    """Callable objects and methods are functions too."""

    def price(self, sku: str) -> float:
        """Look a price up."""
        return float(len(sku))

    async def __call__(self, x: int) -> int:
        """Double."""
        return x * 2


async def test_methods_builtins_and_callable_objects_can_be_called() -> None:
    """Whatever can be called can be a function, as long as it has a name."""
    doubled = HostFunction.of(Service(), name="double")
    partial = HostFunction.of(functools.partial(add, y=5), name="add5")

    assert HostFunction.of(Service().price).header() == "price(sku: str) -> float"
    assert doubled.is_async
    assert await doubled.invoke(doubled.bind((2,), {})) == 4
    assert await partial.invoke(partial.bind((2,), {})) == 7
    assert await called(max, 1, 5, 3) == 5


def test_a_name_that_is_no_identifier_is_made_one() -> None:
    """Guests can only call identifiers; the name as it was given stays known."""
    function = HostFunction.of(add, name="math.add-two")

    assert (function.name, function.title) == ("math_add_two", "math.add-two")


def unresolved(x: "Missing") -> None:  # type: ignore[name-defined]  # noqa: F821 - what is tested
    """Has an annotation that stands for nothing."""


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (3, "a task must be callable, not 3"),
        (lambda x: x, "'<lambda>' cannot be the name of a task: define it with `def`, under a name of its own"),
        (functools.partial(add, 1), "a task needs a name, and partial objects have none: define it with `def`"),
        (unresolved, "Task 'unresolved' has an annotation that cannot be resolved: name 'Missing' is not defined"),
    ],
)
def test_what_cannot_be_a_function_is_refused(call: Any, message: str) -> None:
    """At once, and not when a guest calls it."""
    with pytest.raises(TypeError) as refused:
        HostFunction.of(call)

    assert str(refused.value).startswith(message)


def test_a_signature_with_a_type_that_cannot_cross_is_refused() -> None:
    """The message says which parameter it is."""

    def plot(points: complex) -> None:
        """Take what cannot cross."""

    def make() -> range:
        return range(3)

    with pytest.raises(TypeError, match=r"^Task 'plot' input 'points' has unsupported type complex; types that can"):
        HostFunction.of(plot)
    with pytest.raises(TypeError, match=r"^Task 'make' output has unsupported type range; types that can cross:"):
        HostFunction.of(make)
