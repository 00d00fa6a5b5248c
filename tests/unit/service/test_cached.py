"""Orders that are answered with what is kept."""

import dataclasses
import itertools
from collections.abc import Iterable
from typing import Any

from sandbox import Cache, Limits
from sandbox.dispatch import HostFunction
from sandbox.execute import Finished, refused
from sandbox.turns import ErrorReport
from service.functions.registry import Registry
from service.runs.cached import answered_order
from service.runs.order import Order, Rules, order_of
from service.runs.submission import Submission
from tests.dictionary_store import DictionaryStore
from tests.unit.sandbox.test_local import ObedientEngine


def add(x: int) -> int:
    """Add one."""
    return x + 1


FAILURE = ErrorReport(kind="runtime", type="ValueError", message="no")
RULES = Rules(registry=Registry([HostFunction.of(add)]), limits=Limits(), ceiling=Limits())


def order(**fields: Any) -> Order:
    """An order for a program, with something changed."""
    given: dict[str, Any] = {"source": "x", "inputs": {"x": 1}, "cache": Cache("auto"), **fields}
    return order_of(Submission(**given), RULES)


async def answers(*orders: Order, tenants: Iterable[str] = (), value: Any = 1) -> list[bool]:
    """Whether each of the orders, one after the other, was answered with what is kept."""
    store = DictionaryStore()

    async def compute() -> Finished:
        return dataclasses.replace(refused(FAILURE), error=None, value=value)

    finished = [
        await answered_order(one, compute, tenant=tenant, engine=ObedientEngine(), store=store)
        for one, tenant in zip(orders, itertools.chain(tenants, itertools.repeat("a")), strict=False)
    ]
    return [one.cached for one in finished]


async def test_an_equal_order_is_answered_with_what_is_kept() -> None:
    """Its name, its metadata and its other limits do not matter."""
    other = order(name="t", metadata={"a": 1}, limits={"calls": 5})

    assert await answers(order(), order(), other) == [False, True, True]


async def test_what_decides_an_answer_is_told_apart() -> None:
    """Each of these may give another one."""
    orders = [
        order(),
        order(source="x + 0"),
        order(inputs={"x": 2}),
        order(input_types={"x": "int"}),
        order(output="int"),
        order(functions=("add",)),
        order(env_vars={"A": "1"}),
        order(seed=1),
        order(now=1),
        order(cache=Cache("auto", salt="s")),
    ]

    assert await answers(*orders) == [False] * len(orders)


async def test_nobody_is_given_what_another_tenant_keeps() -> None:
    """Neither with a version of one's own, where the program is no part of the key."""
    for cache in (Cache("auto"), Cache("auto", version_override="v1")):
        assert await answers(*[order(cache=cache)] * 4, tenants="abab") == [False, False, True, True]


async def test_a_value_that_the_answer_cannot_carry_is_not_kept() -> None:
    """Its run is answered as failed."""
    assert await answers(order(output="str"), order(output="str")) == [False, False]
    assert await answers(order(), order(), value=float("nan")) == [False, False]


async def test_nothing_is_kept_unless_it_is_asked_for() -> None:
    """`disable` is the default."""
    assert await answers(order(cache=Cache("disable")), order(), order(cache=Cache("disable"))) == [False] * 3
