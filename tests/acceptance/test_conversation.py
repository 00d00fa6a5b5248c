"""A conversation with a run: start it, answer it, correct it, go on."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import serving, until

ASK = {
    "name": "ask",
    "parameters": {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]},
    "returns": {"type": "string"},
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that holds no interpreter for a run that waits: every answer finds it in the database."""
    with serving(tmp_path_factory.mktemp("conversation") / "log", ISTHMUS_HOLD_SECONDS="0") as started:
        yield started.url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def submit(client: httpx.Client, source: str, **more: Any) -> dict[str, Any]:
    """Run a program."""
    body = {"source": source, "functions": ["add", "note", "pay", "hold"], "client_functions": [ASK], **more}
    answer = client.post("/orchestrate", json=body)
    assert answer.status_code in (200, 202), answer.text
    run: dict[str, Any] = answer.json()
    return run


def resume(client: httpx.Client, run: dict[str, Any], *results: dict[str, Any]) -> httpx.Response:
    """Answer calls."""
    return client.post(f"/runs/{run['id']}/resume", json={"results": results})


def said(run: dict[str, Any], *outputs: str) -> list[dict[str, Any]]:
    """Return answers to what a run waits for."""
    return [
        {"call_id": call["call_id"], "output": output}
        for call, output in zip(run["pending_calls"], outputs, strict=True)
    ]


def test_a_run_asks_its_caller_and_goes_on_with_the_answer(client: httpx.Client) -> None:
    """What the service cannot do, its caller can."""
    run = submit(client, 'total = add(1, 2)\nprint("once")\nname = await ask("who?")\n[name, total]')
    (pending,) = run["pending_calls"]

    answer = resume(client, run, {"call_id": pending["call_id"], "output": "Ada"})

    assert (run["status"], pending["kind"], pending["function"]) == ("suspended", "client_function", "ask")
    assert (pending["arguments"], pending["line"], pending["on_timeout"]) == ({"question": "who?"}, 3, "fail")
    assert pending["expires_at"] == run["expires_at"] > run["created_at"]
    assert (answer.status_code, answer.json()["status"], answer.json()["output"]) == (200, "completed", ["Ada", 3])
    assert answer.json()["stdout"] == "once\n"
    assert [one["status"] for one in answer.json()["calls"]] == ["settled", "settled"]
    assert client.get(f"/runs/{run['id']}").json() == answer.json()


def test_a_request_stays_open_for_a_program_that_wakes_in_time(client: httpx.Client) -> None:
    """Its caller is asked for nothing, so there is nothing to come back with."""
    sleeps = "import asyncio\nawait asyncio.sleep({})\n'awake'"
    awake = submit(client, sleeps.format(5.5), wait_seconds=60)
    asleep = submit(client, sleeps.format(3_600), wait_seconds=60)

    assert (awake["status"], awake["output"]) == ("completed", "awake")
    assert (asleep["status"], asleep["pending_calls"]) == ("suspended", [])


def test_siblings_are_asked_for_together_and_answered_in_any_order(client: httpx.Client) -> None:
    """One round trip for all, as many as the caller likes for the answers."""
    run = submit(client, 'import asyncio\nawait asyncio.gather(ask("a"), ask("b"), ask("c"))')
    first, second, third = said(run, "A", "B", "C")

    between = resume(client, run, third, first)
    done = resume(client, run, second)

    assert [one["arguments"]["question"] for one in run["pending_calls"]] == ["a", "b", "c"]
    assert [one["call_id"] for one in between.json()["pending_calls"]] == [second["call_id"]]
    assert done.json()["output"] == ["A", "B", "C"]


def test_the_same_answer_again_is_the_same_run_and_another_one_a_conflict(client: httpx.Client) -> None:
    """A client that lost the connection sends it again."""
    run = submit(client, 'await ask("a")')
    (right,) = said(run, "A")
    done = resume(client, run, right).json()

    again = resume(client, run, right)
    other = resume(client, run, {**right, "output": "B"})

    assert (again.status_code, again.json()) == (200, done)
    assert (other.status_code, other.json()["code"]) == (409, "call-not-pending")


def test_a_failure_from_outside_can_be_caught(client: httpx.Client) -> None:
    """Built-in types keep their type."""
    run = submit(client, 'try:\n    await ask("a")\nexcept ValueError as error:\n    said = str(error)\nsaid')
    error = {"type": "ValueError", "message": "nobody knows"}

    done = resume(client, run, {"call_id": run["pending_calls"][0]["call_id"], "error": error})

    assert (done.json()["status"], done.json()["output"]) == ("completed", "nobody knows")


