"""The service held to its OpenAPI document, by schemathesis and by one request of each kind that succeeds."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.core.result import Ok
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.acceptance.serving import serving

KEY = "k3y-of-the-document"
# The same requests each time: the examples, every parameter and member at its bounds and beyond, other methods, and a
# few at random. Bodies of /check are those of /orchestrate, and each of them starts a type checker.
CONFIG = """
[phases]
coverage.enabled = {thorough}

[generation]
deterministic = true
database = "none"

[checks]
# What a program may say is more than a schema can.
positive_data_acceptance.enabled = false

[[operations]]
include-path = "/check"
phases.coverage.enabled = false

[[operations]]
# It answers 501, which is what it is for.
include-path = "/templates/{name}/forward"
checks.not_a_server_error.enabled = false
phases.coverage.enabled = false
"""
KEPT = {"source": "x + 1", "input_types": {"x": "int"}}
WAITING = {"source": "ask('who?')", "client_functions": [{"name": "ask", "async": False}], "report": True}
EXAMPLES = settings(
    max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck]
)
PAGES = (
    "/health/live", "/health/ready", "/metrics", "/images", "/functions", "/functions/{name}", "/functions.openai.json",
    "/functions.anthropic.json", "/problems/{code}",
)  # fmt: skip
Case = schemathesis.Case[Any]
Operation = APIOperation[Any, Any, Any, Any]
Send = Callable[[Case], schemathesis.Response]


@pytest.fixture(scope="module", params=["", KEY], ids=["without a key", "with a key"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A service, and its key."""
    given = {"ISTHMUS_API_KEY": request.param} if request.param else {}
    with serving(tmp_path_factory.mktemp("document") / "log", **given) as started:
        yield started.url, request.param


@pytest.fixture
def document(url: tuple[str, str]) -> OpenApiSchema:
    """What the service says of itself."""
    # With a key: the routes are the same, and two of these would take half a minute.
    config = schemathesis.Config.from_str(CONFIG.replace("{thorough}", "true" if url[1] else "false"))
    return schemathesis.openapi.from_url(f"{url[0]}/openapi.json", config=config)


@pytest.fixture
def client(url: tuple[str, str]) -> Iterator[httpx.Client]:
    """A client of the service."""
    headers = {"Authorization": f"Bearer {url[1]}"} if url[1] else {}
    with httpx.Client(base_url=url[0], headers=headers, timeout=60) as opened:
        yield opened


@pytest.fixture
def send(client: httpx.Client) -> Send:
    """Send a request; every other one is about a run or a template that is there."""
    turns, keys = itertools.count(), itertools.count()
    assert client.put("/templates/kept", json=KEPT).status_code == 200

    def sent(case: Case) -> schemathesis.Response:
        there = next(turns) % 2 == 1
        if there and "run_id" in case.path_parameters:
            case.path_parameters["run_id"] = client.post("/orchestrate", json=WAITING).json()["id"]
        elif there and "name" in case.path_parameters and case.method in ("GET", "POST"):
            case.path_parameters["name"] = "kept"
        if len(str(case.headers.get("Idempotency-Key", ""))) == 1:
            # Else all but the first would be told that the key was used.
            case.headers["Idempotency-Key"] = f"key-{next(keys)}"
        return case.call(headers=dict(client.headers), timeout=60)

    return sent


def test_no_answer_is_other_than_the_document_says(document: OpenApiSchema, send: Send) -> None:
    """Status, type of content, headers and schema: clients are generated from the document. None is a 5xx."""

    def conforms(case: Case) -> None:
        answer = send(case)
        assert answer.status_code < 500 or (answer.status_code, case.path) == (501, "/templates/{name}/forward")
        case.validate_response(answer)
        if answer.headers.get("content-type") == ["application/problem+json"] and answer.status_code != 405:
            told = case.operation.definition.raw["responses"][str(answer.status_code)]["description"]
            assert f"(`{answer.json()['code']}`)" in told

    for operation in operations_of(document):
        requests_of(document, operation, conforms)()


