"""Large values are taken as they are only when the walk would have left them as they are, within the same bounds."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import values
from sandbox.errors import ValueRejected
from sandbox.plain import nodes_of

LEAVES = st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats() | st.text(max_size=3)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("$ab", max_size=2), inner, max_size=3),
    max_leaves=12,
)
WIRE_VALUES = st.recursive(
    LEAVES | st.binary(max_size=3) | st.decimals(allow_nan=False) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.dictionaries(st.text("$ab", max_size=2) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


class Text(str):
    """A text that is not exactly one."""


def count(value: Any, *, max_nodes: int = 1_000, max_depth: int = 10) -> int | None:
    """Count as the wire does."""
    return nodes_of(value, per_container=4, max_nodes=max_nodes, max_depth=max_depth)


@pytest.mark.parametrize(
    "value",
    [
        [math.nan],
        [math.inf],
        [2**63],
        [-(2**63)],
        [(1,)],
        [b""],
        [{1: 2}],
        [{"$a": 1}],
        [{"a": [Text("a")]}],
        [{Text("a"): 1}],
        [[[object()]]],
    ],
)
def test_what_has_to_be_tagged_is_not_plain(value: Any) -> None:
    """However deep it lies."""
    assert count(value) is None


def test_nodes_and_depth_are_bounded_as_in_the_walk() -> None:
    """One below and one above."""
    assert count([1, [2, {"a": 3}]]) == 2 + 2 + 1 + 3 * 4
    assert count([1, 2], max_nodes=6) == 6
    assert count([1, 2], max_nodes=5) is None
    assert count([[[]]], max_depth=2) == 2 + 3 * 4
    assert count([[[]]], max_depth=1) is None


def test_lists_that_share_each_other_are_given_up_early() -> None:
    """2**60 nodes in 61 lists."""
    shared: list[Any] = []
    for _ in range(60):
        shared = [shared, shared]

    assert count(shared, max_depth=100) is None


@given(st.lists(TREES, min_size=33, max_size=40))
def test_a_large_value_crosses_as_its_parts_do(large: list[Any]) -> None:
    """Each part is small enough to be walked."""
    assert values.encode(large) == "[" + ",".join(map(values.encode, large)) + "]"


@given(st.lists(WIRE_VALUES, min_size=33, max_size=36))
def test_a_large_value_comes_back_as_it_went(large: list[Any]) -> None:
    """Types included, with whatever in it."""
    text = values.encode(large)

    assert values.encode(values.decode(text)) == text
    assert values.encode([values.decode(values.encode(item)) for item in large]) == text


def test_what_is_refused_in_a_large_value_is_named_by_its_path() -> None:
    """The walk says where."""
    with pytest.raises(ValueRejected, match=r"\$\[39\].a"):
        values.encode([{"a": n} for n in range(39)] + [{"a": object()}])


def test_a_large_value_at_the_bounds_is_refused_as_a_small_one_is() -> None:
    """Neither the number of nodes nor the depth may be got round by size."""
    deep: Any = [0] * 40
    for _ in range(values.MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(ValueRejected, match="nested deeper"):
        values.encode(deep)
    with pytest.raises(ValueRejected, match="more than 100 nodes"):
        values.encode([*range(97)], max_nodes=100)
    assert values.encode([*range(96)], max_nodes=100)