def test_an_answer_that_does_not_fit_changes_nothing(client: httpx.Client) -> None:
    """All answers of a request count, or none."""
    run = submit(client, 'import asyncio\nawait asyncio.gather(ask("a"), ask("b"))')
    first, second = said(run, "A", "B")

    wrong = resume(client, run, first, {**second, "output": 3})
    unknown = resume(client, run, {"call_id": "call_9", "output": "A"})

    assert (wrong.status_code, wrong.json()["errors"]) == (
        422,
        [{"pointer": "/results/1/output", "message": "the value is an int, not str"}],
    )
    waiting = ", ".join(one["call_id"] for one in run["pending_calls"])
    message = f"is no call of this run; those that wait: {waiting}"
    assert (unknown.status_code, unknown.json()["errors"][0]["message"]) == (422, message)
    assert len(client.get(f"/runs/{run['id']}").json()["pending_calls"]) == 2


def test_an_approval_counts_for_the_call_that_was_shown(client: httpx.Client) -> None:
    """Somebody agrees to what will be done, or nothing is done."""
    run = submit(client, "try:\n    paid = pay(3)\nexcept PermissionError as error:\n    paid = str(error)\npaid")
    (pending,) = run["pending_calls"]
    decision = {"call_id": pending["call_id"], "decision": "approve"}

    blind = resume(client, run, {**decision, "digest": "sha256:0"})
    without = resume(client, run, decision)
    done = resume(client, run, {**decision, "digest": pending["digest"]})

    assert (pending["kind"], pending["arguments"], run["calls"][0]["status"]) == ("approval", {"amount": 3}, "intended")
    assert (blind.status_code, blind.json()["code"]) == (409, "call-not-pending")
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/results/0/digest")
    assert (done.json()["status"], done.json()["output"]) == ("completed", "paid 3")


def test_a_rejected_call_is_not_made(client: httpx.Client) -> None:
    """The program hears of it and may do without."""
    run = submit(client, "try:\n    paid = pay(3)\nexcept PermissionError as error:\n    paid = str(error)\npaid")
    (pending,) = run["pending_calls"]

    done = resume(
        client, run, {"call_id": pending["call_id"], "decision": "reject", "digest": pending["digest"]}
    ).json()

    assert (done["status"], done["output"]) == ("completed", "pay() was not approved, and was not called")
    assert done["calls"][0]["attempts"] == 0


def test_corrected_source_goes_on_where_the_run_failed(client: httpx.Client, tmp_path: Path) -> None:
    """What was done is not done again."""
    source = f"count = note({str(tmp_path / 'notes')!r})\nprint(count)\ncount / 0"
    failed = submit(client, source)
    correction = {"source": source.replace("/ 0", "/ 2")}

    seen = client.post(f"/runs/{failed['id']}/patch?dry_run=true", json=correction).json()
    patched = client.post(f"/runs/{failed['id']}/patch", json=correction).json()

    assert failed["status"] == "failed"
    assert (patched["status"], patched["output"], patched["stdout"]) == ("completed", 0.5, "1\n")
    reused = {"function": "note", "line": 1, "call_id": "call_1", "recorded_call_id": "call_1"}
    nothing: dict[str, Any] = {"again": [], "unknown": [], "new": [], "dropped": []}
    assert patched["patch"] == {"run_id": failed["id"], "reused": [reused], **nothing}
    assert seen == {"run_id": failed["id"], "ends": True, "error": None, "reused": [reused], **nothing}
    assert (tmp_path / "notes").read_text() == "here\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("add(1, 2", ("syntax", 1)),
        ("import socket", ("policy", 1)),
        ("total = add(1, 2)\n1 / 0", ("runtime", 2)),
        ("add(1, 2)\nwhile True: pass", ("limit", None)),
        ("add(3, 4) / 0", None),
    ],
)
def test_a_dry_run_tells_how_the_correction_would_fail(
    client: httpx.Client, source: str, expected: tuple[str, int | None] | None
) -> None:
    """Whoever asks before they patch is not told that a program which cannot run comes to its end."""
    failed = submit(client, "add(1, 2) / 0", limits={"cpu_seconds": 0.5})

    seen = client.post(f"/runs/{failed['id']}/patch?dry_run=true", json={"source": source}).json()

    assert seen["ends"] is (expected is not None)
    error = seen["error"]
    found = error and (error["kind"], error["traceback"][-1]["line"] if error["kind"] != "limit" else None)
    assert found == expected


