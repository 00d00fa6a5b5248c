"""What bad input gets: a problem that names the field, never a 5xx, never an echo."""

import json
from typing import Any

import httpx
import pytest

SECRET = "s3cr3t-v4lue"  # noqa: S105 - what must not come back

FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "/source", "is missing: send the Python text to run"),
    ({"source": None}, "/source", "is missing: send the Python text to run"),
    ({"source": ""}, "/source", "is empty: send the Python text to run"),
    ({"source": " \n\t"}, "/source", "is empty: send the Python text to run"),
    ({"code": ""}, "/code", "is empty: send the Python text to run"),
    ({"source": 7}, "/source", "must be text"),
    ({"source": "1", "code": "1"}, "/code", "is another name for source; send one of them"),
    ({"source": "1", "inputs": [1]}, "/inputs", "must be a JSON object"),
    ({"source": "1", "inputs": {"a b": 1}}, "/inputs/a b", "identifier"),
    ({"source": "1", "inputs": {"a/b~": 1}}, "/inputs/a~1b~0", "identifier"),
    ({"source": "1", "inputs": {"": 1}}, "/inputs/", "identifier"),
    ({"source": "1", "inputs": {"class": 1}}, "/inputs/class", "keyword"),
    ({"source": "1", "inputs": {"print": 1}}, "/inputs/print", "hide the builtin"),
    ({"source": "1", "inputs": {"__builtins__": {}}}, "/inputs/__builtins__", "two underscores"),
    ({"source": "1", "inputs": {"\ufb01": 1}}, "/inputs/\ufb01", "identifier"),
    ({"source": "1", "inputs": {"add": 1}, "functions": ["add"]}, "/inputs/add", "name of a function"),
    ({"source": "1", "functions": ["add", "ad"]}, "/functions/1", 'did you mean "add"?'),
    ({"source": "1", "functions": "add"}, "/functions", "must be a list"),
    ({"source": "1", "functions": [1]}, "/functions/0", "must be text"),
    ({"source": "1", "inputs": {"n": SECRET}, "input_types": {"n": "int"}}, "/inputs/n", "int"),
    ({"source": "1", "inputs": {"n": True}, "input_types": {"n": "int"}}, "/inputs/n", "int"),
    ({"source": "1", "input_types": {"n": "int"}}, "/inputs/n", "is missing"),
    ({"source": "1", "inputs": {"n": 1}, "input_types": {"n": "os.system"}}, "/input_types/n", "is not a type"),
    ({"source": "1", "output": "list["}, "/output", "is not a type"),
    ({"source": "1", "sauce": 1}, "/sauce", 'did you mean "source"?'),
    ({"source": "1", "limits": {"fule": 1}}, "/limits/fule", 'did you mean "fuel"?'),
    ({"source": "1", "limits": {"wall": 1}}, "/limits/wall", 'did you mean "wall_seconds"?'),
    ({"source": "1", "limits": {"fuel": 0}}, "/limits/fuel", "must be at least 1"),
    ({"source": "1", "limits": {"fuel": "many"}}, "/limits/fuel", "must be a whole number"),
    ({"source": "1", "limits": {"fuel": True}}, "/limits/fuel", "must be a whole number"),
    (
        {"source": "1", "limits": {"value_nodes": 1_000}},
        "/limits/value_nodes",
        "is the same for every run and cannot be set; leave it out, or send 2000000",
    ),
    (
        {"source": "1", "limits": {"value_levels": 101}},
        "/limits/value_levels",
        "is the same for every run and cannot be set; leave it out, or send 100",
    ),
    ({"source": "1", "limits": {"cpu_seconds": -1}}, "/limits/cpu_seconds", "must be at least 0.001"),
    ({"source": "1", "name": ""}, "/name", "must not be empty"),
    ({"source": "1", "name": "a" * 257}, "/name", "must have at most 256 characters"),
    ({"source": "1", "seed": 2**53}, "/seed", "must be less than"),
    ({"source": "1", "seed": -1}, "/seed", "must be at least 0"),
    ({"source": "1", "now": "yesterday"}, "/now", "must be a time"),
    ({"source": "1", "now": "2026-01-31T12:00:00"}, "/now", "offset"),
    ({"source": "1", "now": "1969-01-31T12:00:00Z"}, "/now", "1970"),
    ({"source": "1", "engine": "cobra"}, "/engine", "is not available"),
    ({"source": "1", "engine": ""}, "/engine", "is not available"),
    ({"source": "1", "wait_seconds": 601}, "/wait_seconds", "must be at most 600.0"),
    ({"source": "1", "metadata": {"a": "b" * 20_000}}, "/metadata", "at most"),
    ({"source": "1", "client_functions": [{"name": "len"}]}, "/client_functions/0/name", "it would hide the builtin"),
    ({"source": "1", "client_functions": [{}]}, "/client_functions/0/name", "is missing"),
    ({"source": "1", "durable": 1}, "/durable", "must be true or false"),
    ({"source": "1", "cache": "enable"}, "/cache", "must be one of 'auto', 'override', 'disable'"),
    ({"source": "1", "cache": {"behavior": "always"}}, "/cache/behavior", "must be"),
    ({"source": "1", "cache": {"behavior": "auto", "policies": []}}, "/cache/policies", "is not a field"),
    (
        {"source": "1", "cache": {"behavior": "auto", "max_age_seconds": -1}},
        "/cache/max_age_seconds",
        "must be at least 0",
    ),
    (
        {"source": "1", "cache": {"behavior": "auto", "ignored_inputs": ["x"]}},
        "/cache/ignored_inputs/0",
        "is the name of no",
    ),
    ({"source": "1", "retries": 21}, "/retries", "must be at most 20"),
    ({"source": "1", "retries": False}, "/retries", "must be a whole number, or an object with count"),
    ({"source": "1", "timeout": -1}, "/timeout", "must be at least 0"),
    ({"source": "1", "timeout": True}, "/timeout", "must be a number of seconds, or an object"),
    ({"source": "1", "timeout": {"deadline": "1"}}, "/timeout/deadline", "must be a number"),
    ({"source": "1", "timeout": {"max_run_time": 1}}, "/timeout/max_run_time", 'did you mean "max_runtime"?'),
    ({"source": "1", "env_vars": {"A": 1}}, "/env_vars/A", "must be text"),
    ({"source": "1", "env_vars": {"A=B": SECRET}}, "/env_vars", "a name is not empty and holds no"),
    ({"source": "1", "env_vars": {"A": SECRET + "\0"}}, "/env_vars", "holds NUL or a lone surrogate"),
    ({"source": "1", "env_vars": {"A": "x" * 32_768}}, "/env_vars", "at most 32,768 bytes together"),
    ({"source": "1", "links": [{"name": "x", "url": "javascript:" + SECRET}]}, "/links/0", "an http or https address"),
    ({"source": "1", "links": [{"name": "x", "url": "https://x/{secret}"}]}, "/links/0", "with no places but {run_id}"),
    ({"source": "1", "links": [{"name": "x"}]}, "/links/0/url", "is missing"),
    ({"source": "1", "links": [{"name": "x", "url": "https://x"}] * 21}, "/links", "at most 20 entries"),
    ({"source": "1", "docs": "x" * 20_001}, "/docs", "at most 20000 characters"),
    ({"source": "1", "report": 1}, "/report", "must be true or false"),
    ({"source": "1", "webhook": "http://example.com"}, "/webhook", "the operator of this service allows no receivers"),
    ({"source": "1", "type_check": "yes"}, "/type_check", "must be true or false"),
    ({"source": "1", "image": "mine"}, "/image", 'there is no guest image "mine"; this service has none'),
    ({"source": "1", "image": 3}, "/image", "must be text"),
]