def test_everything_in_the_document_is_described(client: httpx.Client) -> None:
    """A reader of generated pages and clients has nothing else."""
    document = client.get("/openapi.json").json()
    members = {
        f"{name}.{member}": shape
        for name, body in document["components"]["schemas"].items()
        for member, shape in body.get("properties", {}).items()
    }
    operations = {
        f"{method} {path}": operation
        for path, those in document["paths"].items()
        for method, operation in those.items()
    }
    parameters = {
        f"{name} {one['name']}": one
        for name, operation in operations.items()
        for one in operation.get("parameters", ())
    }
    tags: dict[str, dict[str, str]] = {tag: {} for operation in operations.values() for tag in operation["tags"]}
    tags |= {tag["name"]: tag for tag in document["tags"]}
    described = members | operations | parameters | tags

    undescribed = [name for name, one in described.items() if not one.get("description")]

    assert undescribed == []


def operations_of(document: OpenApiSchema) -> list[Operation]:
    """Return what is described; a description that cannot be read fails."""
    found = [*document.get_all_operations()]
    assert [one for one in found if not isinstance(one, Ok)] == []
    return [one.ok() for one in found if isinstance(one, Ok)]


def requests_of(document: OpenApiSchema, operation: Operation, test: Callable[[Case], None]) -> Any:
    """Return a test of an operation. Not `schema.parametrize()`, which relies on parts of pytest that 9.2 has not."""
    phases = document.config.phases_for(operation=operation)
    modes = [HypothesisTestMode.EXAMPLES, HypothesisTestMode.FUZZING]
    modes += [HypothesisTestMode.COVERAGE] if phases.coverage.enabled else []
    config = HypothesisTestConfig(modes=modes, project=document.config, settings=EXAMPLES)
    return create_test(operation=operation, test_func=test, config=config)


def test_every_operation_succeeds_as_the_document_says(document: OpenApiSchema, client: httpx.Client) -> None:
    """A route that was not tried with what it is for would conform by refusing everything."""
    described = {operation.label: operation for operation in operations_of(document)}
    seen = set()

    for label, answer in walk(client):
        assert answer.status_code < 400 or label == "POST /templates/{name}/forward", (label, answer.text)
        described[label].validate_response(answer)
        seen.add(label)

    assert seen == set(described)