def test_a_patched_run_that_waits_still_has_the_earlier_answers(client: httpx.Client, tmp_path: Path) -> None:
    """Also after it was read back: what its parent was told answers what comes after the question."""
    note = f"note({str(tmp_path / 'notes')!r})"
    failed = submit(client, f"{note}\n1 / 0")
    patched = client.post(f"/runs/{failed['id']}/patch", json={"source": f'name = await ask("a")\n[name, {note}]'})

    done = resume(client, patched.json(), *said(patched.json(), "A")).json()

    assert (done["status"], done["output"]) == ("completed", ["A", 1])
    assert (tmp_path / "notes").read_text() == "here\n"


def test_patching_a_run_that_waits_ends_it(client: httpx.Client) -> None:
    """There is one run to answer, the corrected one."""
    run = submit(client, 'add(1, 1)\nawait ask("a")')

    patched = client.post(f"/runs/{run['id']}/patch", json={"source": 'add(1, 1)\nawait ask("b")'}).json()

    assert client.get(f"/runs/{run['id']}").json()["status"] == "cancelled"
    assert (patched["status"], patched["pending_calls"][0]["arguments"]) == ("suspended", {"question": "b"})
    assert resume(client, run, *said(run, "A")).status_code == 409
    assert resume(client, patched, *said(patched, "B")).json()["output"] == "B"


@pytest.mark.parametrize(
    ("source", "line", "code", "declared"),
    [
        ('add(1, 1)\nawait ask("a"', 2, "syntax", {}),
        ('import socket\nawait ask("a")', 1, "import-not-allowed", {}),
        ('add(1, 1)\nadd("x")\nawait ask("a")', 2, "invalid-argument-type", {"type_check": True}),
    ],
)
def test_a_run_that_waits_is_not_given_up_for_source_that_cannot_run(
    client: httpx.Client, source: str, line: int, code: str, declared: dict[str, Any]
) -> None:
    """A slip in the correction costs nothing: the run is answered as if nobody had tried."""
    run = submit(client, 'add(1, 1)\nawait ask("a")', **declared)

    refused = client.post(f"/runs/{run['id']}/patch", json={"source": source})

    assert (refused.status_code, refused.json()["code"]) == (422, "source-rejected")
    assert [(one["line"], one["code"]) for one in refused.json()["diagnostics"]][:1] == [(line, code)]
    assert client.get(f"/runs/{run['id']}").json()["status"] == "suspended"
    assert resume(client, run, *said(run, "A")).json()["output"] == "A"


def test_a_patch_that_cannot_run_leaves_the_run_that_can_be_patched(client: httpx.Client) -> None:
    """A slip in the correction costs neither the answers nor the way to them."""
    run = submit(client, "add(1, 1) / 0")
    broken = client.post(f"/runs/{run['id']}/patch", json={"source": "add(1, 1"}).json()

    again = client.post(f"/runs/{broken['id']}/patch", json={"source": "add(1, 1)"})
    patched = client.post(f"/runs/{broken['patch']['run_id']}/patch", json={"source": "add(1, 1)"}).json()

    assert (broken["status"], broken["error"]["kind"], broken["patch"]["run_id"]) == ("failed", "syntax", run["id"])
    assert (again.status_code, again.json()["code"], again.json()["detail"]) == (
        409,
        "journal-not-kept",
        "the journal of this run was not kept, so that there is nothing to take over: "
        f"patch {run['id']}, whose journal it took over and which is kept",
    )
    assert (patched["output"], len(patched["patch"]["reused"])) == (2, 1)


def test_a_fork_goes_another_way_from_a_call_on(client: httpx.Client) -> None:
    """What if the answer had been another?"""
    run = submit(client, 'name = await ask("a")\nname, add(len(name), 1)')
    done = resume(client, run, *said(run, "Ada")).json()

    forked = client.post(f"/runs/{run['id']}/fork", json={"at_call": "call_1", "output": "Grace"}).json()
    wrong = client.post(f"/runs/{run['id']}/fork", json={"at_call": "call_1", "output": 1})
    none = client.post(f"/runs/{run['id']}/fork", json={"at_call": "call_9", "output": 1})

    assert done["output"] == ["Ada", 4]
    assert (forked["status"], forked["output"]) == ("completed", ["Grace", 6])
    assert [one["function"] for one in forked["patch"]["new"]] == ["add"]
    assert wrong.json()["errors"] == [{"pointer": "/output", "message": "the value is an int, not str"}]
    message = "is no call of this run; its calls: call_1, call_2"
    assert none.json()["errors"] == [{"pointer": "/at_call", "message": message}]