MALFORMED = [
    b"", b"{", b"nonsense", b"{'source': '1'}", b'{"source": "1"} x', b"\xff\xfe", b'"text"', b"[]", b"null", b"17",
    b'{"source": "1", "inputs": {"x": NaN}}', b'{"source": "1", "inputs": {"x": -Infinity}}',
    b'{"source": "1", "inputs": {"x": 1e999}}', b'{"source": "1", "inputs": {"x": ' + b"9" * 400 + b".5}}",
    b'{"source": "1", "inputs": {"x": ' + b"9" * 5_000 + b"}}",
    b'{"source": "\\ud800"}', b'{"source": "1", "inputs": {"\\udfff": 1}}', b'{"source": "\xed\xa0\x80"}',
    b'{"source": "1", "inputs": {"x": ' + b"[" * 90_000 + b"]" * 90_000 + b"}}",
    b'{"source": "1", "inputs": {"x": ' + b"[" * 150 + b"]" * 150 + b"}}",
    b'{"a":' * 30_000,
]  # fmt: skip


def problem_of(response: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem that a response holds."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{problem['code']}"
    return problem


@pytest.mark.parametrize(("body", "pointer", "message"), FAULTS)
def test_what_a_body_gets_wrong_is_named(
    client: httpx.Client, body: dict[str, Any], pointer: str, message: str
) -> None:
    """Whoever, or whatever, wrote the body must find the place from the answer alone."""
    problem = problem_of(client.post("/orchestrate", json=body), 422)

    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert message in problem["errors"][0]["message"]
    assert SECRET not in json.dumps(problem)


def test_all_faults_are_named_at_once(client: httpx.Client) -> None:
    """One round trip per fault would be one too many."""
    body = {"source": "1", "inputs": {"a b": 1, "class": 2}, "functions": ["nope"], "output": "spam"}
    problem = problem_of(client.post("/orchestrate", json=body), 422)

    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"/inputs/a b", "/inputs/class", "/functions/0", "/output"}


