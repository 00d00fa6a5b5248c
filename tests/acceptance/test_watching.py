"""Watching runs: their events as they happen, over both forms of a stream, and after a break."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import Serving, serving, until
from tests.acceptance.test_conversation import ASK, resume, said, submit

NDJSON = {"Accept": "application/x-ndjson"}
SSE = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service that holds no interpreter for a run that waits."""
    with serving(tmp_path_factory.mktemp("watching") / "log", ISTHMUS_HOLD_SECONDS="0") as service:
        yield service


@pytest.fixture
def client(started: Serving) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=started.url, timeout=60) as opened:
        yield opened


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the events of a stream of lines that has ended."""
    return [json.loads(line) for line in response.text.split("\n") if line]


def named(events: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(one["id"], one["event"]) for one in events]


def test_a_program_is_streamed_from_its_start(client: httpx.Client) -> None:
    """What a user interface shows while a program runs; the last event has the whole run."""
    source = "print('one')\na = add(1, 2)\nprint('two')\ntry:\n    fail('no')\nexcept Exception: pass\na"
    response = client.post("/orchestrate", json={"source": source, "functions": ["add", "fail"]}, headers=NDJSON)
    events = lines(response)
    run = events[-1]["data"]["run"]

    assert response.headers["content-type"].startswith("application/x-ndjson")
    assert response.headers["location"] == f"/runs/{run['id']}"
    assert named(events) == [
        (1, "run.queued"), (2, "run.started"), (3, "output.delta"), (4, "call.started"), (5, "call.completed"),
        (6, "output.delta"), (7, "call.started"), (8, "call.failed"), (9, "run.completed"),
    ]  # fmt: skip
    assert {one["data"]["run_id"] for one in events} == {run["id"]}
    assert [one["data"]["text"] for one in events if one["event"] == "output.delta"] == ["one\n", "two\n"]
    started, completed, failed = events[3]["data"], events[4]["data"], events[7]["data"]
    assert (started["call_id"], started["function"], started["line"]) == ("call_1", "add", 2)
    assert completed["duration_ms"] >= 0
    assert failed["error"] == {"type": "ConnectionRefused", "message": "no"}
    assert (run["status"], run["output"]) == ("completed", 3)
    assert client.get(f"/runs/{run['id']}").json() == run
    assert lines(client.get(f"/runs/{run['id']}/events", headers=NDJSON)) == events


def test_server_sent_events_say_the_same(client: httpx.Client) -> None:
    """The form that a browser reads: each event has its number, its name, and one object."""
    run = client.post("/orchestrate", json={"source": "print('a\\nb')"}).json()

    as_lines = lines(client.get(f"/runs/{run['id']}/events", headers=NDJSON))
    response = client.get(f"/runs/{run['id']}/events")
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in response.text.split("\n\n") if block]

    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert [(int(one["id"]), one["event"], json.loads(one["data"])) for one in blocks] == [
        (one["id"], one["event"], one["data"]) for one in as_lines
    ]


def test_events_come_while_the_run_goes_on(client: httpx.Client, tmp_path: Path) -> None:
    """A stream that came at the end would be an answer; the run waits here until its watcher has seen it start."""
    gate = tmp_path / "gate"
    body = {"source": "hold(path)", "inputs": {"path": str(gate)}, "functions": ["hold"]}
    seen = []
    with client.stream("POST", "/orchestrate", json=body, headers=NDJSON) as response:
        for line in response.iter_lines():
            seen.append(json.loads(line)["event"])
            if seen[-1] == "call.started":
                gate.touch()

    assert seen == ["run.queued", "run.started", "call.started", "call.completed", "run.completed"]


def test_a_stream_ends_where_the_run_waits_and_goes_on_behind_it(client: httpx.Client) -> None:
    """A watcher comes back with the last number it saw; what it saw is not told again."""
    run = submit(client, 'print("a")\nname = await ask("who?")\nprint("b")\nname')
    first = lines(client.get(f"/runs/{run['id']}/events", headers=NDJSON))

    resume(client, run, *said(run, "Ada"))
    rest = lines(client.get(f"/runs/{run['id']}/events", headers={**NDJSON, "Last-Event-ID": str(first[-1]["id"])}))
    whole = lines(client.get(f"/runs/{run['id']}/events", headers=NDJSON))

    assert [one["event"] for one in first] == [
        "run.queued", "run.started", "output.delta", "call.started", "run.suspended",
    ]  # fmt: skip
    assert first[-1]["data"]["run"]["pending_calls"] == run["pending_calls"]
    assert [one["event"] for one in rest] == ["call.completed", "run.resumed", "output.delta", "run.completed"]
    assert [one["id"] for one in whole] == [*range(1, len(first) + len(rest) + 1)]
    assert [one["data"]["text"] for one in whole if one["event"] == "output.delta"] == ["a\n", "b\n"]
    assert "run" not in whole[len(first) - 1]["data"]


def test_a_run_whose_watcher_leaves_goes_on_and_is_kept(client: httpx.Client, tmp_path: Path) -> None:
    """A browser tab that is closed cancels nothing."""
    gate = tmp_path / "gate"
    body = {"source": "hold(path)", "inputs": {"path": str(gate)}, "functions": ["hold"]}
    with client.stream("POST", "/orchestrate", json=body, headers=NDJSON) as response:
        run_id = json.loads(next(response.iter_lines()))["data"]["run_id"]
    until(lambda: run_id in {one["id"] for one in client.get("/runs").json()["data"]})

    gate.touch()

    assert client.get(f"/runs/{run_id}", params={"wait_seconds": 30}).json()["output"] == "let go"


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 30])
def test_a_number_that_is_none_is_refused(client: httpx.Client, number: str) -> None:
    """Rather than the whole stream again."""
    run = client.post("/orchestrate", json={"source": "1"}).json()

    refused = client.get(f"/runs/{run['id']}/events", headers={"Last-Event-ID": number})

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")


def test_what_cannot_be_streamed_is_refused_before_the_stream(client: httpx.Client) -> None:
    """A status says more than the first event of a stream could."""
    unknown = client.get("/runs/run_0/events")
    wrong = client.post("/orchestrate", json={"source": "1", "functions": ["nope"]}, headers=NDJSON)
    once = client.post("/orchestrate", json={"source": "1"}, headers={**NDJSON, "Idempotency-Key": "k"})
    pictures = client.post("/orchestrate", json={"source": "1"}, headers={"Accept": "image/png"})

    run = client.post("/orchestrate", json={"source": "1"}).json()
    forms = ("application/xml", "application/json", "application/xml, */*", "application/*", SSE["Accept"])
    watched = [client.get(f"/runs/{run['id']}/events", headers={"Accept": form}) for form in forms]

    assert [one.status_code for one in (unknown, wrong, once, pictures)] == [404, 422, 422, 406]
    assert [one.status_code for one in watched] == [406, 406, 200, 200, 200]
    assert watched[0].json()["detail"] == "the answer is text/event-stream or application/x-ndjson"


def test_events_outlive_the_process(tmp_path: Path) -> None:
    """A watcher reconnects to a service that was killed and started again, and misses nothing that it had not seen."""
    database = {"ISTHMUS_DATABASE": str(tmp_path / "runs.db"), "ISTHMUS_HOLD_SECONDS": "0"}
    with serving(tmp_path / "first", **database) as first, httpx.Client(base_url=first.url, timeout=60) as client:
        run = submit(client, 'print("a")\nname = await ask("who?")\nprint("b")\nname')
        seen = lines(client.get(f"/runs/{run['id']}/events", headers=NDJSON))
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()

    with serving(tmp_path / "second", **database) as second, httpx.Client(base_url=second.url, timeout=60) as client:
        again = lines(client.get(f"/runs/{run['id']}/events", headers=NDJSON))
        resume(client, run, *said(run, "Ada"))
        whole = lines(client.get(f"/runs/{run['id']}/events", headers=NDJSON))

    assert named(again) == named(seen)
    assert named(whole)[: len(seen)] == named(seen)
    assert [one["event"] for one in whole[len(seen) :]] == [
        "call.completed", "run.resumed", "output.delta", "run.completed",
    ]  # fmt: skip
    assert [one["data"]["text"] for one in whole if one["event"] == "output.delta"] == ["a\n", "b\n"]


def test_the_numbers_are_there_for_prometheus(client: httpx.Client) -> None:
    """Counted where it happens; functions that callers declare have one name together."""
    run = submit(client, "add(1, 2)\nawait ask('who?')")
    resume(client, run, *said(run, "Ada"))
    client.post("/orchestrate", json={"source": "1 / 0"})

    response = client.get("/metrics")
    numbers = dict(line.rsplit(" ", 1) for line in response.text.split("\n") if line and not line.startswith("#"))

    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert float(numbers['isthmus_runs_total{kind="runtime",status="failed",tenant="default"}']) >= 1
    assert float(numbers['isthmus_runs_total{kind="",status="suspended",tenant="default"}']) >= 1
    assert float(numbers['isthmus_calls_total{function="add",outcome="value"}']) >= 1
    assert float(numbers['isthmus_calls_total{function="(client)",outcome="value"}']) >= 1
    assert float(numbers["isthmus_workers"]) >= 1
    assert not [name for name in numbers if str(ASK["name"]) in name]
