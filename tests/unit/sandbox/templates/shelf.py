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
