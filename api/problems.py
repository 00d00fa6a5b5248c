"""One table: what was refused -> status, title and explanation; one body shape (RFC 9457)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from starlette.responses import Response

from api.schemas.writing import json_text
from sandbox.checker.diagnostic import Diagnostic
from service import errors

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A kind of refusal."""

    status: int
    title: str
    explanation: str


PROBLEMS: dict[str, Problem] = {
    "invalid-request": Problem(
        status=422,
        title="The request is not valid",
        explanation="`errors` names every fault with a JSON pointer into the body (or ?name for a query parameter) and "
        "says what is expected there. Nothing was run.",
    ),
    "limit-beyond-ceiling": Problem(
        status=403,
        title="A limit is beyond your ceiling",
        explanation="The operator sets how much a run may ask for (ISTHMUS_CEILING, `isthmus tenants set`). Ask for "
        "less, or leave the limit out: then it has its default.",
    ),
    "policy-not-allowed": Problem(
        status=403,
        title="The policy is not allowed here",
        explanation="Programs run under the language policy unless the operator allows them to ask for another one "
        '(ISTHMUS_ALLOW_OPEN_POLICY). Leave `policy` out, or send "guarded".',
    ),
    "unauthorized": Problem(
        status=401,
        title="A valid key is required",
        explanation="Send `Authorization: Bearer <key>` with a key from the operator (`isthmus keys create`, or "
        "ISTHMUS_API_KEY). A revoked key is not accepted.",
    ),
    "scope-missing": Problem(
        status=403,
        title="The key lacks the scope",
        explanation="A key allows what its scopes allow. `run`: programs and everything that follows from them; "
        "`approve`: reading runs and deciding about approvals; `metrics`: GET /metrics. The operator makes keys with "
        "`isthmus keys create --tenant <name> --scope ...`; `--scope` may be repeated, the default is `run`.",
    ),
    "function-not-allowed": Problem(
        status=403,
        title="The function is not allowed",
        explanation="GET /functions lists the functions that programs of your tenant may call. The operator can "
        "allow more (`isthmus tenants set --allow`).",
    ),
    "origin-not-allowed": Problem(
        status=403,
        title="Requests from this web page are not allowed",
        explanation="A service without a key accepts requests to localhost only, and none from web pages of other "
        "hosts: it checks the headers Host and Origin. Set ISTHMUS_API_KEY and send the key instead.",
    ),
    "function-not-found": Problem(
        status=404, title="No such function", explanation="GET /functions lists the functions that programs may call."
    ),
    "template-not-found": Problem(
        status=404,
        title="No such template",
        explanation="GET /templates lists the templates of your tenant, GET /templates/{name}/versions the versions "
        "of one. Templates of other tenants cannot be seen.",
    ),
    "source-rejected": Problem(
        status=422,
        title="The source is wrong",
        explanation="`diagnostics` says where and how, as POST /check does. Nothing was changed: a template has to "
        "compile, and must not certainly fail; a patch of a run that waits has to compile, and the run waits on. A "
        "program for POST /orchestrate may be wrong: its run says why.",
    ),
    "templates-full": Problem(
        status=403,
        title="Too many templates",
        explanation="Every version of a template counts. DELETE /templates/{name} deletes all versions of one.",
    ),
    "forward-not-supported": Problem(
        status=501,
        title="There is no Python function to call",
        explanation="There is no Python function behind a template: its source runs only inside the sandbox. Use "
        "POST /templates/{name}/runs.",
    ),
    "run-not-kept": Problem(
        status=404,
        title="No such run",
        explanation="Runs can be read for ten minutes after their end (ISTHMUS_KEPT_SECONDS), less if there are many "
        "or large ones. Longer kept are runs that were durable, came with an Idempotency-Key, were suspended, "
        "outlasted their request, or failed after a call. The answer of POST /orchestrate already has the whole run.",
    ),
    "journal-not-kept": Problem(
        status=409,
        title="The journal of the run was not kept",
        explanation="A run that ended within its request can be patched or forked only if it failed after a call, "
        "was suspended, or was submitted with `durable: true`. Submit the program again, or patch the run whose "
        "journal it took over (`patch.run_id`).",
    ),
    "run-conflict": Problem(
        status=409,
        title="The run's state does not allow this",
        explanation="GET /runs/{id} shows the `status`. A run that has ended cannot be cancelled or answered; one "
        "that goes on cannot be patched, forked or deleted: wait for it, or cancel it.",
    ),
    "call-not-pending": Problem(
        status=409,
        title="The call is not pending",
        explanation="A call is answered once; repeating the same answer is no conflict. `pending_calls` of the run "
        "lists what waits, with the digest that an approval has to name.",
    ),
    "answer-too-late": Problem(
        status=410,
        title="The call has expired",
        explanation="A pending call can be answered until `expires_at`; `on_timeout` says what happens then. Patch "
        "the run, or submit the program again.",
    ),
    "idempotency-key-reused": Problem(
        status=409,
        title="The Idempotency-Key was used with another body",
        explanation="The same key with the same body, byte for byte, is the same run. Use a new key for every other "
        "submission.",
    ),
    "own-approval": Problem(
        status=403,
        title="A key cannot approve what it asked for",
        explanation="Approvals need a key with the scope `approve` other than the one that submitted the run: "
        "`isthmus keys create` makes one.",
    ),
    "nothing-kept": Problem(
        status=409, title="This service keeps nothing", explanation="It has no database, so no run can wait."
    ),
    "not-found": Problem(
        status=404, title="No such path", explanation="GET /openapi.json describes all paths of this service."
    ),
    "method-not-allowed": Problem(
        status=405,
        title="The path does not take this method",
        explanation="The header Allow names the methods that it takes; GET /openapi.json describes them.",
    ),
    "not-acceptable": Problem(
        status=406,
        title="There is no such answer format",
        explanation="Send `Accept: application/json`, or leave it out; `text/event-stream` and `application/x-ndjson` "
        "stream what happens to a run.",
    ),
    "body-too-slow": Problem(
        status=408,
        title="The body took too long to arrive",
        explanation="A body has to arrive within 30 s (ISTHMUS_BODY_SECONDS).",
    ),
    "head-too-slow": Problem(
        status=408,
        title="The request head took too long to arrive",
        explanation="The line and the headers of a request have to arrive within 30 s (ISTHMUS_BODY_SECONDS).",
    ),
    "head-too-large": Problem(
        status=431,
        title="The request head is too large",
        explanation="The line and the headers of a request may have 64 KiB together.",
    ),
    "body-too-large": Problem(
        status=413,
        title="The body is too large",
        explanation="A body may have 16 MiB (ISTHMUS_REQUEST_BYTES). Pass less under `inputs`, or let the program "
        "fetch what it needs through a function.",
    ),
    "unsupported-media-type": Problem(
        status=415,
        title="The body is not JSON",
        explanation="Send `Content-Type: application/json`; with curl: --json, or -H 'Content-Type: application/json'.",
    ),
    "no-report": Problem(
        status=404,
        title="The run has no report",
        explanation="A report is made if the submission asks for one with `report: true`. It cannot be made later.",
    ),
    "tenant-busy": Problem(
        status=429,
        title="Too many runs of your tenant",
        explanation="Nothing was run. Send the request again after the seconds in Retry-After; runs of other tenants "
        "do not count. The operator sets the bounds (`isthmus tenants set --max-running --max-queued`).",
    ),
    "rate-reached": Problem(
        status=429,
        title="The rate limit is reached",
        explanation="Nothing was run. Send the request again after the seconds in Retry-After. The operator sets the "
        "rate (`isthmus tenants set --rate`).",
    ),
    "storage-full": Problem(
        status=429,
        title="The storage quota is reached",
        explanation="Nothing was run or stored. Runs that wait, are durable, outlast their request or failed after a "
        "call are stored with their values and journals. Answer, cancel (POST /runs/{id}/cancel) or delete (DELETE "
        "/runs/{id}) some, or delete templates (DELETE /templates/{name}), which count with all versions and their "
        "compiled code. The last tenth of max_kept_bytes is reserved for runs that are stored already. The operator "
        "sets the bounds (`isthmus tenants set --max-kept-bytes --max-waiting-runs`).",
    ),
    "overloaded": Problem(
        status=503,
        title="The service is overloaded",
        explanation="Nothing was run. Send the request again after the seconds in Retry-After. The bounds are "
        "ISTHMUS_MAX_RUNNING, ISTHMUS_MAX_QUEUED and ISTHMUS_PENDING_BYTES.",
    ),
    "store-unavailable": Problem(
        status=503,
        title="The database is unavailable",
        explanation="The service's database did not answer, or cannot be written to. Send the request again after "
        "the seconds in Retry-After; the reason is in the service's log.",
    ),
    "image-not-ready": Problem(
        status=503,
        title="The guest image is not ready",
        explanation="Guest images are built while the service runs, which takes about a minute each. Nothing was "
        "run. Send the request again after the seconds in Retry-After, or name an image that is ready. If one could "
        "not be built, the reason is in the service's log.",
    ),
    "stopping": Problem(
        status=503,
        title="The service is being shut down",
        explanation="Nothing was run. Send the request again after the seconds in Retry-After.",
    ),
    "internal": Problem(
        status=500,
        title="The service failed",
        explanation="This is a fault of the service; its log says more. The run may or may not have taken place.",
    ),
}

