"""What goes in comes out, and what cannot cross is refused by path."""

import datetime
import decimal
import uuid
from typing import Any

import pytest

from tests.play import Play

EVERYTHING: list[Any] = [
    None,
    True,
    0,
    -(2**63),
    10**400,
    1.5,
    -0.0,
    float("inf"),
    "text with ü, 漢 and \n a line break",
    b"\x00\xff",
    [1, [2, [3]]],
    (1, "two", (3.0,)),
    {"a": 1, "$b": 2},
    {1: "int", (2, 3): "tuple", None: "none"},
    {1, "a", (2,)},
    frozenset({1, 2}),
    datetime.datetime(2026, 7, 1, 12, 30, tzinfo=datetime.UTC),
    datetime.date(2026, 7, 1),
    datetime.time(12, 30, fold=1),
    datetime.timedelta(days=-1, microseconds=5),
    decimal.Decimal("1.50"),
    uuid.UUID("12345678123456781234567812345678"),
]


async def test_values_come_out_as_they_went_in(play: Play) -> None:
    """The wire loses nothing, types included."""
    played = await play("[value for value in values]", {"values": EVERYTHING})

    assert played.value == EVERYTHING
    assert [type(value) for value in played.value] == [type(value) for value in EVERYTHING]


async def test_the_value_is_that_of_the_last_expression(play: Play) -> None:
    """A program needs no return statement."""
    assert (await play("y = x + 1\ny * 2", {"x": 20})).value == 42


async def test_a_program_that_ends_with_a_statement_gives_none(play: Play) -> None:
    """Only an expression has a value."""
    assert (await play("y = 1")).value is None


async def test_nan_comes_out_of_the_guest(play: Play) -> None:
    """Whether NaN may leave the service is decided further out, where JSON is."""
    value = (await play("float('nan')")).value

    assert value != value


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{'rows': [1, {'f': len}]}", "$.rows[1].f is a builtin_function_or_method, which cannot cross"),
        ("(n for n in [])", "the value is a generator, which cannot cross; pass list(x)"),
        ("'\\ud800'", "the value holds a lone surrogate"),
    ],
)
async def test_what_cannot_cross_is_refused_by_path(play: Play, source: str, message: str) -> None:
    """Nothing is turned into its repr behind the caller's back."""
    error = (await play(source)).error

    assert error.kind == "type"
    assert message in error.message


async def test_shared_lists_are_refused_in_bounded_time(play: Play) -> None:
    """61 lists that share each other are 2**60 nodes for whoever walks them."""
    assert (await play("x = [1]\nfor _ in range(60): x = [x, x]\nx")).limit == "value_nodes"
