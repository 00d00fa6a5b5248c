"""Runs of megabytes: whoever reads or answers them holds nobody else up, and what cannot be kept is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import Serving, serving, until

ASK = {"name": "ask", "parameters": {"type": "object", "properties": {"question": {"type": "string"}}}}
# Less than a body may have, and more nodes than a value: each of these is ten of them.
CROWD = [{"a": 1, "b": [1]}] * 220_000
TOO_MANY = "is part of a value with more than 2000000 nodes; return less of it"
HEAVY = """
rows = [{"n": n, "text": f"row {n}", "parts": [n, n + 0.5, None]} for n in range(5000)]
for _ in range(12):
    echo(rows)
await ask("well?")
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One service for all tests here, which forgets a run that waits at once."""
    with serving(tmp_path_factory.mktemp("heavy") / "log", ISTHMUS_HOLD_SECONDS="0") as one:
        yield one


@pytest.fixture
def client(served: Serving) -> Iterator[httpx.Client]:
    """A caller with patience."""
    with httpx.Client(base_url=served.url, timeout=120) as one:
        yield one


@pytest.fixture(scope="module")
def heavy(served: Serving) -> str:
    """A run that waits and has some megabytes of calls."""
    submission = {
        "source": HEAVY,
        "functions": ["echo"],
        "client_functions": [ASK],
        "limits": {"cpu_seconds": 60, "wall_seconds": 300, "fuel": 100_000_000_000},
        "wait_seconds": 300,
    }
    run = httpx.post(f"{served.url}/orchestrate", json=submission, timeout=300).json()
    assert run["status"] == "suspended", run["error"]
    return str(run["id"])


def asked(client: httpx.Client, **more: Any) -> Any:
    """A run that waits for an answer."""
    submission = {"source": "len(await ask('how many?'))", "client_functions": [{**ASK, **more}]}
    return client.post("/orchestrate", json=submission).json()


def share_of_loop(served: Serving, work: Callable[[], httpx.Response]) -> float:
    """For which part of the service's work for a request nobody else had a turn: that on its first thread."""
    process = served.process.pid
    stats = [Path(f"/proc/{process}/task/{process}/stat"), Path(f"/proc/{process}/stat")]
    before = [processor_time(one) for one in stats]
    answer = work()
    assert answer.status_code in (200, 202), answer.text[:1_000]
    first, whole = (processor_time(one) - was for one, was in zip(stats, before, strict=True))
    return first / whole


def processor_time(stat: Path) -> int:
    """What a thread or a process used, in the kernel's ticks."""
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)


@pytest.mark.parametrize("path", ["", "/calls", "/journal", "/events"])
def test_others_go_on_while_a_large_run_is_read(served: Serving, client: httpx.Client, heavy: str, path: str) -> None:
    """Its calls once became JSON on the event loop, for seconds."""
    assert share_of_loop(served, lambda: client.get(f"/runs/{heavy}{path}")) < 0.25


def test_others_go_on_while_a_large_answer_is_judged(served: Serving, client: httpx.Client) -> None:
    """It is checked and written down, both for as long as it is large."""
    run, results = asked(client), [{"call_id": "call_1", "output": CROWD[:150_000]}]

    assert share_of_loop(served, lambda: client.post(f"/runs/{run['id']}/resume", json={"results": results})) < 0.4


def test_a_run_that_is_read_again_shows_the_calls_that_its_answer_showed(client: httpx.Client) -> None:
    """No more than one value may take, also of what is read back."""
    source, limits = "for _ in range(5): echo('a' * 30_000)\nawait ask('well?')", {"value_bytes": 100_000}
    asking = {"source": source, "functions": ["echo"], "client_functions": [ASK], "limits": limits}
    run = client.post("/orchestrate", json=asking).json()

    assert run["status"] == "suspended"
    assert 0 < len(run["calls"]) < 5
    until(lambda: client.get(f"/runs/{run['id']}").json()["calls"] == run["calls"])
    assert client.get(f"/runs/{run['id']}").json()["calls"] == run["calls"]


def test_an_answer_with_too_many_nodes_is_refused_and_the_run_waits_on(client: httpx.Client) -> None:
    """It could not be written down, and the run neither went on nor ended."""
    run = asked(client)
    refused = client.post(f"/runs/{run['id']}/resume", json={"results": [{"call_id": "call_1", "output": CROWD}]})

    assert refused.status_code == 422
    assert TOO_MANY in refused.json()["errors"][0]["message"]
    answered = client.post(f"/runs/{run['id']}/resume", json={"results": [{"call_id": "call_1", "output": [1]}]})
    assert answered.json()["output"] == 1


def test_an_answer_for_nobody_with_too_many_nodes_is_refused(client: httpx.Client) -> None:
    """What is given when the time is over has to be one that can be given."""
    refused = asked(client, on_timeout={"output": CROWD})

    assert refused["status"] == 422
    assert TOO_MANY in refused["errors"][0]["message"]


def test_a_fork_to_a_value_with_too_many_nodes_is_refused(client: httpx.Client) -> None:
    """As any other that the call cannot have."""
    run = client.post("/orchestrate", json={"source": "echo(1)", "functions": ["echo"], "durable": True}).json()
    refused = client.post(f"/runs/{run['id']}/fork", json={"at_call": "call_1", "output": CROWD})

    assert refused.status_code == 422
    assert TOO_MANY in refused.json()["errors"][0]["message"]