_CLASSES: dict[type[Exception], str] = {
    errors.SubmissionRejected: "invalid-request",
    errors.LimitBeyondCeiling: "limit-beyond-ceiling",
    errors.PolicyNotAllowed: "policy-not-allowed",
    errors.KeyNotValid: "unauthorized",
    errors.ScopeMissing: "scope-missing",
    errors.FunctionNotAllowed: "function-not-allowed",
    errors.FunctionNotFound: "function-not-found",
    errors.TemplateNotFound: "template-not-found",
    errors.SourceRejected: "source-rejected",
    errors.TemplatesFull: "templates-full",
    errors.RunNotKept: "run-not-kept",
    errors.NoReport: "no-report",
    errors.JournalNotKept: "journal-not-kept",
    errors.RunConflict: "run-conflict",
    errors.CallNotPending: "call-not-pending",
    errors.AnswerTooLate: "answer-too-late",
    errors.IdempotencyKeyReused: "idempotency-key-reused",
    errors.OwnApproval: "own-approval",
    errors.NothingKept: "nothing-kept",
    errors.ImageNotReady: "image-not-ready",
    errors.Overloaded: "overloaded",
    errors.TenantBusy: "tenant-busy",
    errors.RateReached: "rate-reached",
    errors.StorageFull: "storage-full",
    errors.BodiesTooLarge: "overloaded",
    errors.Stopping: "stopping",
    errors.StoreUnavailable: "store-unavailable",
}