def test_a_run_that_outlasts_its_request_is_read_at_its_address(client: httpx.Client, tmp_path: Path) -> None:
    """No connection has to stay open."""
    let_go = tmp_path / "go"
    answer = client.post(
        "/orchestrate", json={"source": f"hold({str(let_go)!r})", "functions": ["hold"], "wait_seconds": 0.05}
    )
    still = client.get(answer.headers["location"])
    let_go.touch()
    done = client.get(answer.headers["location"], params={"wait_seconds": 30})

    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    assert (still.status_code, still.json()["status"]) == (202, "running")
    assert (done.status_code, done.json()["status"], done.json()["output"]) == (200, "completed", "let go")


@pytest.mark.parametrize("source", ["sum(range(10**11))", "while True: pass", 'await ask("a")'])
def test_a_cancelled_run_ends_at_once(client: httpx.Client, source: str) -> None:
    """Also in a loop of the interpreter's own."""
    run = submit(client, source, wait_seconds=0.2, limits={"cpu_seconds": 30, "fuel": 10**11})
    began = time.monotonic()

    cancelled = client.post(f"/runs/{run['id']}/cancel")

    assert time.monotonic() - began < 10
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert client.get(f"/runs/{run['id']}").json()["status"] == "cancelled"
    again = client.post(f"/runs/{run['id']}/cancel")
    assert (again.status_code, again.json()["detail"]) == (409, "the run is cancelled already")


def test_an_idempotency_key_stands_for_one_run(client: httpx.Client, tmp_path: Path) -> None:
    """A client that does not know whether its request arrived sends it again."""
    body = {"source": f"note({str(tmp_path / 'notes')!r})", "functions": ["note"]}
    headers = {"Idempotency-Key": "abc"}

    first = client.post("/orchestrate", json=body, headers=headers).json()
    again = client.post("/orchestrate", json=body, headers=headers).json()
    other = client.post("/orchestrate", json={"source": "1"}, headers=headers)

    assert first["output"] == 1
    assert again == first
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert (tmp_path / "notes").read_text() == "here\n"


def test_what_nobody_answers_in_time_has_the_declared_end(client: httpx.Client) -> None:
    """Even when nobody asks."""
    ends = {"fail": None, "raise": "too late", "default": "nobody"}
    runs = {}
    for name in ends:
        on_timeout = {"output": "nobody"} if name == "default" else name
        source = 'try:\n    said = await ask("a")\nexcept TimeoutError:\n    said = "too late"\nsaid'
        asked = [{**ASK, "expires_seconds": 0.3, "on_timeout": on_timeout}]
        runs[name] = submit(client, source, client_functions=asked)

    def finished() -> list[dict[str, Any]]:
        found = [client.get(f"/runs/{run['id']}").json() for run in runs.values()]
        return found if all(one["status"] not in ("suspended", "running") for one in found) else []

    until(lambda: bool(finished()))

    assert [(one["status"], one["output"]) for one in finished()] == [
        ("expired", None),
        ("completed", "too late"),
        ("completed", "nobody"),
    ]
    late = resume(client, runs["fail"], *said(runs["fail"], "A"))
    assert (late.status_code, late.json()["code"]) == (410, "answer-too-late")


def test_runs_are_listed_and_forgotten(client: httpx.Client) -> None:
    """The newest first, a page at a time; what has ended can be deleted."""
    made = [submit(client, "1", name="listed", durable=True)["id"] for _ in range(3)]
    waits = submit(client, 'await ask("a")', name="listed")["id"]

    first = client.get("/runs", params={"template": "listed", "limit": 3}).json()
    rest = client.get("/runs", params={"template": "listed", "limit": 3, "cursor": first["next_cursor"]}).json()
    by_function = client.get("/runs", params={"function": "add", "status": "suspended", "template": "listed"}).json()

    assert [one["id"] for one in first["data"] + rest["data"]] == [waits, *made[::-1]]
    assert rest["next_cursor"] is None
    assert [one["id"] for one in by_function["data"]] == [waits]
    assert client.delete(f"/runs/{waits}").status_code == 409
    assert client.delete(f"/runs/{made[0]}").status_code == 204
    assert client.get(f"/runs/{made[0]}").status_code == 404
    assert client.delete(f"/runs/{made[0]}").status_code == 404


def test_the_calls_and_the_journal_of_a_kept_run_are_read_whole(client: httpx.Client) -> None:
    """What the run object cuts, and what a replay needs."""
    run = submit(client, "for n in range(120):\n    add(n, 1)", durable=True)

    calls = client.get(f"/runs/{run['id']}/calls").json()["data"]
    journal = client.get(f"/runs/{run['id']}/journal").text.splitlines()

    assert (len(run["calls"]), len(calls)) == (100, 120)
    assert (calls[-1]["arguments"], calls[-1]["output"]) == ({"x": 119, "y": 1}, 120)
    assert journal[0].startswith('{"entry":"header"')
    assert journal[-1].startswith('{"entry":"ended"')
