"""Runs that are begun again: after what, how often, with which answers, and through a crash."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import serving, until

FUNCTIONS = "tests.acceptance.flaky:env"
# Which call is made twice, which is answered twice.
FLAKY = "print('begun')\npaid = pay(path)\n[paid, reach(path, failures)]"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with functions that fail."""
    with serving(tmp_path_factory.mktemp("retries") / "log", functions=FUNCTIONS) as started:
        yield started.url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file in which calls stand."""
    return tmp_path / "calls"


def submit(client: httpx.Client, source: str, path: Path, failures: int = 0, **more: Any) -> dict[str, Any]:
    """Run a program."""
    body = {
        "source": source,
        "inputs": {"path": str(path), "failures": failures},
        "functions": ["pay", "reach", "refuse"],
        **more,
    }
    answer = client.post("/orchestrate", json=body)
    assert answer.status_code in (200, 202), answer.text
    run: dict[str, Any] = answer.json()
    return run


def calls(path: Path) -> list[str]:
    return path.read_text().split()


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("retries", [2, {"count": 2, "backoff": {"base_seconds": 0.01, "factor": 2}}])
def test_a_failed_function_is_called_again_and_no_other(
    client: httpx.Client, path: Path, *, durable: bool, retries: Any
) -> None:
    """What was paid is not paid again; what is shown is the last attempt."""
    run = submit(client, FLAKY, path, failures=2, retries=retries, durable=durable)

    assert (run["status"], run["output"], run["attempts"], run["stdout"]) == ("completed", [1, 3], 3, "begun\n")
    assert calls(path) == ["pay", "reach", "reach", "reach"]


def test_attempts_end_with_their_number(client: httpx.Client, path: Path) -> None:
    """The last failure is the run's; the journals of all attempts are kept for a patch."""
    run = submit(client, FLAKY, path, failures=9, retries=1)
    known = client.get(f"/runs/{run['id']}").json()
    patched = client.post(f"/runs/{run['id']}/patch", json={"source": "pay(path) + 10"}).json()

    assert (run["status"], run["error"]["message"], run["attempts"]) == ("failed", "not yet: 2", 2)
    assert known["attempts"] == 2
    assert (patched["status"], patched["output"], patched["attempts"]) == ("completed", 11, 1)
    assert calls(path) == ["pay", "reach", "reach"]


def test_an_exception_of_the_source_after_a_call_is_tried_again(client: httpx.Client, path: Path) -> None:
    """It may have come from what the call gave."""
    run = submit(client, "pay(path)\n1 / 0", path, retries=1)

    assert (run["attempts"], calls(path)) == (2, ["pay"])


@pytest.mark.parametrize(
    "source",
    ["1 / 0", "1 +", "().__class__", "while True: pass", "refuse(path)", "pay(path)\nwhile True: pass"],
)
def test_what_cannot_pass_is_tried_once(client: httpx.Client, path: Path, source: str) -> None:
    """Syntax, policy and limits follow from the source; so does an exception before any call."""
    run = submit(client, source, path, retries=3, limits={"cpu_seconds": 0.5}, wait_seconds=50)

    assert (run["status"], run["attempts"]) == ("failed", 1)


def test_a_run_goes_on_with_the_attempt_in_which_it_was_killed(tmp_path: Path, path: Path) -> None:
    """The pause between two attempts outlives the process, and no answered call is made again."""
    retries = {"count": 3, "backoff": {"base_seconds": 3}}
    with (
        serving(tmp_path / "log", functions=FUNCTIONS) as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
    ):
        run = submit(client, FLAKY, path, failures=1, retries=retries, durable=True, wait_seconds=0)
        until(lambda: client.get(f"/runs/{run['id']}").json()["attempts"] == 2)
        service.process.kill()
        service.process.wait()
    with serving(tmp_path / "log", functions=FUNCTIONS) as service, httpx.Client(base_url=service.url) as client:
        until(lambda: client.get(f"/runs/{run['id']}").json()["status"] == "completed")
        ended = client.get(f"/runs/{run['id']}").json()

    assert (ended["output"], ended["attempts"]) == ([1, 2], 2)
    assert calls(path) == ["pay", "reach", "reach"]


def test_a_run_that_had_ended_when_it_was_killed_ends_so(tmp_path: Path, path: Path) -> None:
    """Its journal says how, before its row does: it is not begun again, and not counted as if it were."""
    with serving(tmp_path / "log", functions=FUNCTIONS) as service, httpx.Client(base_url=service.url) as client:
        run = submit(client, "print('once')\npay(path)", path, retries=2, durable=True)
    with closing(sqlite3.connect(tmp_path / "log.db")) as database:
        # As it is kept for its request, which is over, just as it ends.
        database.execute("UPDATE runs SET status = 'running', finished_at = NULL, output = NULL, stdout = '\"\"'")
        database.execute("DELETE FROM events WHERE name = 'run.completed'")
        database.execute("UPDATE tenant_usage SET waiting_runs = 1")
        database.commit()
    with serving(tmp_path / "log", functions=FUNCTIONS) as service, httpx.Client(base_url=service.url) as client:
        until(lambda: client.get(f"/runs/{run['id']}").json()["status"] != "running")
        ended = client.get(f"/runs/{run['id']}").json()

    assert (run["status"], ended["status"], ended["output"]) == ("completed", "completed", 1)
    assert (ended["attempts"], ended["stdout"], calls(path)) == (1, "once\n", ["pay"])


