"""Functions that do nothing: what remains is the cost of calling them."""

from sandbox import TaskEnvironment

env = TaskEnvironment(name="bench")


@env.task
def nothing(x: int) -> int:
    """Return `x`."""
    return x


@env.task
async def nothing_async(x: int) -> int:
    """Return `x`."""
    return x