@pytest.mark.parametrize("body", MALFORMED)
def test_what_is_no_proper_json_is_refused(client: httpx.Client, body: bytes) -> None:
    """Hostile text meets the parser first."""
    response = client.post("/orchestrate", content=body, headers={"Content-Type": "application/json"})

    assert problem_of(response, 422)["code"] == "invalid-request"


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/orchestrate", {"source": "1 + 1"}),
        ("/runs/run_x/resume", {"results": [{"call_id": "call_1", "output": 5}]}),
        ("/runs/run_x/patch", {"source": "1 + 1"}),
        ("/runs/run_x/fork", {"at_call": "call_1", "output": 5}),
        ("/templates/x/runs", {"inputs": {"x": 1}}),
    ],
)
def test_a_body_that_is_no_object_is_told_what_the_path_takes(
    client: httpx.Client, path: str, example: dict[str, Any]
) -> None:
    """The results alone, say, instead of an object that has them."""
    problem = problem_of(client.post(path, json=[]), 422)

    assert problem["errors"][0]["message"] == f"must be a JSON object, as in {json.dumps(example)}"


def test_unused_values_of_coming_fields_are_taken(client: httpx.Client) -> None:
    """Clients that send every field with its default must work today."""
    body = {
        "source": "1", "client_functions": [], "durable": False, "cache": "disable", "retries": 0, "timeout": None,
        "webhook": None, "type_check": False, "wait_seconds": 30, "engine": "cpython",
    }  # fmt: skip
    response = client.post("/orchestrate", json=body)

    assert response.json()["output"] == 1


def test_a_limit_beyond_the_ceiling_is_forbidden_by_name(client: httpx.Client) -> None:
    """It is a matter of rights, not of form; and it is never lowered silently."""
    response = client.post("/orchestrate", json={"source": "1", "limits": {"wall_seconds": 301}})

    problem = problem_of(response, 403)
    assert problem["code"] == "limit-beyond-ceiling"
    assert problem["detail"] == "limit 'wall_seconds' is beyond your ceiling of 300.0; ask for less or leave it out"