def test_a_patch_and_a_fork_have_the_retries_of_their_run(client: httpx.Client, path: Path) -> None:
    """What may pass may pass there, too; what their run was told, and what a fork changed, holds in each attempt."""
    run = submit(client, "pay(path)\nreach(path, 1)\n1 / 0", path, retries=1, durable=True)
    path.write_text("pay\n")
    source = "first = pay(path)\n[first, reach(path, 3)]"
    patched = client.post(f"/runs/{run['id']}/patch", json={"source": "reach(path, 1)\n" + source}).json()

    assert (run["status"], run["attempts"]) == ("failed", 2)
    assert (patched["status"], patched["attempts"]) == ("failed", 2)
    assert calls(path) == ["pay", "reach", "reach"]

    path.write_text("")
    begun = submit(client, "first = pay(path)\nif first > 50: reach(path, 1)\nfirst", path, retries=1, durable=True)
    path.write_text("pay\n")
    forked = client.post(
        f"/runs/{begun['id']}/fork", json={"at_call": begun["calls"][0]["call_id"], "output": 70}
    ).json()

    assert (begun["output"], forked["status"], forked["output"], forked["attempts"]) == (1, "completed", 70, 2)
    assert calls(path) == ["pay", "reach", "reach"]


def test_a_run_that_waits_in_a_later_attempt_goes_on_in_it(tmp_path: Path, path: Path) -> None:
    """What earlier attempts were told holds after the answer, too, though nothing is in memory any more."""
    source = "reach(path, 1)\nname = await ask()\n[pay(path), name]"
    settings = {"ISTHMUS_HOLD_SECONDS": "0"}
    with (
        serving(tmp_path / "log", functions=FUNCTIONS, **settings) as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
    ):
        run = submit(client, "pay(path)\n" + source, path, retries=1, client_functions=[{"name": "ask"}])
        answer = [{"call_id": run["pending_calls"][0]["call_id"], "output": "Ada"}]
        ended = client.post(f"/runs/{run['id']}/resume", json={"results": answer}).json()

    assert (run["status"], run["attempts"]) == ("suspended", 2)
    assert (ended["status"], ended["output"], ended["attempts"]) == ("completed", [2, "Ada"], 2)
    assert calls(path) == ["pay", "reach", "reach", "pay"]


SPIN = "for number in range(100_000): pass\n"


@pytest.mark.parametrize("durable", [False, True])
def test_usage_is_that_of_all_attempts(client: httpx.Client, path: Path, *, durable: bool) -> None:
    """All of them were computed; calls and output are those that the answer shows, where no call stands twice."""
    once = submit(client, SPIN + FLAKY, path, failures=0)
    path.unlink()
    run = submit(client, SPIN + FLAKY, path, failures=2, retries=2, durable=durable)
    known = client.get(f"/runs/{run['id']}").json()
    ratios = [run["usage"][name] / once["usage"][name] for name in ("fuel", "memory_bytes")]

    assert run["attempts"] == 3
    assert [round(one) for one in ratios] == [3, 1]
    assert run["usage"]["cpu_ms"] > once["usage"]["cpu_ms"]
    assert (run["usage"]["calls"], run["usage"]["output_bytes"]) == (2, len("begun\n"))
    assert (run["stdout"], known["usage"]) == ("begun\n", run["usage"])


def test_what_an_attempt_used_and_printed_outlives_the_process(tmp_path: Path, path: Path) -> None:
    """Killed between two attempts: the first one counts, and what it printed does not silence the second one."""
    retries = {"count": 3, "backoff": {"base_seconds": 3}}
    source = "print('begun')\n" + SPIN + "reach(path, failures)\nprint('through')"
    with (
        serving(tmp_path / "log", functions=FUNCTIONS) as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
    ):
        once = submit(client, source, path)
        path.unlink()
        run = submit(client, source, path, failures=1, retries=retries, durable=True, wait_seconds=0)
        until(lambda: client.get(f"/runs/{run['id']}").json()["attempts"] == 2)
        service.process.kill()
        service.process.wait()
    with serving(tmp_path / "log", functions=FUNCTIONS) as service, httpx.Client(base_url=service.url) as client:
        until(lambda: client.get(f"/runs/{run['id']}").json()["status"] == "completed")
        ended = client.get(f"/runs/{run['id']}").json()
        lines = client.get(f"/runs/{run['id']}/events", headers={"Accept": "application/x-ndjson"}).text.splitlines()
    events = [json.loads(line) for line in lines]

    assert [(one["data"]["text"], one["data"]["attempt"]) for one in events if one["event"] == "output.delta"] == [
        ("begun\n", 1), ("begun\n", 2), ("through\n", 2),
    ]  # fmt: skip
    assert round(ended["usage"]["fuel"] / once["usage"]["fuel"]) == 2


def test_the_attempts_of_a_call_are_counted_on_after_a_crash(tmp_path: Path, path: Path) -> None:
    """Those that the journal knows: three before the service died in the last of them, one after."""
    with serving(tmp_path / "log", functions=FUNCTIONS) as service, httpx.Client(base_url=service.url) as client:
        body = {"source": "insist(path)", "inputs": {"path": str(path)}, "functions": ["insist"], "wait_seconds": 1}
        run = client.post("/orchestrate", json=body).json()
        assert calls(path) == ["insist"] * 3
        service.process.kill()
        service.process.wait()
    Path(f"{path}.go").touch()
    with serving(tmp_path / "log", functions=FUNCTIONS) as service, httpx.Client(base_url=service.url) as client:
        until(lambda: client.get(f"/runs/{run['id']}").json()["status"] == "completed")
        ended = client.get(f"/runs/{run['id']}").json()
        listed = client.get(f"/runs/{run['id']}/calls").json()["data"]

    assert [one["attempts"] for one in run["calls"]] == [3]
    assert [one["attempts"] for one in ended["calls"]] == [4]
    assert [one["attempts"] for one in listed] == [4]
