"""An HTTP API as functions of programs, from its document to the answer, with the real service and the real engine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import run_command, serving
from tests.crm import Crm, running_crm
from tests.provider_tools import AnthropicTool

PARALLEL = """\
import asyncio
first, second = await asyncio.gather(crm_find(1), crm_find(customer_id=2))
made = await crm_create({"name": "Emmy", "tags": ["new"]})
found = await crm_search(["a b", "c&d"], limit=3, active=True, X_Trace_Id="t")
[first["name"], second["friend"]["name"], made, found, await crm_annotate("Ada"), await crm_remove(7)]
"""
CAUGHT = """\
try:
    crm_find(404)
except FunctionError as error:
    caught = [error.type, error.message]
caught
"""


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    """The API."""
    with running_crm() as running:
        yield running


def setting(crm: Crm) -> str:
    """What an operator sets."""
    headers = {"Authorization": "Bearer s3cret-token"}
    names = ["find", "search", "create", "annotate", "remove", "echo"]
    source = {"document": f"{crm.url}/openapi.json", "prefix": "crm", "headers": headers, "operations": names}
    return json.dumps([source])


@pytest.fixture(scope="module")
def client(crm: Crm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service that has the API."""
    log = tmp_path_factory.mktemp("openapi") / "log"
    with (
        serving(log, ISTHMUS_OPENAPI=setting(crm)) as started,
        httpx.Client(base_url=started.url, timeout=60) as opened,
    ):
        yield opened


def run(client: httpx.Client, source: str, *functions: str) -> Any:
    """What became of a program."""
    answer = client.post("/orchestrate", json={"source": source, "functions": functions})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_operations_are_functions(client: httpx.Client) -> None:
    """With name, title, effect and types, as any other."""
    shown = client.get("/functions/crm_find").json()

    assert {key: shown[key] for key in ("name", "title", "kind", "is_async", "effect", "timeout_seconds")} == {
        "name": "crm_find", "title": "crm.find", "kind": "openapi", "is_async": True, "effect": "read",
        "timeout_seconds": 30.0,
    }  # fmt: skip
    assert shown["parameters"] == {
        "type": "object",
        "properties": {"customer_id": {"type": "integer", "title": "Customer Id", "description": "from the invoice"}},
        "required": ["customer_id"],
        "additionalProperties": False,
    }
    assert shown["returns"]["required"] == ["id", "name"]
    assert shown["stub"].startswith('async def crm_find(customer_id: int) -> dict[str, Any]:\n    """Find a customer\n')
    assert client.get("/functions/crm_remove").json()["effect"] == "idempotent"
    assert client.get("/functions/crm_huge").status_code == 404
    compile(client.get("/functions.pyi").text, "functions.pyi", "exec")
    for tool in client.get("/functions.anthropic.json").json():
        AnthropicTool.model_validate(tool)


def test_a_program_calls_an_api(client: httpx.Client, crm: Crm) -> None:
    """At once, with every kind of parameter."""
    names = ("crm_find", "crm_create", "crm_search", "crm_annotate", "crm_remove")
    answer = run(client, PARALLEL, *names)

    made = {"id": 7, "name": "Emmy", "tags": ["new"], "tier": "plain", "friend": None}
    found = [{"tag": ["a b", "c&d"], "limit": 3, "active": True, "trace": "t"}]
    assert answer["error"] is None
    assert answer["output"] == ["Ada", "Grace", made, found, "noted: Ada", None]
    assert [call["arguments"] for call in answer["calls"]][:2] == [{"customer_id": 1}, {"customer_id": 2}]
    assert {headers["authorization"] for _, _, headers in crm.seen if "authorization" in headers} == {
        "Bearer s3cret-token"
    }


def test_a_call_that_writes_has_a_key_of_its_own_and_one_that_reads_has_none(client: httpx.Client, crm: Crm) -> None:
    """An API that is asked again after a crash knows that it is the same call; two equal calls are two."""
    crm.seen.clear()
    run(client, "for _ in range(2):\n    crm_create({'name': 'Emmy'})\ncrm_find(1)", "crm_create", "crm_find")

    keys = [headers.get("idempotency-key") for _, _, headers in crm.seen]

    assert keys[2] is None
    assert len({keys[0], keys[1]} - {None}) == 2


def test_a_failure_of_an_api_can_be_caught(client: httpx.Client) -> None:
    """With its status and what it said."""
    told = 'crm_find() was answered with status 404: {"detail":"there is no customer 404"}'

    assert run(client, CAUGHT, "crm_find")["output"] == ["HttpError", told]
    uncaught = run(client, "crm_find(404)", "crm_find")["error"]
    assert (uncaught["kind"], uncaught["type"], uncaught["message"]) == ("function", "HttpError", told)
    assert uncaught["hint"] == "look at the arguments of the call"


def test_an_argument_of_another_type_is_not_sent(client: httpx.Client, crm: Crm) -> None:
    """The document says what fits."""
    before = len(crm.seen)
    error = run(client, "crm_create({'nam': 'x'})", "crm_create")["error"]

    assert (error["type"], error["message"]) == ("TypeError", "crm_create() argument body lacks name")
    assert error["hint"].startswith("signature: crm_create(body: dict[str, Any])")
    assert len(crm.seen) == before


def test_a_program_does_not_learn_the_secret(client: httpx.Client) -> None:
    """It is sent with every request, and is in no answer."""
    answer = run(client, "crm_echo()", "crm_echo")

    assert answer["output"]["authorization"] == "(secret)"
    assert "s3cret" not in json.dumps([answer, client.get("/functions").json()])


def test_every_request_that_drives_a_run_carries_its_callers_trace_on(client: httpx.Client, crm: Crm) -> None:
    """One trace from an agent to the API, however it had the program run."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    program = {"functions": ["crm_find"], "source": "crm_find(1)"}
    asks = {"name": "ask", "parameters": {"type": "object", "properties": {}}}
    client.put("/templates/found", json=program)
    crm.seen.clear()

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(path, json=body, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}).json()

    post("/orchestrate", program)
    post("/templates/found/runs", {})
    run = post("/orchestrate", {**program, "source": "await ask()\ncrm_find(1)", "client_functions": [asks]})
    post(f"/runs/{run['id']}/resume", {"results": [{"call_id": run["pending_calls"][0]["call_id"], "output": None}]})
    post(f"/runs/{run['id']}/patch", {"source": "crm_find(2)"})

    assert [target for _, target, _ in crm.seen] == ["/customers/1", "/customers/1", "/customers/1", "/customers/2"]
    assert [headers.get("traceparent", "")[3:35] for _, _, headers in crm.seen] == [trace] * 4


def test_the_command_runs_a_program_with_an_api(crm: Crm) -> None:
    """The same settings, without a service."""
    ended = run_command("run", "-", "--json", stdin="crm_find(1)['name']", ISTHMUS_OPENAPI=setting(crm))

    assert (json.loads(ended.stdout)["output"], ended.returncode) == ("Ada", 0)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('[{"document": "nowhere.json"}]', "ISTHMUS_OPENAPI nowhere.json: there is no such file\n"),
        ('[{"prefix": "a"}]', "ISTHMUS_OPENAPI__0__DOCUMENT: Field required\n"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_the_start(value: str, message: str, tmp_path: Path) -> None:
    """With the setting's name."""
    (tmp_path / "empty").touch()
    ended = run_command("run", str(tmp_path / "empty"), ISTHMUS_OPENAPI=value)

    assert (ended.stderr, ended.returncode) == (f"isthmus: {message}", 2)