def test_inputs_over_their_limit_are_refused(client: httpx.Client) -> None:
    """Inputs meet the budgets before they meet the guest."""
    body = {"source": "1", "inputs": {"x": "a" * 10_000}, "limits": {"value_bytes": 1_000}}
    problem = problem_of(client.post("/orchestrate", json=body), 422)

    assert problem["errors"][0]["pointer"].startswith("/inputs")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused(client: httpx.Client, chunked: bool) -> None:  # noqa: FBT001 - a parameter
    """Declared or not, no more is read than the bound."""
    content = b'{"source": "' + b"1" * 300_000 + b'"}'
    body = (content[at : at + 10_000] for at in range(0, len(content), 10_000)) if chunked else content
    response = client.post("/orchestrate", content=body, headers={"Content-Type": "application/json"})

    assert problem_of(response, 413)["detail"] == "the body may have at most 200,000 bytes"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_that_says_it_is_something_else_is_refused(client: httpx.Client, kind: str) -> None:
    """A web page can send these to a service on loopback without asking its browser first."""
    response = client.post("/orchestrate", content=b'{"source": "1"}', headers={"Content-Type": kind})

    assert problem_of(response, 415)["code"] == "unsupported-media-type"


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.api+json", ""])
def test_every_kind_of_json_is_taken(client: httpx.Client, kind: str) -> None:
    """Clients differ in how they name it."""
    response = client.post("/orchestrate", content=b'{"source": "1"}', headers={"Content-Type": kind})

    assert response.status_code == 200


def test_forms_of_answers_that_there_are_not_are_refused(client: httpx.Client) -> None:
    """A caller that relies on a form must not find out later."""
    pictured = client.post("/orchestrate", json={"source": "1"}, headers={"Accept": "image/png"})

    assert problem_of(pictured, 406)["code"] == "not-acceptable"


@pytest.mark.parametrize("kind", ["text/event-stream", "application/x-ndjson"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/check"), ("PUT", "/templates/streamed"), ("POST", "/templates/streamed/runs")]
)
def test_a_stream_is_refused_where_there_is_none(client: httpx.Client, method: str, path: str, kind: str) -> None:
    """Only POST /orchestrate streams; elsewhere, whoever waits for events would get something else."""
    refused = client.request(method, path, json={"source": "1"}, headers={"Accept": kind})
    either = client.request("POST", "/check", json={"source": "1"}, headers={"Accept": f"{kind}, application/json"})

    assert problem_of(refused, 406)["detail"] == "the answer is application/json"
    assert either.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not-found"),
        ("GET", "/orchestrate/", 404, "not-found"),
        ("GET", "/orchestrate", 405, "method-not-allowed"),
        ("DELETE", "/functions", 405, "method-not-allowed"),
        ("GET", "/functions/nope", 404, "function-not-found"),
        ("GET", "/runs/run_nope", 404, "run-not-kept"),
        ("GET", "/problems/nope", 404, "not-found"),
        ("GET", "/functions.pyi?mode=both", 422, "invalid-request"),
        ("GET", "/prompt?functions=add,nope", 422, "invalid-request"),
        ("GET", "/functions.openai.json?functions=nope", 422, "invalid-request"),
        ("GET", "/functions.anthropic.json?functions=add,nope", 422, "invalid-request"),
        ("GET", "/prompt?engine=nope", 422, "invalid-request"),
        ("POST", "/orchestrate?bigint=maybe", 422, "invalid-request"),
    ],
)
def test_every_other_refusal_is_a_problem_too(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    """One shape for every error, whatever part of the service it comes from."""
    response = client.request(method, path)

    assert problem_of(response, status)["code"] == code


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://example.com"}, {"Origin": "null"}, {"Host": "example.com"}, {"Host": "[bad"}]
)
def test_a_service_without_a_key_answers_no_web_page(client: httpx.Client, headers: dict[str, str]) -> None:
    """A page in a browser on the same machine reaches loopback, by another origin or by a name that it rebinds."""
    response = client.post("/orchestrate", json={"source": "1"}, headers=headers)

    assert problem_of(response, 403)["code"] == "origin-not-allowed"


