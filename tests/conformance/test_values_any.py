"""Any value of the wire, through a real guest: it comes out equal, its types too, wherever it goes in."""

import datetime
import decimal
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.engine import Engine
from sandbox.turns import Call, Failure, Outcome
from tests.play import play_on

pytestmark = pytest.mark.of_cpython

# As an input, as an argument by place and by name, as an outcome, as an exception's argument, and in the result.
EVERYWHERE = """
try:
    fail(one)
except ValueError as error:
    failed = error.args[0]
[one, give(one), give(by_name=one), failed]
"""
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(2**200), max_value=2**200),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["$", "$set", "$dict", "\u2028", "\x00", "\\ud800"]),
    st.binary(max_size=12),
    st.datetimes(timezones=st.sampled_from([None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=-3))])),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.uuids(),
)
HASHABLE = st.recursive(SCALARS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner),
        st.sets(HASHABLE, max_size=4),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.dictionaries(st.text(max_size=3) | st.just("$set"), inner, max_size=4),
    ),
    max_leaves=8,
)


def shown(value: Any) -> Any:
    """Return a value with its types, in an order of its own where it has none; `0.0` differs from `-0.0`."""
    match value:
        case dict():
            return dict, sorted(((shown(key), shown(item)) for key, item in value.items()), key=repr)
        case set() | frozenset():
            return type(value), sorted(map(shown, value), key=repr)
        case list() | tuple():
            return type(value), [*map(shown, value)]
        case datetime.datetime():
            return type(value), value.isoformat(), value.fold
    return type(value), repr(value)


def answer(call: Call) -> Outcome:
    """Give back what came, as a value or as the argument of an exception."""
    value = call.args[0] if call.args else call.kwargs["by_name"]
    if call.function == "fail":
        return Outcome(number=call.number, failure=Failure(type="ValueError", message="no", arguments=(value,)))
    return Outcome(number=call.number, value=value)


async def _everywhere(engine: Engine, values: list[Any]) -> None:
    played = await play_on(engine, EVERYWHERE, {"one": values}, sync=["give", "fail"], answer=answer)

    assert [*map(shown, played.value)] == [shown(values)] * 4
    arguments = [call.args[0] if call.args else call.kwargs["by_name"] for call in played.calls]
    assert [*map(shown, arguments)] == [shown(values)] * 3


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(values=st.lists(VALUES, min_size=8, max_size=24))
async def test_any_value_comes_out_as_it_went_in(engine: Engine, values: list[Any]) -> None:
    """Many at a time, so that as many are tried as possible."""
    await _everywhere(engine, values)


async def test_values_at_edges_come_out_as_they_went_in(engine: Engine) -> None:
    """Some that chance does not find."""
    await _everywhere(
        engine,
        [
            -0.0,
            float("inf"),
            decimal.Decimal("NaN"),
            decimal.Decimal("-Infinity"),
            {True: 1, 2: {None: ()}},
            {frozenset({(1, frozenset())}): uuid.UUID(int=0)},
            {"$set": [1]},
            datetime.time(1, fold=1, tzinfo=datetime.UTC),
        ],
    )