def walk(client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    """Use every operation for what it is for."""
    for path in PAGES:
        yield f"GET {path}", client.get(path.replace("{name}", "add").replace("{code}", "not-found"))
    yield "GET /functions.pyi", client.get("/functions.pyi", params={"mode": "sync"})
    yield "GET /prompt", client.get("/prompt", params={"functions": "add", "engine": "cpython"})
    yield "POST /check", client.post("/check", params={"dialect": "standard"}, json=KEPT)
    yield from walk_runs(client)
    yield from walk_templates(client)


def walk_runs(client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    """Ask, watch, answer, correct, fork, end and forget runs."""
    begun = client.post("/orchestrate", json=WAITING)
    yield "POST /orchestrate", begun
    path, (pending,) = f"/runs/{begun.json()['id']}", begun.json()["pending_calls"]
    yield "GET /runs", client.get("/runs", params={"status": "suspended", "limit": 1})
    yield "GET /runs/{run_id}/events", client.get(f"{path}/events")
    yield "GET /runs/{run_id}/events", client.get(f"{path}/events", headers={"Accept": "application/x-ndjson"})
    result = {"call_id": pending["call_id"], "output": 2**60}
    answered = client.post(f"{path}/resume", params={"bigint": "string"}, json={"results": [result]})
    assert answered.json()["output"] == str(2**60)
    yield "POST /runs/{run_id}/resume", answered
    for part in ("", "/calls", "/journal", "/report"):
        yield f"GET /runs/{{run_id}}{part}", client.get(f"{path}{part}")
    corrected = {"source": f"{WAITING['source']} + 1"}
    yield "POST /runs/{run_id}/patch", client.post(f"{path}/patch", params={"dry_run": True}, json=corrected)
    yield "POST /runs/{run_id}/patch", client.post(f"{path}/patch", json=corrected)
    yield "POST /runs/{run_id}/fork", client.post(f"{path}/fork", json={"at_call": pending["call_id"], "output": 3})
    yield "DELETE /runs/{run_id}", client.delete(path)
    waiting = client.post("/orchestrate", json=WAITING).json()["id"]
    yield "POST /runs/{run_id}/cancel", client.post(f"/runs/{waiting}/cancel")
    stream = {"Accept": "text/event-stream"}
    yield "POST /orchestrate", client.post("/orchestrate", json={"source": "print(1)"}, headers=stream)
    asleep = {"source": "import asyncio\nawait asyncio.sleep(60)", "wait_seconds": 0}
    later = client.post("/orchestrate", json=asleep)
    assert later.status_code == 202
    yield "POST /orchestrate", later
    client.post(f"{later.headers['Location']}/cancel")


def walk_templates(client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    """Keep, list, read, run and forget templates."""
    yield "PUT /templates/{name}", client.put("/templates/one", json=KEPT)
    yield "GET /templates", client.get("/templates")
    yield "GET /templates/{name}", client.get("/templates/one")
    yield "GET /templates/{name}/versions", client.get("/templates/one/versions")
    yield "POST /templates/{name}/runs", client.post("/templates/one/runs", json={"inputs": {"x": 1}})
    yield "POST /templates/{name}/forward", client.post("/templates/one/forward")
    yield "DELETE /templates/{name}", client.delete("/templates/one")


def test_the_examples_of_bodies_do_what_they_say(document: OpenApiSchema, client: httpx.Client) -> None:
    """Whoever pastes one must get what its summary promises. Submissions and checks have tests of their own."""
    programs = examples_of(document, "/orchestrate", "post")

    def begun(body: dict[str, Any]) -> str:
        return f"/runs/{client.post('/orchestrate', json=body).json()['id']}"

    def ended(path: str, body: dict[str, Any]) -> list[Any]:
        run = client.post(path, json=body).json()
        return [run["status"], run["output"], run["error"] and run["error"]["message"]]

    for body in examples_of(document, "/templates/{name}", "put").values():
        assert client.put("/templates/example", json=body).status_code == 200
    for body in examples_of(document, "/templates/{name}/runs", "post").values():
        assert ended("/templates/example/runs", body) == ["completed", 42, None]

    resumes = examples_of(document, "/runs/{run_id}/resume", "post")
    asking = [begun(programs["client_function"]) for _ in range(2)]
    paying = begun({"source": "pay(5)", "functions": ["pay"]})
    ((shown,), (decision,)) = client.get(paying).json()["pending_calls"], resumes["approval"]["results"]
    approval = {"results": [{**decision, "digest": shown["digest"]}]}
    assert ended(f"{asking[0]}/resume", resumes["value"]) == ["completed", "Hello Ada", None]
    assert ended(f"{asking[1]}/resume", resumes["error"]) == ["failed", None, "nobody knows"]
    # With keys, the one that submitted a run may not approve what it asks for.
    if "Authorization" not in client.headers:
        assert ended(f"{paying}/resume", approval)[0] == "completed"

    (fork,) = examples_of(document, "/runs/{run_id}/fork", "post").values()
    (patch,) = examples_of(document, "/runs/{run_id}/patch", "post").values()
    failed = begun({**programs["failure"], "durable": True})
    assert ended(f"{asking[0]}/fork", fork) == ["completed", "Hello Grace", None]
    assert ended(f"{failed}/patch", patch) == ["completed", 4.0, None]


def examples_of(document: OpenApiSchema, path: str, method: str) -> dict[str, Any]:
    """Return the examples of an operation's bodies."""
    body = document.raw_schema["paths"][path][method]["requestBody"]
    return {name: one["value"] for name, one in body["content"]["application/json"]["examples"].items()}
