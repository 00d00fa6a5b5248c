"""Interfaces: arguments bound and checked on the way in, the value on the way out."""

import enum
import inspect
from typing import Any

import pytest

from sandbox.errors import OutputRejected, ValueRejected
from sandbox.interface import EMPTY, OUTPUT, NativeInterface


class Size(enum.Enum):
    """An enum of the caller."""

    SMALL = 1


RECTANGLE = NativeInterface.from_types({"width": float, "height": float}, {OUTPUT: float}, {"height": 1.0})


def test_arguments_are_bound_by_place_and_by_name() -> None:
    """A template is called like a function."""
    assert RECTANGLE.bind("area", (2,), {}) == {"width": 2.0, "height": 1.0}
    assert RECTANGLE.bind("area", (2, 3), {}) == {"width": 2.0, "height": 3.0}
    assert RECTANGLE.bind("area", (), {"height": 3, "width": 2}) == {"width": 2.0, "height": 3.0}
    assert NativeInterface.from_types({"size": Size}).bind("t", (Size.SMALL,), {}) == {"size": "SMALL"}


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "area: missing a required argument: 'width'; inputs: width: float, height: float = ..."),
        ((1, 2, 3), {}, "area: too many positional arguments; inputs: width: float, height: float = ..."),
        ((1,), {"w": 2}, "area: got an unexpected keyword argument 'w'; inputs: width: float, height: float = ..."),
    ],
)
def test_arguments_that_do_not_fit_are_refused(args: tuple[Any, ...], kwargs: dict[str, Any], message: str) -> None:
    """The message shows what there is."""
    with pytest.raises(TypeError) as refused:
        RECTANGLE.bind("area", args, kwargs)

    assert str(refused.value) == message


def test_a_value_of_another_type_is_refused_by_name() -> None:
    """Nothing is coerced."""
    with pytest.raises(ValueRejected, match=r"^width is a str, not float$"):
        RECTANGLE.bind("area", ("2",), {})


@pytest.mark.parametrize(
    ("outputs", "value", "message", "hint"),
    [
        ({}, 3, "the value is of type int, and no output is declared; pass output=int", "pass output=int"),
        ({}, [1], "the value is of type list, and no output is declared; pass output=list", "pass output=list"),
        (
            {OUTPUT: int},
            "3",
            "the value is a str, not int; pass output=str, or return int",
            "pass output=str, or return int",
        ),
        (
            {OUTPUT: int},
            None,
            "the value is None, not int; pass output=NoneType, or return int",
            "pass output=NoneType, or return int",
        ),
        (
            {OUTPUT: list[int]},
            [1, "2"],
            "$[1] is a str, not int; change the type, or return list[int]",
            "change the type, or return list[int]",
        ),
    ],
)
def test_another_value_than_declared_is_refused(outputs: dict[str, Any], value: Any, message: str, hint: str) -> None:
    """The hint says what to write."""
    with pytest.raises(OutputRejected) as refused:
        NativeInterface.from_types({}, outputs).check_output(value)

    assert (str(refused.value), refused.value.hint) == (message, hint)


def test_the_declared_value_is_returned() -> None:
    """As Python code on the host holds it."""
    assert NativeInterface.from_types({}).check_output(None) is None
    assert NativeInterface.from_types({}, {OUTPUT: Size}).check_output("SMALL") is Size.SMALL
    assert RECTANGLE.check_output(2) == 2.0


@pytest.mark.parametrize("name", ["a b", "", "class", "__name__", "1st", "ﬁ"])
def test_a_name_that_no_program_could_use_is_refused(name: str) -> None:
    """Python reads `ﬁ` (one character) as `fi`: the program would not find it."""
    with pytest.raises(ValueError, match="has a name that a program cannot use: choose an identifier"):
        NativeInterface.from_types({name: int})


def test_a_default_of_another_type_is_refused() -> None:
    """Otherwise the template would fail whenever the default is used."""
    with pytest.raises(TypeError, match=r"^Sandboxed task input 'n' has a default that is a str, not int$"):
        NativeInterface.from_types({"n": int}, defaults={"n": "1"})


def test_a_type_that_cannot_cross_is_refused() -> None:
    """When the template is made."""
    with pytest.raises(TypeError, match=r"^Sandboxed task input 'n' has unsupported type complex;"):
        NativeInterface.from_types({"n": complex})
    with pytest.raises(TypeError, match=r"^Sandboxed task output has unsupported type complex;"):
        NativeInterface.from_types({}, {OUTPUT: complex})


def test_a_function_declares_its_interface() -> None:
    """Untyped parameters take anything, variadic ones are no inputs."""

    def area(width: float, height: float = 1.0, *rest: int, unit=None) -> float:  # type: ignore[no-untyped-def]  # noqa: ARG001 - only declared
        return width * height

    interface = NativeInterface.from_callable(area)

    assert interface.inputs == {"width": (float, EMPTY), "height": (float, 1.0), "unit": (EMPTY, None)}
    assert interface.outputs == {OUTPUT: float}
    assert interface.has_outputs()
    assert (interface.required_inputs(), interface.num_required_inputs()) == (["width"], 1)


def test_an_input_after_a_default_can_be_given_by_name() -> None:
    """Inputs are a dictionary: any order is possible."""
    interface = NativeInterface.from_types({"a": int, "b": int}, defaults={"a": 1})

    assert interface.bind("t", (), {"b": 2}) == {"a": 1, "b": 2}
    assert [one.kind for one in interface.signature.parameters.values()] == [inspect.Parameter.KEYWORD_ONLY] * 2
