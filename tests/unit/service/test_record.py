"""Ids, seeds, and how much a value weighs."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.weight import weight_of
from service.runs.record import new_run_id, new_seed
from tests.unit.service.builders import START


def test_ids_sort_by_time_and_are_unique() -> None:
    """Lists of runs are read in their order."""
    ids = [new_run_id(START + timedelta(milliseconds=n)) for n in range(100)]

    assert ids == sorted(ids)
    assert len({new_run_id(START) for _ in range(1_000)}) == 1_000
    assert {len(one) for one in ids} == {30}


def test_seeds_fit_a_double() -> None:
    """They travel as JSON numbers."""
    assert all(0 <= new_seed() < 2**53 for _ in range(100))


@pytest.mark.parametrize(
    ("value", "weight"),
    [(None, 32), ("abc", 35), (b"abc", 35), (2**800, 132), ([1, "a"], 97), ({"k": [True]}, 129)],
)
def test_weight_grows_with_what_memory_holds(value: Any, weight: int) -> None:
    """It decides what is kept, and what is done on a thread."""
    assert weight_of(value) == weight


def test_weighing_stops_when_it_knows_enough() -> None:
    """Deciding whether work is heavy must not be heavy."""
    assert weight_of([0] * 1_000_000, enough=1_000) < 2_000
