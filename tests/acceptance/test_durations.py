"""How long calls took, of a run that the database has: its journal has no durations, and nought would be a lie."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import serving

MANY = "for n in range(120):\n    add(n, 1)"
TIMED_OUT = """
import asyncio

try:
    async with asyncio.timeout(0.1):
        await wait(30)
except TimeoutError:
    pass
add(1, 2)
"""
ASKING = "add(1, 2)\nawait ask()\nadd(3, 4)"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service that holds no interpreter for a run that waits."""
    with (
        serving(tmp_path_factory.mktemp("durations") / "log", ISTHMUS_HOLD_SECONDS="0") as started,
        httpx.Client(base_url=started.url, timeout=60) as opened,
    ):
        yield opened


def submit(client: httpx.Client, source: str) -> dict[str, Any]:
    """Run a program that is kept."""
    functions = {"functions": ["add", "wait"], "client_functions": [{"name": "ask"}]}
    run: dict[str, Any] = client.post("/orchestrate", json={"source": source, "durable": True, **functions}).json()
    return run


def calls_of(client: httpx.Client, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all calls of a run, as the database has them."""
    calls: list[dict[str, Any]] = client.get(f"/runs/{run['id']}/calls").json()["data"]
    return calls


def test_each_call_of_a_kept_run_has_its_duration(client: httpx.Client) -> None:
    """Also those that the run's own answer does not show."""
    run = submit(client, MANY)

    calls = calls_of(client, run)

    assert (len(calls), min(call["duration_ms"] for call in calls) > 0) == (120, True)
    assert calls[:100] == run["calls"]


def test_a_call_that_was_given_up_keeps_its_place(client: httpx.Client) -> None:
    """It was made, and the duration of each is its own."""
    run = submit(client, TIMED_OUT)

    calls = calls_of(client, run)

    assert [(call["call_id"], call["status"]) for call in calls] == [("call_1", "abandoned"), ("call_2", "settled")]
    assert calls == run["calls"]


def test_a_call_before_an_answer_keeps_its_duration(client: httpx.Client) -> None:
    """The interpreter that made it is gone by then."""
    waiting = submit(client, ASKING)
    results = [{"call_id": "call_2", "output": None}]

    done = client.post(f"/runs/{waiting['id']}/resume", json={"results": results}).json()

    assert done["calls"][0] == waiting["calls"][0]
    assert done["calls"][0]["duration_ms"] > 0
    assert calls_of(client, done) == done["calls"]
