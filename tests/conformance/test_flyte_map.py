"""`flyte_map` in a program: parallel, in order, as far as the shortest iterable."""

import asyncio
from typing import Any

import pytest

from sandbox import GuestRaised, TaskEnvironment, ValueRejected, orchestrate_local, orchestrator_from_str

env = TaskEnvironment("map")


class Meter:
    """Functions that count how many of their calls are under way."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def double(self, n: int) -> int:
        """Double, after a while; later rows are quicker."""
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.2 - n / 100)
        self.now -= 1
        return 2 * n


def add(x: int, y: int) -> int:
    """Add."""
    return x + y


def fail(n: int) -> int:
    """Fail for odd numbers."""
    if n % 2:
        raise ValueError(f"odd: {n}")
    return n


@env.task
def fail_as_task(n: int) -> int:
    """Fail for odd numbers."""
    return fail(n)


@pytest.mark.parametrize(
    "source",
    [
        "flyte_map('double', range(10))",
        "flyte_map(double, (n for n in range(10)))",
        "import asyncio\nawait asyncio.sleep(0)\nflyte_map('double', range(10))",
        "import asyncio\nawait asyncio.sleep(0)\nawait flyte_map('double', range(10))",
        "await flyte_map.aio('double', range(10))",
    ],
)
async def test_rows_are_called_at_once_and_come_back_in_order(source: str) -> None:
    """In plain code and in an event loop, by name and by function, over any iterable."""
    meter = Meter()
    assert await orchestrate_local(source, inputs={}, tasks=[meter.double]) == [2 * n for n in range(10)]
    assert meter.most == 10


@pytest.mark.parametrize(
    "source",
    ["flyte_map('double', range(10), concurrency=3)", "await flyte_map.aio('double', range(10), concurrency=3)"],
)
async def test_no_more_than_allowed_are_under_way(source: str) -> None:
    """Further rows wait."""
    meter = Meter()

    assert await orchestrate_local(source, inputs={}, tasks=[meter.double]) == [2 * n for n in range(10)]
    assert meter.most == 3


SHORTEST = """
import itertools
[flyte_map('add', [1, 2, 3], itertools.count(10)), flyte_map(add, [], [1]), flyte_map(add, 'ab', [])]
"""


async def test_the_shortest_iterable_ends_it() -> None:
    """Also beside one that never ends."""
    assert await orchestrate_local(SHORTEST, inputs={}, tasks=[add]) == [[11, 13, 15], [], []]


SHOWN = "[r if isinstance(r, int) else str(r) for r in flyte_map('f', range(4){options})]"


@pytest.mark.parametrize("task", [fail, fail_as_task], ids=["function", "task"])
async def test_failures_are_results_where_that_is_asked_for(task: Any) -> None:
    """Without being asked, for a task only, as in Flyte."""
    task_name = task.__name__
    asked = SHOWN.format(options=", return_exceptions=True").replace("'f'", repr(task_name))
    plain = SHOWN.format(options="").replace("'f'", repr(task_name))
    refused = SHOWN.format(options=", return_exceptions=False").replace("'f'", repr(task_name))
    kept = [0, "odd: 1", 2, "odd: 3"]

    assert await orchestrate_local(asked, inputs={}, tasks=[task]) == kept
    with pytest.raises(ValueError, match="odd: 1"):
        await orchestrate_local(refused, inputs={}, tasks=[task])
    if task is fail_as_task:
        assert await orchestrate_local(plain, inputs={}, tasks=[task]) == kept
    else:
        with pytest.raises(ValueError, match="odd: 1"):
            await orchestrate_local(plain, inputs={}, tasks=[task])


async def test_a_failure_that_is_a_result_does_not_cross() -> None:
    """Its path names the row."""
    with pytest.raises(ValueRejected) as refused:
        await orchestrate_local("flyte_map('fail', range(2), return_exceptions=True)", inputs={}, tasks=[fail])

    assert refused.value.path == "$[1]"


async def test_a_failure_in_a_loop_can_be_caught() -> None:
    """Siblings are given up."""
    source = "try:\n  await flyte_map.aio('fail', [0, 1, 3])\nexcept ValueError as error:\n  x = str(error)\nx"

    assert await orchestrate_local(source, inputs={}, tasks=[fail]) in ("odd: 1", "odd: 3")


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        (
            "flyte_map()",
            "RuntimeError",
            "flyte_map requires a function and at least one iterable: flyte_map('f', rows)",
        ),
        (
            "flyte_map('add')",
            "RuntimeError",
            "flyte_map requires a function and at least one iterable: flyte_map('f', rows)",
        ),
        ("flyte_map('open', [1])", "RuntimeError", "flyte_map: there is no function 'open'; functions: add"),
        (
            "flyte_map(len, [1])",
            "RuntimeError",
            "flyte_map: the first argument must be a function that was given, or its name, "
            "not builtin_function_or_method",
        ),
        (
            "flyte_map('add', [1], [2], retries=1)",
            "TypeError",
            "flyte_map() got an unexpected keyword argument 'retries'",
        ),
        (
            "flyte_map('add', [1], [2], concurrency=-1)",
            "ValueError",
            "flyte_map: concurrency must be a whole number of at least 0, not -1",
        ),
        ("flyte_map('add', [1], [2], group_name=3)", "TypeError", "flyte_map: group_name must be a text, not 3"),
        ("flyte_map('add', 5)", "TypeError", "'int' object is not iterable"),
    ],
)
async def test_what_cannot_be_mapped_is_refused(source: str, kind: str, message: str) -> None:
    """Before any call is made; Flyte ignores a keyword that it does not know."""
    with pytest.raises(GuestRaised) as raised:
        await orchestrate_local(source, inputs={}, tasks=[add])

    assert (raised.value.type, raised.value.message) == (kind, message)


async def test_a_template_maps_over_another_one() -> None:
    """A map-reduce whose tool is a code string itself."""
    count = orchestrator_from_str("len(text.split())", inputs={"text": str}, output=int, name="count_words")
    total = orchestrator_from_str(
        "sum(flyte_map('count_words', texts, group_name='count'))",
        inputs={"texts": list[str]},
        output=int,
        tasks=[count],
    )

    assert await total.aio(["a b", "c", "d e f"]) == 6
