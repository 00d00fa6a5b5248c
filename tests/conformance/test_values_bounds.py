"""How deep, how many and how large values may be: exactly so much crosses, in every direction, and not one more."""

from typing import Any

import pytest

from sandbox.collisions import MAX_EQUAL_HASHES
from sandbox.engine import Engine
from sandbox.errors import ValueRejected
from sandbox.turns import Call, Failure, Outcome
from sandbox.values import MAX_DEPTH, MAX_NODES
from tests.colliding import colliding
from tests.play import Play, run

TOO_DEEP = "the program reached the limit value_levels of 100 with {}, at ${}...: nested deeper, or containing itself"
NEST = "x = {innermost}\nfor _ in range({depth}): x = {level}\n"
# What can stand in itself, and what is no container but is written as one.
LEVELS = ["[x]", "(x,)", "{1: x}", "{'a': x}", "frozenset({x})"]
DEEP = "def depth(x):\n    n = 0\n    while type(x) is list: x, n = x[0], n + 1\n    return n\n"
MANY_LEAVES = "[*range(40)]"
LARGE: dict[str, float] = {"memory_bytes": 2**28}


def nested(depth: int) -> Any:
    """Return lists in one another."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("innermost", ["1", "2 ** 70", "1e999", "b'a'", "'text'", MANY_LEAVES])
async def test_a_result_is_nested_a_hundred_deep(play: Play, level: str, innermost: str) -> None:
    """Containers are counted, whatever the wire makes of a number or a dictionary."""
    if innermost == MANY_LEAVES and "frozenset" in level:
        innermost = "frozenset(range(40))"
    inner = int("range(40)" in innermost)
    fits = NEST.format(innermost=innermost, level=level, depth=MAX_DEPTH - inner) + "x"
    deeper = NEST.format(innermost=innermost, level=level, depth=MAX_DEPTH + 1 - inner) + "x"

    played = await play(fits, {})
    assert played.value is not None
    assert (await play(deeper)).limit == "value_levels"


async def test_arguments_are_nested_a_hundred_deep(engine: Engine) -> None:
    """Each argument on its own, by place and by name."""

    def take(x: Any) -> None:
        """Take anything."""

    for call, path in (("take(x)", "[0]" * 12), ("take(x=x)", "[1].x" + "[0]" * 10)):
        finished = await run(engine, NEST.format(innermost=1, level="[x]", depth=MAX_DEPTH) + call, take)
        assert (finished.error, finished.calls[0].arguments) == (None, {"x": nested(MAX_DEPTH)})

        finished = await run(engine, NEST.format(innermost=1, level="[x]", depth=MAX_DEPTH + 1) + call, take)
        assert finished.error is not None
        assert finished.error.message == TOO_DEEP.format("the arguments of take()", path)
        assert finished.calls == ()


async def test_outcomes_are_nested_a_hundred_deep(engine: Engine) -> None:
    """What is deeper ends the run; the program does not see it."""

    def give(n: int) -> Any:
        """Return lists in one another."""
        return nested(n)

    finished = await run(engine, f"{DEEP}depth(give({MAX_DEPTH}))", give)
    assert finished.value == MAX_DEPTH

    finished = await run(engine, f"try:\n    give({MAX_DEPTH + 1})\nexcept BaseException:\n    pass", give)
    assert finished.error is not None
    assert finished.error.message == TOO_DEEP.format("the result of give()", "[0]" * 12)


async def test_inputs_are_nested_a_hundred_deep(engine: Engine) -> None:
    """What is deeper is refused before anything runs."""
    assert (await run(engine, f"{DEEP}depth(x)", inputs={"x": nested(MAX_DEPTH)})).value == MAX_DEPTH
    with pytest.raises(ValueRejected, match=r"^inputs\.x\[0\]"):
        await run(engine, "1", inputs={"x": nested(MAX_DEPTH + 1)})
    with pytest.raises(ValueRejected, match="nested deeper than 100 levels"):
        await run(engine, "1", inputs={"x": nested(MAX_DEPTH + 1)})


async def test_arguments_of_an_exception_are_nested_a_hundred_deep(play: Play) -> None:
    """Of one that is deeper the type and the message remain."""

    def failing(depth: int) -> Any:
        failure = Failure(type="ValueError", message="it failed", arguments=("no", nested(depth)))
        return lambda call: Outcome(number=call.number, failure=failure)

    source = f"{DEEP}try:\n    f()\nexcept ValueError as error:\n    r = error.args\n"
    played = await play(f"{source}[r[0], depth(r[1])]", sync=["f"], answer=failing(MAX_DEPTH))
    assert played.value == ["no", MAX_DEPTH]
    played = await play(f"{source}list(r)", sync=["f"], answer=failing(MAX_DEPTH + 1))
    assert played.value == ["it failed"]


async def test_two_million_nodes_cross_and_not_one_more(play: Play) -> None:
    """A list weighs as much as four of the values in it; here and there it is the same."""
    most = MAX_NODES - 4

    assert len((await play(f"[None] * {most}", **LARGE)).value) == most
    assert (await play(f"[None] * {most + 1}", **LARGE)).limit == "value_nodes"
    assert (await play("len(x)", {"x": [None] * most}, **LARGE)).value == most
    with pytest.raises(ValueRejected, match=r"^inputs\.x is part of a value with more than 2000000 nodes"):
        await play("len(x)", {"x": [None] * (most + 1)}, **LARGE)


async def test_what_is_shared_costs_bounded_work_in_every_direction(play: Play) -> None:
    """61 lists that share each other are 2 ** 60 nodes for whoever walks them."""
    shared: Any = [1]
    for _ in range(60):
        shared = [shared, shared]

    def answer(call: Call) -> Outcome:
        return Outcome(number=call.number, value=shared)

    with pytest.raises(ValueRejected, match="more than 2000000 nodes"):
        await play("1", {"x": shared})
    share = "x = [1]\nfor _ in range(60): x = [x, x]\n"
    assert (await play(f"{share}x")).limit == "value_nodes"
    assert (await play(f"{share}f(x)", sync=["f"])).limit == "value_nodes"
    assert (await play(f"{share}f(k=x)", sync=["f"])).limit == "value_nodes"
    assert (await play("f()", sync=["f"], answer=answer)).limit == "value_nodes"


async def test_numbers_that_collide_on_the_host_are_refused(play: Play) -> None:
    """They have different hashes, so counting the equal ones finds nothing."""
    keys = colliding(size=8_192, filled=2_700, count=2_700)

    for source in ("dict.fromkeys(keys)", "f(dict.fromkeys(keys))"):
        error = (await play(source, {"keys": keys}, sync=["f"])).error
        assert (error.kind, error.message) == (
            "type",
            "the value holds numbers that collide with each other in a hash table; return a list",
        )
    assert len((await play("set(keys)", {"keys": [n * 1_000 for n in range(5_000)]})).value) == 5_000


async def test_numbers_that_collide_in_the_guest_alone_are_taken(play: Play) -> None:
    """Nothing is wrong with them here; what they cost there is the program's fuel."""
    numbers = {n * (2**31 - 1) for n in range(MAX_EQUAL_HASHES * 2)}

    assert (await play("len(x)", {"x": numbers})).value == len(numbers)
    played = await play("len(f())", sync=["f"], answer=lambda call: Outcome(number=call.number, value=numbers))
    assert played.value == len(numbers)
