"""Functions that documents name by import path."""

from sandbox import TaskEnvironment

env = TaskEnvironment(name="shelf")


@env.task
async def price(sku: str) -> float:
    """What one of it costs."""
    return len(sku) * 1.5


def shout(text: str) -> str:
    """In capitals."""
    return text.upper()


RATES = {"north": (0.5, 2)}


def total(skus: list[str], factor: float = 2.0) -> float:
    """What all of them cost: not decorated here, because that starts an engine."""
    result = 0.0
    for sku in skus:
        result += price(sku) * factor  # type: ignore[operator]  # in a program it gives its value
    return result + RATES["north"][0]
