"""Bounds of time that count queueing and waiting, too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import serving, until
from tests.acceptance.test_conversation import submit

SLEEP = "import asyncio\nprint('began')\nawait asyncio.sleep(3)"
HINT = "make calls in parallel with asyncio.gather, or allow more time"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with one place for runs."""
    settings = {"ISTHMUS_MAX_RUNNING": "1", "ISTHMUS_HOLD_SECONDS": "0"}
    with serving(tmp_path_factory.mktemp("timeout") / "log", **settings) as started:
        yield started.url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def reached(run: dict[str, Any]) -> tuple[str, str, str]:
    return run["status"], run["error"]["kind"], run["error"]["message"]


def exceeded(field: str, seconds: str) -> tuple[str, str, str]:
    return "failed", "limit", f"the run took longer than its timeout.{field} of {seconds} seconds"


@pytest.mark.parametrize(
    ("timeout", "field"),
    [(0.5, "max_runtime"), ({"max_runtime": 0.5, "deadline": 60}, "max_runtime"), ({"deadline": 0.5}, "deadline")],
)
def test_a_run_that_takes_longer_than_its_timeout_fails(client: httpx.Client, timeout: Any, field: str) -> None:
    """As a template of the library does; what it printed is there."""
    run = submit(client, SLEEP, timeout=timeout)

    assert reached(run) == exceeded(field, "0.5")
    assert (run["error"]["hint"], run["stdout"]) == (HINT, "began\n")


@pytest.mark.parametrize("field", ["max_queued_time", "max_runtime", "deadline"])
def test_waiting_for_a_place_counts(client: httpx.Client, field: str) -> None:
    """`limits.wall_seconds` would not have begun."""
    other = submit(client, SLEEP, wait_seconds=0)
    until(lambda: client.get(f"/runs/{other['id']}").json()["status"] == "running")
    run = submit(client, "1", timeout={field: 0.2})
    client.post(f"/runs/{other['id']}/cancel")

    assert reached(run) == exceeded(field, "0.2")
    assert run["stdout"] == ""


def test_a_run_that_waits_for_an_answer_ends_at_its_deadline(client: httpx.Client) -> None:
    """Nobody asks about it: it is looked for. Time spent waiting is no running time."""
    run = submit(client, "print('asked')\nawait ask('who?')", timeout={"deadline": 1, "max_runtime": 60})
    path = f"/runs/{run['id']}"
    until(lambda: client.get(path).json()["status"] != "suspended")
    ended = client.get(path).json()

    assert run["status"] == "suspended"
    assert reached(ended) == exceeded("deadline", "1")
    assert ended["stdout"] == "asked\n"


def test_a_run_in_time_is_as_without_a_timeout(client: httpx.Client) -> None:
    """Also with every bound there is, and with those that are none."""
    all_bounds = {"max_runtime": 60, "max_queued_time": 60, "deadline": 60}

    assert submit(client, "6 * 7", timeout=all_bounds)["output"] == 42
    assert submit(client, "6 * 7", timeout={"deadline": None, "max_runtime": 0})["output"] == 42


def test_a_deadline_holds_for_a_run_that_a_crash_left(tmp_path: Path) -> None:
    """Time goes on while the service is down."""
    with serving(tmp_path / "log") as service, httpx.Client(base_url=service.url) as client:
        body = {"source": SLEEP, "wait_seconds": 0, "durable": True, "timeout": {"deadline": 1}}
        path = f"/runs/{client.post('/orchestrate', json=body).json()['id']}"
        until(lambda: client.get(path).json()["status"] == "running")
        service.process.kill()
        service.process.wait()
    with serving(tmp_path / "log") as service, httpx.Client(base_url=service.url) as client:
        until(lambda: client.get(path).json()["status"] == "failed")

        assert reached(client.get(path).json()) == exceeded("deadline", "1")
