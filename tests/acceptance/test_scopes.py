"""What a key is for, and that it is for nothing else: every operation, with a key of each scope."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from service.rights import APPROVE, METRICS, RUN, SCOPES
from tests.acceptance.serving import run_command, serving

READING = {
    f"GET /runs{rest}"
    for rest in ("", "/{run_id}", "/{run_id}/calls", "/{run_id}/journal", "/{run_id}/report", "/{run_id}/events")
}
ANYBODYS = {"GET /health/live", "GET /health/ready", "GET /problems/{code}"}
Client = Callable[[str], httpx.Client]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Gives a client with a key of a scope; an empty one names none."""
    directory = tmp_path_factory.mktemp("scopes")
    database = {"ISTHMUS_DATABASE": str(directory / "isthmus.db")}
    keys = {
        scope: run_command("keys", "create", *(["--scope", scope] if scope else []), **database).stdout.strip()
        for scope in ("", *SCOPES)
    }
    with serving(directory / "log", functions="tests.acceptance.functions:env", **database) as served:
        opened = {
            scope: httpx.Client(base_url=served.url, headers={"Authorization": f"Bearer {key}"}, timeout=60)
            for scope, key in keys.items()
        }
        yield lambda scope: opened[scope]
        for one in opened.values():
            one.close()


def operations(client: httpx.Client) -> dict[str, dict[str, Any]]:
    """Return what the document describes, by method and path."""
    paths = client.get("/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}": told for path, methods in paths.items() for method, told in methods.items()}


def allowed(client: httpx.Client) -> set[str]:
    """Return the operations that a key is not refused for; none of them is given what it needs."""
    found = set()
    for name in operations(client):
        method, path = name.split()
        answer = client.request(method, path.replace("{run_id}", "run_0").replace("{name}", "none"))
        assert answer.status_code not in (401, 500), (name, answer.text)
        if answer.status_code != 403:
            found.add(name)
        else:
            assert answer.json()["code"] == "scope-missing", name
    return found


def test_a_key_is_for_its_scopes_and_for_nothing_else(client: Client) -> None:
    """A key that was given to a machine that collects numbers must not run programs when it is lost."""
    every = {*operations(client(RUN))}

    assert allowed(client(METRICS)) == {"GET /metrics", *ANYBODYS}
    assert allowed(client(APPROVE)) == {*READING, "POST /runs/{run_id}/resume", *ANYBODYS}
    assert allowed(client(RUN)) == every - {"GET /metrics"}
    assert allowed(client("")) == allowed(client(RUN))


def test_the_document_says_which_scopes_an_operation_takes(client: Client) -> None:
    """As alternatives, each of which is enough; and none, for a service without keys."""
    told = operations(client(RUN))

    assert told["GET /metrics"]["security"] == [{"key": ["metrics"]}, {}]
    assert told["GET /runs"]["security"] == [{"key": ["run"]}, {"key": ["approve"]}, {}]
    assert "security" not in told["POST /orchestrate"]
    assert client(RUN).get("/openapi.json").json()["security"] == [{"key": ["run"]}, {}]


def test_whoever_approves_need_not_be_able_to_run_or_to_answer(client: Client) -> None:
    """It reads what is asked, and decides; an answer in the caller's place is the caller's."""
    source = "import asyncio\nawait asyncio.gather(pay.aio(5), ask())"
    body = {"source": source, "functions": ["pay"], "client_functions": [{"name": "ask"}]}
    run = client(RUN).post("/orchestrate", json=body).json()
    assert run["status"] == "suspended", run
    approval = next(one for one in run["pending_calls"] if one["kind"] == "approval")
    decision = {"call_id": approval["call_id"], "decision": "approve", "digest": approval["digest"]}
    path = f"/runs/{run['id']}/resume"

    decided = client(APPROVE).post(path, json={"results": [decision]})
    asked = decided.json()["pending_calls"][0]["call_id"]
    answered = client(APPROVE).post(path, json={"results": [{"call_id": asked, "output": 1}]})
    by_caller = client(RUN).post(path, json={"results": [{"call_id": asked, "output": 1}]})

    assert decided.status_code == 200
    assert (answered.status_code, answered.json()["detail"]) == (
        403, 'this takes a key with the scope "run"; `isthmus keys create --tenant <name> --scope run` makes one'
    )  # fmt: skip
    assert by_caller.json()["status"] == "completed"