@pytest.mark.parametrize(
    ("query", "pointer", "message"),
    [
        ("/runs?limit=0", "?limit", "must be at least 1"),
        ("/runs?cursor=xx", "?cursor", "must match ^run_[0-9A-HJKMNP-TV-Z]{26}$"),
        ("/runs?limit=many", "?limit", "must be a whole number"),
        (
            "/runs?status=done",
            "?status",
            "must be 'queued', 'running', 'suspended', 'completed', 'failed', 'cancelled' or 'expired'",
        ),
        ("/runs/run_1?wait_seconds=nan", "?wait_seconds", "must be a number"),
        ("/runs/run_1?wait_seconds=601", "?wait_seconds", "must be at most 600.0"),
        ("/functions.pyi?mode=both", "?mode", "must be 'async' or 'sync'"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(client: httpx.Client, query: str, pointer: str, message: str) -> None:
    """With what it may be, as a member of a body is."""
    problem = problem_of(client.get(query), 422)

    assert problem["errors"] == [{"pointer": pointer, "message": message}]


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/runs/run_1", "DELETE, GET"), ("/templates/a", "DELETE, GET, PUT"), ("/orchestrate", "POST")],
)
def test_all_methods_of_a_path_are_named(client: httpx.Client, path: str, methods: str) -> None:
    """Whoever has the wrong one looks at Allow for the right one."""
    refused = client.patch(path)

    assert problem_of(refused, 405)["code"] == "method-not-allowed"
    assert refused.headers["allow"] == methods


@pytest.mark.parametrize(
    ("method", "path", "detail"),
    [
        ("POST", "/runs/run_1/patch?dryrun=true", "?dryrun is no parameter of this path; parameters: bigint, dry_run"),
        ("POST", "/runs/run_1/patch?dry_run=perhaps", "?dry_run must be true or false"),
        ("GET", "/functions.pyi?function=add", "?function is no parameter of this path; parameters: mode"),
    ],
)
def test_a_parameter_of_the_query_is_taken_or_refused_by_name(
    client: httpx.Client, method: str, path: str, detail: str
) -> None:
    """A patch with a misspelt `dry_run` would make every call that it was only to tell of."""
    answer = client.request(method, path, json={"source": "1"} if method == "POST" else None)

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (422, "invalid-request", detail)


def test_a_header_that_cannot_be_read_is_named(client: httpx.Client) -> None:
    """Nothing is wrong with the body then."""
    answer = client.post("/orchestrate", json={"source": "1"}, headers={"Idempotency-Key": ""})

    assert answer.json()["detail"] == "the header Idempotency-Key must have 1 to 255 printable ASCII characters"


def test_an_odd_parameter_gets_an_answer_that_the_document_has(client: httpx.Client) -> None:
    """On every path, also where the path has no parameters: what is refused everywhere is documented everywhere."""
    paths = client.get("/openapi.json").json()["paths"]
    undocumented = {}
    for path, operations in paths.items():
        for method, operation in operations.items():
            asked = path.replace("{run_id}", "run_0").replace("{name}", "none").replace("{code}", "internal")
            body: Any = {} if "requestBody" in operation else None
            status = client.request(method.upper(), asked, params={"odd": "1"}, json=body).status_code
            if str(status) not in operation["responses"]:
                undocumented[method, path] = status

    assert undocumented == {}
    assert [status for status in paths["/runs/{run_id}"]["delete"]["responses"] if status < "300"] == ["204"]