class RequestRefused(Exception):
    """HTTP itself is what is wrong with a request; `code` is one of the table."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def problem_of(error: Exception) -> Response:
    """Return the answer to a refusal; what is not in the table is a failure of ours."""
    if isinstance(error, RequestRefused):
        return problem(error.code, str(error), headers=_challenge(error.code))
    code = next((_CLASSES[kind] for kind in type(error).__mro__ if kind in _CLASSES), None)
    if code is None:
        return problem("internal", "the service failed; its log says more")
    faults = error.faults if isinstance(error, errors.SubmissionRejected) else ()
    found = error.diagnostics if isinstance(error, errors.SourceRejected) else ()
    return problem(code, _detail(error), faults=faults, diagnostics=found, headers=_retry(error) or _challenge(code))


def problem(
    code: str,
    detail: str,
    *,
    faults: Sequence[errors.Fault] = (),
    diagnostics: Sequence[Diagnostic] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a problem as an answer."""
    known = PROBLEMS[code]
    tree: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": known.title,
        "status": known.status,
        "detail": detail,
        "code": code,
    }
    if faults:
        tree["errors"] = [{"pointer": fault.pointer, "message": fault.message} for fault in faults]
    if diagnostics:
        tree["diagnostics"] = [asdict(one) for one in diagnostics]
    return Response(json_text(tree), status_code=known.status, media_type=MEDIA_TYPE, headers=headers)


def _detail(error: Exception) -> str:
    if isinstance(error, errors.SubmissionRejected) and len(error.faults) > 1:
        return f"{len(error.faults)} faults; the first: {error.faults[0]}"
    return str(error)


def _retry(error: Exception) -> dict[str, str] | None:
    seconds = getattr(error, "retry_after_seconds", None)
    return None if seconds is None else {"Retry-After": str(seconds)}


def _challenge(code: str) -> dict[str, str] | None:
    return {"WWW-Authenticate": "Bearer"} if code == "unauthorized" else None
