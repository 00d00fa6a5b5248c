"""How many bytes the bodies of requests take, all together and of one tenant."""

import pytest

from api.routes.bodies import BodyBudget
from service.errors import BodiesTooLarge


def test_one_tenant_leaves_a_quarter_to_the_others() -> None:
    """Bodies of runs that wait count, so that a tenant with many large ones would shut the door for everybody."""
    budget = BodyBudget(100)
    with budget.open("a") as first, budget.open("a") as second, budget.open("b") as other:
        first.take(50)
        second.take(25)
        with pytest.raises(BodiesTooLarge) as refused:
            second.take(1)
        other.take(24)
        with pytest.raises(BodiesTooLarge, match="of all, take the 100 bytes"):
            other.take(1)

    assert str(refused.value) == (
        "the bodies of the requests under way, of your tenant, take the 75 bytes that there are for them; send the "
        "request again later"
    )


def test_what_a_request_took_is_given_back() -> None:
    """Also when it was refused in the middle."""
    budget = BodyBudget(100)
    for _ in range(3):
        with budget.open("a") as reading:
            reading.take(60)
            with pytest.raises(BodiesTooLarge):
                reading.take(60)

    with budget.open("a") as again:
        again.take(75)
