"""The routes as exchanges: what is sent, and how its answer is read. Nothing here is sent; both clients use it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypedDict, TypeVar
from urllib.parse import quote

import httpx

from api.client.errors import RequestRefused, ServiceFailed, Unsendable, refusal
from api.client.run import Event, Run
from sandbox.errors import ValueRejected
from sandbox.json_values import to_json

T = TypeVar("T")
NDJSON = "application/x-ndjson"
WAIT_SECONDS = 10.0
"""How long the service keeps a request open that does not say."""


class Options(TypedDict, total=False):
    """What may accompany a source; GET /openapi.json says what each means."""

    inputs: Mapping[str, Any]
    input_types: Mapping[str, str]
    output: str
    functions: Iterable[str]
    client_functions: Iterable[Mapping[str, Any]]
    limits: Mapping[str, float]
    name: str
    engine: str
    policy: str
    durable: bool
    wait_seconds: float
    seed: int
    now: str
    cache: Any
    retries: int
    timeout: float
    env_vars: Mapping[str, str]
    report: bool
    links: Iterable[Mapping[str, str]]
    image: str
    docs: Mapping[str, str]
    type_check: bool
    webhook: Any
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange(Generic[T]):
    """One request, and what its answer says."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    waits_seconds: float = 0.0
    """How long the service may keep the request open before it answers."""

    def request(self, client: "httpx.Client | httpx.AsyncClient", *, patience: float) -> httpx.Request:
        """Return the request as httpx sends it.

        Args:
            patience: seconds that the way there and back may take, beside what the service waits.

        Raises:
            Unsendable: JSON cannot say a value of the body.
        """
        query = {name: value for name, value in self.query.items() if value is not None}
        return client.build_request(
            self.method,
            self.path,
            params=query or None,
            content=None if self.body is None else _written(self.body),
            headers={**self.headers, **({} if self.body is None else {"Content-Type": "application/json"})},
            timeout=httpx.Timeout(patience, read=patience + self.waits_seconds),
        )


def orchestrate(source: str, options: Options, *, idempotency_key: str | None = None) -> Exchange[Run]:
    """POST /orchestrate."""
    body = submission(source, options)
    return Exchange(
        method="POST",
        path="/orchestrate",
        body=body,
        headers=_once(idempotency_key),
        read=read_run,
        waits_seconds=float(body.get("wait_seconds", WAIT_SECONDS)),
    )


def stream(source: str, options: Options) -> Exchange[None]:
    """POST /orchestrate, answered with events."""
    return Exchange(
        method="POST",
        path="/orchestrate",
        body=submission(source, options),
        headers={"Accept": NDJSON},
        read=_nothing,
    )


def events(run_id: str, *, after: int | None) -> Exchange[None]:
    """GET /runs/{id}/events."""
    resumed = {} if after is None else {"Last-Event-ID": str(after)}
    return Exchange(
        method="GET", path=f"/runs/{_part(run_id)}/events", headers={"Accept": NDJSON, **resumed}, read=_nothing
    )


def run(run_id: str, *, wait_seconds: float | None) -> Exchange[Run]:
    """GET /runs/{id}."""
    return Exchange(
        method="GET",
        path=f"/runs/{_part(run_id)}",
        query={"wait_seconds": wait_seconds},
        read=read_run,
        waits_seconds=wait_seconds or 0.0,
    )


def runs(query: Mapping[str, Any]) -> Exchange[dict[str, Any]]:
    """GET /runs."""
    return Exchange(method="GET", path="/runs", query=query, read=read_object)


def calls(run_id: str) -> Exchange[dict[str, Any]]:
    """GET /runs/{id}/calls."""
    return Exchange(method="GET", path=f"/runs/{_part(run_id)}/calls", read=read_object)


def resume(run_id: str, results: Iterable[Mapping[str, Any]], *, wait_seconds: float) -> Exchange[Run]:
    """POST /runs/{id}/resume."""
    return _on_run(run_id, "resume", {"results": list(results), "wait_seconds": wait_seconds}, wait_seconds)


def patch(run_id: str, source: str | None, *, inputs: Mapping[str, Any] | None, wait_seconds: float) -> Exchange[Run]:
    """POST /runs/{id}/patch."""
    return _on_run(run_id, "patch", {**_correction(source, inputs), "wait_seconds": wait_seconds}, wait_seconds)


def preview(run_id: str, source: str | None, *, inputs: Mapping[str, Any] | None) -> Exchange[dict[str, Any]]:
    """POST /runs/{id}/patch?dry_run=true."""
    return Exchange(
        method="POST",
        path=f"/runs/{_part(run_id)}/patch",
        query={"dry_run": "true"},
        body=_correction(source, inputs),
        read=read_object,
    )


def fork(run_id: str, at_call: str, output: Any, *, wait_seconds: float) -> Exchange[Run]:
    """POST /runs/{id}/fork."""
    body = {"at_call": at_call, "output": output, "wait_seconds": wait_seconds}
    return _on_run(run_id, "fork", body, wait_seconds)


def cancel(run_id: str) -> Exchange[Run]:
    """POST /runs/{id}/cancel."""
    return Exchange(method="POST", path=f"/runs/{_part(run_id)}/cancel", read=read_run)


