"""What a tenant may keep, through the real server: what is refused, what ends, and how there is room again."""

import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import Serving, run_command, serving

ASKING: dict[str, Any] = {"source": "await ask()", "client_functions": [{"name": "ask"}]}
KIB = 1024
Client = Callable[..., httpx.Client]
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service with a key of its operator."""
    with serving(tmp_path_factory.mktemp("bounds") / "log", ISTHMUS_API_KEY="operator") as started:
        yield started


@pytest.fixture
def tenant(served: Serving) -> Iterator[Client]:
    """Makes a tenant with bounds, and a client of it."""
    opened: list[httpx.Client] = []

    def make(*bounds: str) -> httpx.Client:
        name = f"tenant-{next(NUMBERS)}"
        made = run_command("tenants", "create", name, *bounds, ISTHMUS_DATABASE=f"{served.log}.db")
        assert made.returncode == 0, made.stderr
        key = run_command("keys", "create", "--tenant", name, ISTHMUS_DATABASE=f"{served.log}.db").stdout.strip()
        client = httpx.Client(base_url=served.url, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        opened.append(client)
        return client

    yield make
    for one in opened:
        one.close()


def waiting(client: httpx.Client, **changed: Any) -> dict[str, Any]:
    """Submit a run that waits."""
    answer = client.post("/orchestrate", json=ASKING | changed)
    assert answer.status_code == 200, answer.text
    run: dict[str, Any] = answer.json()
    assert run["status"] == "suspended", run
    return run


def answers(run: dict[str, Any], output: Any = None) -> dict[str, Any]:
    """Return the answer to the one call of a run."""
    return {"results": [{"call_id": run["pending_calls"][0]["call_id"], "output": output}]}


def test_a_run_more_than_may_wait_is_refused_until_one_has_ended(tenant: Client) -> None:
    """Whoever forgets to answer is told so, and what to do; nothing else of the service suffers."""
    client, other = tenant("--max-waiting-runs", "2"), tenant()
    first, second = waiting(client), waiting(client)

    refused = client.post("/orchestrate", json={"source": "1 + 1"})

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "60"
    assert refused.json() == {
        "type": "/problems/storage-full",
        "title": "The storage quota is reached",
        "status": 429,
        "detail": "2 kept runs of your tenant have not ended, and max_waiting_runs is 2; answer or cancel runs that "
        "wait; GET /runs?status=suspended lists them",
        "code": "storage-full",
    }
    assert "--max-waiting-runs" in client.get("/problems/storage-full").text
    assert other.post("/orchestrate", json={"source": "1 + 1"}).json()["output"] == 2

    assert client.post(f"/runs/{first['id']}/resume", json=answers(first, 7)).json()["output"] == 7
    third = waiting(client)
    assert client.post(f"/runs/{second['id']}/cancel").json()["status"] == "cancelled"
    assert client.post("/orchestrate", json={"source": "1 + 1"}).json()["output"] == 2
    # Corrected, it takes the place of the one that it corrects.
    waiting(client)
    patched = client.post(f"/runs/{third['id']}/patch", json={"source": "await ask() + 1"})
    assert (patched.status_code, patched.json()["status"]) == (200, "suspended")


def test_of_runs_that_come_to_wait_at_once_those_that_fit_wait(tenant: Client) -> None:
    """Each was taken while there was room: the store has the last word, and whoever it refuses learns the reason."""
    client = tenant("--max-waiting-runs", "2")
    paused = {**ASKING, "source": "await wait(1)\nawait ask()", "functions": ["wait"]}

    with ThreadPoolExecutor(4) as threads:
        runs = [one.json() for one in threads.map(lambda _: client.post("/orchestrate", json=paused), range(4))]

    assert sorted(run["status"] for run in runs) == ["failed", "failed", "suspended", "suspended"]
    assert [(run["error"]["kind"], run["error"]["message"]) for run in runs if run["error"]] == [
        ("limit", "2 kept runs of your tenant have not ended, and max_waiting_runs is 2")
    ] * 2
    assert len(client.get("/runs", params={"status": "suspended"}).json()["data"]) == 2


def test_a_run_that_outlasts_its_request_without_room_ends(tenant: Client) -> None:
    """It would be kept from then on; its caller hears of the reason instead of an id that leads nowhere."""
    client = tenant("--max-waiting-runs", "1")
    lasting = {"source": "await wait(60)", "functions": ["wait"], "wait_seconds": 1}

    with ThreadPoolExecutor(2) as threads:
        runs = [one.json() for one in threads.map(lambda _: client.post("/orchestrate", json=lasting), range(2))]

    ended, going_on = sorted(runs, key=lambda run: run["status"])
    assert (ended["status"], ended["error"]["kind"], going_on["status"]) == ("failed", "limit", "running")
    assert client.post(f"/runs/{going_on['id']}/cancel").json()["status"] == "cancelled"


@pytest.mark.parametrize("sure", [{"durable": True}, {"key": "once"}])
def test_bytes_beyond_the_bound_are_refused_and_deleting_makes_room(tenant: Client, sure: dict[str, Any]) -> None:
    """What has ended is kept for a month; whoever needs the room need not wait for that."""
    client = tenant("--max-kept-bytes", str(100 * KIB))
    headers = {"Idempotency-Key": sure["key"]} if "key" in sure else {}
    large = {"source": "len(text)", "inputs": {"text": "x" * 30 * KIB}, "durable": "durable" in sure}

    first = client.post("/orchestrate", json=large, headers=headers).json()
    assert first["output"] == 30 * KIB
    second = client.post("/orchestrate", json={**large, "name": "second"}, headers=dict.fromkeys(headers, "2"))

    assert (second.status_code, second.json()["code"]) == (429, "storage-full")
    assert "too little of max_kept_bytes, 102,400; delete runs that have ended" in second.json()["detail"]
    assert client.post("/orchestrate", json={"source": "1 + 1"}).json()["output"] == 2
    assert client.delete(f"/runs/{first['id']}").status_code == 204
    again = client.post("/orchestrate", json={**large, "name": "second"}, headers=dict.fromkeys(headers, "2"))
    assert again.json()["output"] == 30 * KIB


def test_templates_are_bounded_with_the_runs_and_deleting_makes_room(tenant: Client) -> None:
    """A tenant that stores large sources would else fill the disk of all, a version at a time."""
    client = tenant("--max-kept-bytes", str(100 * KIB))
    source = f"note = '{'x' * 20 * KIB}'\n"

    answers = [client.put("/templates/large", json={"source": f"{source}{number}"}) for number in range(5)]
    refused = next(one for one in answers if one.status_code == 429)
    stored = len([one for one in answers if one.status_code == 200])

    assert 1 <= stored < 5
    assert refused.headers["retry-after"] == "60"
    assert refused.json()["code"] == "storage-full"
    assert "the kept runs and the templates of your tenant take" in refused.json()["detail"]
    assert len(client.get("/templates/large/versions").json()["data"]) == stored
    assert client.put("/templates/large", json={"source": f"{source}0"}).status_code == 200
    assert client.delete("/templates/large").status_code == 204
    assert client.put("/templates/large", json={"source": f"{source}5"}).status_code == 200


def test_a_durable_run_that_grows_over_the_bound_ends(tenant: Client, tmp_path: Path) -> None:
    """Its journal cannot be kept any more, so it must not go on as if it were; its last call is never made."""
    client = tenant("--max-kept-bytes", str(100 * KIB))
    source = f"for _ in range(9):\n    echo('x' * {20 * KIB})\nnote({str(tmp_path / 'end')!r})"
    run = client.post("/orchestrate", json={"source": source, "functions": ["echo", "note"], "durable": True}).json()

    assert (run["status"], run["error"]["kind"], run["output"]) == ("failed", "limit", None)
    assert run["error"]["message"].endswith("too little of max_kept_bytes, 102,400")
    assert run["error"]["hint"].startswith("delete runs that have ended")
    assert not (tmp_path / "end").exists()
    assert client.get(f"/runs/{run['id']}").json()["status"] == "failed"
    events = client.get(f"/runs/{run['id']}/events", headers={"Accept": "application/x-ndjson"}).text.splitlines()
    assert [line for line in events if '"run.' in line][-1].count("run.failed") > 0
    assert client.delete(f"/runs/{run['id']}").status_code == 204


def test_an_output_that_does_not_fit_is_the_end_of_its_run(tenant: Client) -> None:
    """What is answered is what is kept: a value that is gone after a restart was none."""
    client = tenant("--max-kept-bytes", str(50 * KIB))
    run = client.post("/orchestrate", json={"source": f"'x' * {60 * KIB}", "durable": True}).json()

    assert (run["status"], run["error"]["kind"], run["output"]) == ("failed", "limit", None)
    kept = client.get(f"/runs/{run['id']}").json()
    assert (kept["status"], kept["error"]) == ("failed", run["error"])


def test_an_answer_without_room_is_refused_and_the_run_waits_on(tenant: Client) -> None:
    """Nobody's answer is lost for want of room: it is sent again when there is some."""
    client = tenant("--max-kept-bytes", str(50 * KIB))
    run = waiting(client)

    refused = client.post(f"/runs/{run['id']}/resume", json=answers(run, "x" * 60 * KIB))

    assert (refused.status_code, refused.json()["code"]) == (429, "storage-full")
    assert client.get(f"/runs/{run['id']}").json()["status"] == "suspended"
    assert client.post(f"/runs/{run['id']}/resume", json=answers(run, "short")).json()["output"] == "short"


