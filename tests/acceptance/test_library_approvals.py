"""Functions that need an approval, in the library: nobody can be asked there, so they are not called."""

from sandbox.environment import TaskEnvironment

env = TaskEnvironment(name="approvals")


@env.task(requires_approval=True)
def pay(amount: int) -> str:
    """Pay."""
    raise AssertionError(amount)


@env.sandbox.orchestrator
def settle(amount: int) -> str:
    """Pay, or say why not."""
    try:
        return pay(amount)
    except PermissionError as error:
        return str(error)


def test_a_call_that_needs_an_approval_fails_where_nobody_can_give_one() -> None:
    """A flag that did nothing here would let a program pay."""
    assert settle(3) == "pay() needs an approval, and this run cannot wait for one"
