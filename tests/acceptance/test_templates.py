"""Templates by name, through HTTP."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import Serving, run_command, serving

DOUBLE = {"source": "x * factor", "input_types": {"x": "int", "factor": "int"}, "output": "int"}
CALLING = {"source": "add(x, 1)", "input_types": {"x": "int"}, "functions": ["add"], "limits": {"calls": 5}}


def put(client: httpx.Client, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a template."""
    answer = client.put(f"/templates/{name}", json=body)
    assert answer.status_code == 200, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


def run(client: httpx.Client, name: str, **body: Any) -> dict[str, Any]:
    """Run a template."""
    answer = client.post(f"/templates/{name}/runs", json=body)
    assert answer.status_code == 200, answer.text
    ran: dict[str, Any] = answer.json()
    return ran


def test_a_template_is_kept_and_run(client: httpx.Client) -> None:
    """The run says which version it was of."""
    kept = put(client, "double", DOUBLE)

    assert {key: kept[key] for key in ("name", "is_current", "template", "json_schema")} == {
        "name": "double",
        "is_current": True,
        "template": {**DOUBLE, "name": "double"},
        "json_schema": {
            "type": "object",
            "properties": {"x": {"type": "integer"}, "factor": {"type": "integer"}},
            "required": ["x", "factor"],
            "additionalProperties": False,
        },
    }
    assert client.get("/templates/double").json() == kept
    ran = run(client, "double", inputs={"x": 21, "factor": 2}, seed=7)
    assert (ran["status"], ran["output"], ran["seed"]) == ("completed", 42, 7)
    assert (ran["template"]["name"], ran["template"]["version"]) == ("double", kept["version"])


def test_every_version_is_kept_and_can_be_run(client: httpx.Client) -> None:
    """Somebody who relies on one is not surprised by the next."""
    first = put(client, "versions", {"source": "1"})
    second = put(client, "versions", {"source": "2"})
    again = put(client, "versions", {"source": "1"})

    assert again == first
    listed = client.get("/templates/versions/versions").json()["data"]
    assert [(one["version"], one["is_current"]) for one in listed] == [
        (second["version"], False),
        (first["version"], True),
    ]
    assert run(client, "versions")["output"] == 1
    assert run(client, "versions", version=second["version"])["output"] == 2
    old = client.get("/templates/versions", params={"version": second["version"]}).json()
    assert (old["template"]["source"], old["is_current"]) == ("2", False)
    names = [one["name"] for one in client.get("/templates").json()["data"]]
    assert "versions" in names
    assert names == sorted(names)


def test_bad_source_is_refused_with_all_that_is_wrong(client: httpx.Client) -> None:
    """A template is kept to be run often: what certainly fails is not."""
    syntax = client.put("/templates/bad", json={"source": "x = (1"})
    policy = client.put("/templates/bad", json={"source": "a = 1\nimport subprocess\nimport socket"})
    typed = client.put("/templates/bad", json={**CALLING, "source": 'add("x", y=1)'})

    assert [one.status_code for one in (syntax, policy, typed)] == [422] * 3
    assert [one.json()["code"] for one in (syntax, policy, typed)] == ["source-rejected"] * 3
    assert [(one["line"], one["severity"]) for one in syntax.json()["diagnostics"]] == [(1, "error")]
    assert [one["line"] for one in policy.json()["diagnostics"]] == [2, 3]
    assert policy.json()["detail"].startswith("the source has 2 errors; the first: line 2: ")
    assert "error" in {one["severity"] for one in typed.json()["diagnostics"]}
    assert client.get("/templates/bad").status_code == 404


def test_overrides_are_those_of_a_template(client: httpx.Client) -> None:
    """Limits one by one; what a template is cannot be overridden, and is refused by name."""
    put(client, "calling", CALLING)

    ran = run(client, "calling", inputs={"x": 1}, limits={"wall_seconds": 9}, metadata={"a": 1})
    refused = client.post("/templates/calling/runs", json={"inputs": {"x": 1, "y": 2}, "source": "2", "functions": []})

    assert (ran["output"], ran["limits"]["calls"], ran["limits"]["wall_seconds"], ran["metadata"]) == (
        2,
        5,
        9,
        {"a": 1},
    )
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/source", "/functions", "/inputs/y"]
    for body, where in (({}, "/inputs/x"), ({"inputs": {"x": "1"}}, "/inputs/x"), ({"inputs": []}, "/inputs")):
        answer = client.post("/templates/calling/runs", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, where)


def test_a_template_has_the_cache_retries_and_timeout_it_was_put_with(client: httpx.Client) -> None:
    """What is kept is what was sent: a run that says nothing goes by it."""
    terms = {"cache": "auto", "retries": {"count": 1}, "timeout": {"max_runtime": 20}}

    kept = put(client, "terms", {"source": "import random\nrandom.random()", **terms})
    first, second = run(client, "terms"), run(client, "terms")
    put(client, "sleeper", {"source": "import time\ntime.sleep(4)", "timeout": 0.2})
    late = run(client, "sleeper")

    assert {member: kept["template"].get(member) for member in terms} == terms
    assert (second["cached"], second["output"]) == (True, first["output"])
    assert (late["status"], late["error"]["kind"]) == ("failed", "limit")


def test_what_a_caller_may_not_is_refused_when_it_is_kept(client: httpx.Client) -> None:
    """Not at the first run, when nobody looks."""
    beyond = client.put("/templates/beyond", json={"source": "1", "limits": {"calls": 10**6}})
    unknown = client.put("/templates/beyond", json={"source": "1", "functions": ["nope"]})
    valued = client.put("/templates/beyond", json={"source": "x", "inputs": {"x": 1}})

    assert (beyond.status_code, unknown.status_code, valued.status_code) == (403, 422, 422)
    assert valued.json()["errors"][0]["pointer"] == "/inputs"
    assert client.get("/templates/beyond").status_code == 404