def test_runs_that_are_kept_go_on_where_new_ones_have_no_room(tenant: Client) -> None:
    """The way out of a full store is to answer what waits: the last tenth is for that."""
    client = tenant("--max-kept-bytes", str(100 * KIB))
    run = waiting(client, inputs={"text": "x" * 40 * KIB})

    assert client.post("/orchestrate", json={"source": "1", "durable": True}).status_code == 200
    refused = client.post("/orchestrate", json={**ASKING, "durable": True, "inputs": {"text": "x" * 5 * KIB}})
    assert refused.json()["code"] == "storage-full"
    assert client.post(f"/runs/{run['id']}/resume", json=answers(run, 1)).json()["output"] == 1


def test_a_restart_counts_on_from_what_is_there(tmp_path: Path) -> None:
    """The numbers stand in the database, and the settings bound every tenant that has no bounds of its own."""
    bounds = {"ISTHMUS_MAX_WAITING_RUNS": "1", "ISTHMUS_MAX_KEPT_BYTES": "1000000"}
    run_command("tenants", "create", "default", ISTHMUS_DATABASE=str(tmp_path / "log.db"))
    with serving(tmp_path / "log", **bounds) as first, httpx.Client(base_url=first.url, timeout=60) as client:
        waiting(client)
    with serving(tmp_path / "log", **bounds) as second, httpx.Client(base_url=second.url, timeout=60) as client:
        refused = client.post("/orchestrate", json={"source": "1"})
        listed = run_command("tenants", "list", "--json", ISTHMUS_DATABASE=f"{second.log}.db")

    assert (refused.status_code, refused.json()["code"]) == (429, "storage-full")
    [shown] = json.loads(listed.stdout)
    assert (shown["name"], shown["waiting_runs"], shown["kept_bytes"] > 1000) == ("default", 1, True)