def delete(run_id: str) -> Exchange[None]:
    """DELETE /runs/{id}."""
    return Exchange(method="DELETE", path=f"/runs/{_part(run_id)}", read=_nothing)


def put_template(name: str, source: str, options: Options) -> Exchange[dict[str, Any]]:
    """PUT /templates/{name}."""
    return Exchange(method="PUT", path=f"/templates/{_part(name)}", body=submission(source, options), read=read_object)


def template(name: str, *, version: str | None) -> Exchange[dict[str, Any]]:
    """GET /templates/{name}."""
    return Exchange(method="GET", path=f"/templates/{_part(name)}", query={"version": version}, read=read_object)


def templates() -> Exchange[dict[str, Any]]:
    """GET /templates."""
    return Exchange(method="GET", path="/templates", read=read_object)


def template_versions(name: str) -> Exchange[dict[str, Any]]:
    """GET /templates/{name}/versions."""
    return Exchange(method="GET", path=f"/templates/{_part(name)}/versions", read=read_object)


def delete_template(name: str) -> Exchange[None]:
    """DELETE /templates/{name}."""
    return Exchange(method="DELETE", path=f"/templates/{_part(name)}", read=_nothing)


def run_template(
    name: str, options: Options, *, version: str | None, idempotency_key: str | None = None
) -> Exchange[Run]:
    """POST /templates/{name}/runs."""
    body = _given(options) | ({} if version is None else {"version": version})
    return Exchange(
        method="POST",
        path=f"/templates/{_part(name)}/runs",
        body=body,
        headers=_once(idempotency_key),
        read=read_run,
        waits_seconds=float(body.get("wait_seconds", WAIT_SECONDS)),
    )


def check(source: str, options: Options) -> Exchange[dict[str, Any]]:
    """POST /check."""
    return Exchange(method="POST", path="/check", body=submission(source, options), read=read_object)


def prompt(functions: Iterable[str] | None) -> Exchange[str]:
    """GET /prompt."""
    names = None if functions is None else ",".join(functions)
    return Exchange(method="GET", path="/prompt", query={"functions": names}, read=read_text)


def functions() -> Exchange[dict[str, Any]]:
    """GET /functions."""
    return Exchange(method="GET", path="/functions", read=read_object)


def images() -> Exchange[dict[str, Any]]:
    """GET /images."""
    return Exchange(method="GET", path="/images", read=read_object)


# -- reading ------------------------------------------------------------------------------------------------------


def read_run(response: httpx.Response) -> Run:
    """Return the run of an answer."""
    return Run.of(read_object(response))


def read_object(response: httpx.Response) -> dict[str, Any]:
    """Return the object of an answer.

    Raises:
        ServiceFailed: it is no JSON object: something else than a service answered.
    """
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ServiceFailed(
            response.status_code, "not-json", "the answer is no JSON object; is this the service's URL?"
        )
    return body


def read_text(response: httpx.Response) -> str:
    """Return the text of an answer."""
    return response.text


def read_event(line: str) -> Event | None:
    """Return the event of a line; None for a line that only keeps the connection open."""
    if not line.strip():
        return None
    body = json.loads(line)
    return Event(id=body["id"], name=body["event"], content=body["data"])


def refused(response: httpx.Response) -> RequestRefused | None:
    """Return why a request was refused, None when it was not."""
    if response.is_success:
        return None
    try:
        body = response.json()
    except ValueError:
        body = {}
    return refusal(response.status_code, body if isinstance(body, dict) else {}, response.headers.get("retry-after"))


def submission(source: str, options: Options) -> dict[str, Any]:
    """Return the body of a submission.

    Raises:
        TypeError: it holds what is no member of a submission, but an argument of `orchestrate`.
    """
    return {"source": source, **_given(options)}


def _given(options: Options) -> dict[str, Any]:
    given: dict[str, Any] = dict(options)
    if "answer_with" in given:
        message = (
            "answer_with is for orchestrate() and run_template(), which answer the calls of a run; elsewhere declare "
            "client_functions, and answer with resume() or answer()"
        )
        raise TypeError(message)
    for name in ("functions", "client_functions", "links"):
        if name in given:
            given[name] = list(given[name])
    return given


def _correction(source: str | None, inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    given = {"source": source, "inputs": None if inputs is None else dict(inputs)}
    return {name: value for name, value in given.items() if value is not None}


def _once(idempotency_key: str | None) -> dict[str, str]:
    return {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}


def _written(body: Mapping[str, Any]) -> str:
    """Return a body as JSON: sets as sorted arrays, dates as text and so on, as answers have them."""
    try:
        return json.dumps(to_json(dict(body)))
    except ValueRejected as error:
        raise Unsendable(f"the request cannot be written as JSON: {error}") from None


def _on_run(run_id: str, verb: str, body: Mapping[str, Any], wait_seconds: float) -> Exchange[Run]:
    return Exchange(
        method="POST", path=f"/runs/{_part(run_id)}/{verb}", body=body, read=read_run, waits_seconds=wait_seconds
    )


def _part(text: str) -> str:
    """Return a text as one part of a path, whatever is in it."""
    return quote(text, safe="")


def _nothing(_response: httpx.Response) -> None:
    return None