def test_a_deleted_template_is_gone(client: httpx.Client) -> None:
    """With all its versions."""
    version = put(client, "gone", {"source": "1"})["version"]

    assert client.delete("/templates/gone").status_code == 204
    assert [
        client.delete("/templates/gone").status_code,
        client.get("/templates/gone").status_code,
        client.get("/templates/gone/versions").status_code,
        client.post("/templates/gone/runs", json={}).status_code,
        client.post("/templates/gone/runs", json={"version": version}).status_code,
    ] == [404] * 5


@pytest.mark.parametrize("name", ["double", "never"])
def test_forward_is_always_refused(client: httpx.Client, name: str) -> None:
    """There is no Python function to call, whatever the name."""
    answer = client.post(f"/templates/{name}/forward", json={"inputs": {}})

    assert (answer.status_code, answer.json()["code"]) == (501, "forward-not-supported")


def test_a_failing_template_points_at_its_own_text(client: httpx.Client) -> None:
    """Compiled code has no text; lines and source are those that were put."""
    put(client, "failing", {"source": "a = 1\n\na / zero", "input_types": {"zero": "int"}})

    error = run(client, "failing", inputs={"zero": 0})["error"]

    assert (error["type"], error["traceback"][-1]["line"], error["traceback"][-1]["source"]) == (
        "ZeroDivisionError", 3, "a / zero",
    )  # fmt: skip


def test_two_tenants_may_use_one_name(tmp_path: Path) -> None:
    """And know nothing of each other's: neither name nor version leads to it."""
    database = str(tmp_path / "isthmus.db")
    keys = []
    for tenant in ("acme", "umbrella"):
        run_command("tenants", "create", tenant, ISTHMUS_DATABASE=database)
        keys.append(run_command("keys", "create", "--tenant", tenant, ISTHMUS_DATABASE=database).stdout.strip())
    with serving(tmp_path / "log", ISTHMUS_DATABASE=database) as served:
        acme, umbrella = (
            httpx.Client(base_url=served.url, headers={"Authorization": f"Bearer {key}"}, timeout=60) for key in keys
        )
        version = put(acme, "shared", {"source": "'acme'"})["version"]
        foreign = [
            umbrella.get("/templates/shared"),
            umbrella.get("/templates/none"),
            umbrella.delete("/templates/shared"),
        ]
        put(umbrella, "shared", {"source": "'umbrella'"})
        by_version = umbrella.post("/templates/shared/runs", json={"version": version})

        assert [one.status_code for one in foreign] == [404] * 3
        assert foreign[0].content == foreign[1].content
        assert by_version.status_code == 404
        assert (run(acme, "shared")["output"], run(umbrella, "shared")["output"]) == ("acme", "umbrella")
        acme.close()
        umbrella.close()


def test_one_key_starts_one_run_of_one_template(client: httpx.Client) -> None:
    """The same body sent to another template asks for something else."""
    put(client, "first", {"source": "1"})
    put(client, "second", {"source": "2"})
    headers = {"Idempotency-Key": "templates-1"}

    one, again, other = (
        client.post(f"/templates/{name}/runs", json={}, headers=headers) for name in ("first", "first", "second")
    )

    assert (one.status_code, again.json()["id"], other.status_code) == (200, one.json()["id"], 409)


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_run_of_a_template_waits_and_goes_on(tmp_path: Path, is_deleted: bool) -> None:  # noqa: FBT001
    """By replay, which has to run the same compiled code; also when the template was deleted meanwhile."""
    asking = {
        "source": 'name = await ask(question)\nf"{name}!"',
        "input_types": {"question": "str"},
        "client_functions": [
            {"name": "ask", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}}}
        ],
    }
    with serving(tmp_path / "log", ISTHMUS_HOLD_SECONDS="0") as served, httpx.Client(base_url=served.url) as client:
        version = put(client, "asking", asking)["version"]
        waiting = run(client, "asking", inputs={"question": "who?"})
        if is_deleted:
            client.delete("/templates/asking")
        answers = {"results": [{"call_id": waiting["pending_calls"][0]["call_id"], "output": "Ada"}]}
        ended = client.post(f"/runs/{waiting['id']}/resume", json=answers).json()

    assert waiting["status"] == "suspended"
    assert (ended["status"], ended["output"], ended["error"]) == ("completed", "Ada!", None)
    assert (ended["template"]["name"], ended["template"]["version"]) == ("asking", version)


@pytest.fixture
def restarting(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A database that outlives a service."""
    return (yield tmp_path, str(tmp_path / "isthmus.db"))


def test_a_template_survives_a_restart_compiled(restarting: tuple[Path, str]) -> None:
    """It runs from the code that the first service made: the same fuel, and one row for its version."""
    directory, database = restarting
    fuel = []
    for number in range(2):
        with serving(directory / f"log{number}", ISTHMUS_DATABASE=database) as served:
            fuel.append(_fuel(served, is_first=number == 0))
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT name, length(text) > 0 FROM compiled").fetchall()
    connection.close()

    assert fuel[0] == fuel[1]
    assert rows == [("kept", 1)]


def _fuel(served: Serving, *, is_first: bool) -> int:
    with httpx.Client(base_url=served.url, timeout=60) as client:
        if is_first:
            put(client, "kept", {"source": "sum(range(100))"})
        ran = run(client, "kept", seed=1, now="2026-01-31T12:00:00Z")
        assert ran["output"] == 4950
        fuel: int = ran["usage"]["fuel"]
        return fuel
