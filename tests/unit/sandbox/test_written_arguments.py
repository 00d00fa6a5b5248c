"""How the guest writes the arguments of a call."""

import enum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox import values
from sandbox.engines.cpython.guest.turns import written
from sandbox.errors import ValueRejected, ValueTooLarge


class Name(str):
    """A text that is more than one."""


class Colour(enum.IntEnum):
    """Numbers that cross by their names."""

    RED = 1


ARGUMENT = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(2**63 - 2, 2**63 + 2),
    st.integers(-(2**63) - 2, -(2**63) + 2),
    st.floats(),
    st.text(),
    st.text(st.characters(codec="utf-8")),
    st.lists(st.integers(), max_size=3),
    st.sampled_from([Name("a"), Colour.RED, b"bytes", "$tuple", (1,), {}]),
)


def told(write: Any) -> Any:
    """Return what is written, or what is raised."""
    try:
        return write()
    except ValueRejected as error:
        return type(error), error.path, error.reason


@given(st.lists(ARGUMENT, max_size=4), st.dictionaries(st.sampled_from(["a", "b"]), ARGUMENT, max_size=1))
@example(args=[2**63], kwargs={})
@example(args=[-(2**63)], kwargs={})
@example(args=["\ud800"], kwargs={})
@example(args=["x" * 1_000], kwargs={})
def test_arguments_are_written_as_any_other_value_is(args: list[Any], kwargs: dict[str, Any]) -> None:
    """The short way is one: the host, and every key of a call, must see no difference."""
    short = told(lambda: written(tuple(args), kwargs, max_bytes=60))
    long = told(lambda: values.encode([list(args), kwargs], max_bytes=60, around=2))

    assert short == long


def test_what_is_too_long_is_refused_with_its_length() -> None:
    """Also where each part of it is short."""
    with pytest.raises(ValueTooLarge) as caught:
        written(("abc", 1), {}, max_bytes=5)

    assert str(caught.value) == "the value takes 14 bytes; the limit value_bytes is 5"
