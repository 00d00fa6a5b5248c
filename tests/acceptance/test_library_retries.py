"""Retries as a program of the library sees them: which runs are tried again, and which calls are made again."""

from collections import Counter

import pytest

from sandbox import NonRecoverable, SandboxedConfig, SandboxError, orchestrator_from_str


def test_a_retried_run_makes_only_the_calls_that_failed() -> None:
    """The email of the first attempt stays sent, the connection is tried again."""
    calls: Counter[str] = Counter()

    def send(to: str) -> int:
        calls[to] += 1
        return calls.total()

    async def ask() -> int:
        calls["ask"] += 1
        if calls["ask"] < 3:
            raise ConnectionError
        return 7

    template = orchestrator_from_str(
        "[send('a'), send('b'), send('a'), ask()]", inputs={}, output=list[int], tasks=[send, ask], retries=2
    )

    assert template() == [1, 2, 3, 7]
    assert calls == {"a": 2, "b": 1, "ask": 3}
    calls.clear()
    with pytest.raises(ConnectionError):
        orchestrator_from_str("ask()", inputs={}, tasks=[ask], retries=1)()
    assert calls == {"ask": 2}


DRAWN = """
import asyncio
drawn = await asyncio.gather(*[draw(cards) for _ in range(8)])
shuffle(drawn)
drawn
"""


def test_equal_calls_of_a_retried_run_get_the_answers_that_they_got_before() -> None:
    """Each its own, also when they are so large that they are bound on threads, where one may overtake another."""
    told: list[int] = []
    seen: list[list[int]] = []

    async def draw(cards: list[str]) -> int:
        told.append(len(cards))
        return len(told)

    def shuffle(drawn: list[int]) -> None:
        seen.append(drawn)
        if len(seen) < 3:
            raise ConnectionError

    template = orchestrator_from_str(
        DRAWN, inputs={"cards": list[str]}, output=list[int], tasks=[draw, shuffle], retries=2
    )

    drawn = template(cards=["x" * 1_000] * 200)

    assert sorted(drawn) == [*range(1, 9)]
    assert seen == [drawn] * 3
    assert told == [200] * 8


COUNTED = """
try:
    attempt()
except LookupError:
    pass
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 / 0", 3),
        ("fail()", 3),
        ("lambda: 0", 1),
        ("[0] * 10**9", 1),
        ("close()", 1),
        ("'a'", 1),
    ],
)
def test_only_what_may_pass_is_tried_again(source: str, expected: int) -> None:
    """What follows from the source alone would follow again. A failed call is made again in every attempt."""
    attempts: list[int] = []

    def attempt() -> None:
        attempts.append(1)
        raise LookupError

    def fail() -> None:
        raise ConnectionError

    def close() -> None:
        raise NonRecoverable("the account is closed")

    template = orchestrator_from_str(
        COUNTED + source,
        inputs={},
        output=int,
        tasks=[attempt, fail, close],
        retries=2,
        plugin_config=SandboxedConfig(type_check=False),
    )

    with pytest.raises(SandboxError):
        template()
    assert len(attempts) == expected
