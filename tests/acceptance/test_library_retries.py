"""Retries as a program of the library sees them: which runs are tried again, and which calls are made again."""

from collections import Counter

import pytest

from sandbox import NonRecoverable, SandboxedConfig, SandboxError, orchestrator_from_str, run


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


def test_a_run_used_what_all_its_attempts_used() -> None:
    """Whoever counts the cost counts every beginning; what was printed is the last one's."""
    failures: list[int] = []

    def fail(times: int) -> int:
        failures.append(times)
        if len(failures) < times:
            raise ConnectionError
        return 1

    source = "print('begun')\nfor number in range(100_000): pass\nfail(times)"
    template = orchestrator_from_str(source, inputs={"times": int}, output=int, tasks=[fail], retries=2)
    once = run(template, times=0)
    failures.clear()
    thrice = run(template, times=3)

    assert once.usage is not None
    assert thrice.usage is not None
    assert round((thrice.usage.fuel or 0) / (once.usage.fuel or 1)) == 3
    assert thrice.usage.cpu_seconds > once.usage.cpu_seconds
    assert (thrice.stdout, thrice.usage.calls, thrice.usage.output_bytes) == ("begun\n", 1, len("begun\n"))


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
