"""Task environments: functions collected by a decorator, which stay callable."""

import inspect
from typing import Any

import pytest

from sandbox import TaskEnvironment
from sandbox.templates import AsyncFunctionTaskTemplate


def shop() -> tuple[TaskEnvironment, Any, Any]:
    """An environment with a sync and an async function."""
    env = TaskEnvironment(name="shop")

    @env.task
    def price(sku: str, quantity: int = 1) -> float:
        """Look a price up."""
        return 1.5 * quantity * len(sku)

    @env.task(name="stock.level", description="Ask the warehouse.")
    async def stock(sku: str) -> int:
        return len(sku)

    return env, price, stock


def test_functions_are_collected_under_the_names_that_guests_use() -> None:
    """In the order in which they were defined."""
    env, price, _ = shop()

    assert [(name, one.title, one.description) for name, one in env.functions.items()] == [
        ("price", "price", "Look a price up."),
        ("stock_level", "stock.level", "Ask the warehouse."),
    ]
    assert env.functions["price"].header() == "price(sku: str, quantity: int = 1) -> float"
    assert price.as_function() is env.functions["price"]


async def test_a_decorated_function_is_called_as_before() -> None:
    """Code that is not sandboxed goes on working."""
    _, price, stock = shop()

    assert type(price) is AsyncFunctionTaskTemplate
    assert (price.name, vars(price)["__name__"], price.__doc__) == ("shop.price", "price", "Look a price up.")
    assert price("ab", quantity=2) == price.forward("ab", 2) == 6.0
    assert await price.aio("ab") == 3.0
    assert await stock("abc") == await stock.aio("abc") == 3
    assert inspect.signature(price).parameters.keys() == {"sku", "quantity"}


def test_one_name_stands_for_one_function() -> None:
    """The second would silently replace the first."""
    env, price, _ = shop()

    with pytest.raises(ValueError, match=r"^Duplicate task name 'price': rename one of them$"):
        env.task(price.func)


def test_the_functions_cannot_be_changed_from_outside() -> None:
    """What is on the whitelist was put there by `task`."""
    env, _, _ = shop()

    with pytest.raises(TypeError):
        env.functions["price"] = None  # type: ignore[index]  # what is tested


def test_an_environment_needs_a_name() -> None:
    """It is part of the names of its tasks."""
    with pytest.raises(ValueError, match=r"^a TaskEnvironment needs a name, not ''$"):
        TaskEnvironment(name="")
