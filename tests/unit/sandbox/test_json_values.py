"""Values as JSON: what is written how, and what is refused where."""

import contextlib
import datetime
import decimal
import math
import time
import tracemalloc
import uuid
from typing import Any

import pytest

from sandbox.errors import ValueRejected
from sandbox.json_values import MAX_DEPTH, to_json
from tests.typed_values import Colour


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, [2.5, None, True]), [1, [2.5, None, True]]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({(2, 1), (1, 2)}, [[1, 2], [2, 1]]),
        (b"hi", "aGk="),
        (decimal.Decimal("12.50"), "12.50"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (datetime.datetime(2026, 1, 31, 9, 30, tzinfo=datetime.UTC), "2026-01-31T09:30:00+00:00"),
        (datetime.date(2026, 1, 31), "2026-01-31"),
        (datetime.time(9, 30), "09:30:00"),
        (datetime.timedelta(days=1, hours=2, microseconds=5), "P1DT2H0.000005S"),
        (datetime.timedelta(seconds=-90), "-PT1M30S"),
        (datetime.timedelta(0), "PT0S"),
        (Colour.RED, "RED"),
        ({"a": {Colour.RED: 1}}, {"a": {"RED": 1}}),
        (2**64, 2**64),
    ],
)
def test_a_value_is_written(value: Any, expected: Any) -> None:
    """Each kind of value has one way to be written."""
    assert to_json(value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"rows": [{"ratio": math.nan}]}, "$.rows[0].ratio is NaN, which JSON cannot write"),
        ([-math.inf], "$[0] is infinite, which JSON cannot write"),
        ({"a": {1: 2}}, "$.a has a key of type int; JSON has text as keys only: use str(key)"),
        ([10**4300], "$[0] is an integer of more than 4300 digits; return it as hex(x)"),
        ({"a b": object()}, "$['a b'] is of type object, which JSON cannot write"),
        (nested(100), "$" + "[0]" * 100 + " is nested deeper than 100 levels; flatten the value"),
    ],
)
def test_what_json_cannot_write_is_refused_by_its_path(value: Any, message: str) -> None:
    """An answer never holds something that a reader takes for something else."""
    with pytest.raises(ValueRejected) as refused:
        to_json(value)

    assert str(refused.value).startswith(message)


def test_the_longest_integers_are_written() -> None:
    """Up to the length that Python itself reads and writes."""
    assert to_json([10**4300 - 1, 1 - 10**4300]) == [10**4300 - 1, 1 - 10**4300]


def test_big_integers_are_quoted_on_request() -> None:
    """A reader whose numbers are floats would change them without a word."""
    written = to_json({"exact": 2**53, "more": 2**53 + 1, "less": -(2**53) - 1, "flag": True}, bigint_as_text=True)

    assert written == {"exact": 2**53, "more": "9007199254740993", "less": "-9007199254740993", "flag": True}


def test_sets_of_mixed_values_have_one_order() -> None:
    """Two processes would otherwise answer the same request differently."""
    assert to_json({"a", 1, None}) == to_json({None, "a", 1})


def test_sets_of_decimals_that_have_no_order_have_one_all_the_same() -> None:
    """NaN cannot be compared, and says so with an exception of its own."""
    assert to_json({decimal.Decimal("NaN"), decimal.Decimal(1)}) == ["1", "NaN"]


def test_sets_in_sets_have_one_order() -> None:
    """Whatever the order in which this process walks them."""
    inner = [frozenset({name, 1}) for name in "abcdef"]

    assert to_json(set(inner)) == [[name, 1] for name in "abcdef"]


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_sets_in_sets_take_a_bounded_time(size: int) -> None:
    """Each was written anew for every set around it, and again for every set around that: minutes for a megabyte."""
    value: Any = "a" * size
    for _ in range(MAX_DEPTH - 1):
        value = frozenset({value, 1})
    started = time.process_time()
    with contextlib.suppress(ValueRejected):
        to_json(value)

    assert time.process_time() - started < 2


def test_where_a_part_is_costs_nothing_until_it_is_told() -> None:
    """A path is as long as its names; to write it for each of a million parts took hours."""
    value = {"a" * 1_000_000: [0] * 10, "b" * 1_000_000: {"c": []}}
    tracemalloc.start()
    try:
        to_json(value)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 500_000
