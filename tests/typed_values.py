"""Types that may be declared, each with values of it: what the property tests of the type boundary draw from."""

import datetime
import decimal
import enum
import uuid
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from sandbox import DataFrame, Dir, File


class Colour(enum.Enum):
    """An enum, as a caller would declare one."""

    RED = 1
    GREEN = "green"


class Typed(NamedTuple):
    """An annotation, and a value of it."""

    annotation: Any
    value: Any


# Whole seconds of offset, because that is what ISO 8601 writes.
_ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))
_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers() | st.integers(-(2**200), 2**200),
    float: st.floats(allow_nan=False),
    str: st.text(),
    bool: st.booleans(),
    bytes: st.binary(),
    None: st.none(),
    datetime.datetime: st.datetimes(timezones=st.none() | _ZONES),
    datetime.date: st.dates(),
    datetime.time: st.times(),
    datetime.timedelta: st.timedeltas(),
    decimal.Decimal: st.decimals(allow_nan=False),
    uuid.UUID: st.uuids(),
    File: st.builds(File, st.text(min_size=1), name=st.none() | st.text(min_size=1), format=st.just("csv")),
    Dir: st.builds(Dir, st.text(min_size=1)),
    DataFrame: st.builds(DataFrame, st.text(min_size=1), format=st.just("parquet")),
    Literal["a", 2, None]: st.sampled_from(["a", 2, None]),
    Colour: st.sampled_from(Colour),
}
_HASHABLE = [kind for kind in _SCALARS if kind is not float]

scalars = st.sampled_from([*_SCALARS]).flatmap(lambda kind: _SCALARS[kind].map(lambda value: Typed(kind, value)))


def _of(generic: Any, *arguments: Any) -> Any:
    """Return a generic type with arguments that are known at run time only."""
    return generic[arguments]


def _list_of(kind: Any) -> st.SearchStrategy[Typed]:
    return st.lists(_SCALARS[kind], max_size=4).map(lambda items: Typed(_of(list, kind), items))


def _containers(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    return st.one_of(
        st.sampled_from([*_SCALARS]).flatmap(_list_of),
        inner.map(lambda one: Typed(_of(list, one.annotation), [one.value, one.value])),
        inner.map(lambda one: Typed(_of(tuple, one.annotation, ...), (one.value,))),
        inner.map(lambda one: Typed(_of(dict, str, one.annotation), {"a key": one.value})),
        inner.map(lambda one: Typed(one.annotation | None if one.annotation is not None else None, one.value)),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda many: Typed(_of(tuple, *(one.annotation for one in many)), tuple(one.value for one in many))
        ),
        st.sampled_from(_HASHABLE).flatmap(
            lambda kind: st.sets(_SCALARS[kind], max_size=4).map(lambda items: Typed(_of(set, kind), items))
        ),
        st.sampled_from(_HASHABLE).flatmap(
            lambda kind: st.frozensets(_SCALARS[kind], max_size=4).map(lambda items: Typed(_of(frozenset, kind), items))
        ),
        st.sampled_from(_HASHABLE).flatmap(
            lambda kind: st.dictionaries(_SCALARS[kind], st.integers(), max_size=4).map(
                lambda items: Typed(_of(dict, kind, int), items)
            )
        ),
    )


typed_values = st.recursive(scalars, _containers, max_leaves=6)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and have the same types in all their parts."""
    if type(one) is not type(other) or one != other:
        return False
    match one:
        case dict():
            pairs = zip(one.items(), other.items(), strict=True)
            return all(same(*both) for pair in pairs for both in zip(*pair, strict=True))
        case list() | tuple():
            return all(same(*both) for both in zip(one, other, strict=True))
        case set() | frozenset():
            return sorted(type(item).__name__ for item in one) == sorted(type(item).__name__ for item in other)
    return True
