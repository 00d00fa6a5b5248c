"""What the service refuses, and why. A program that fails is no error here: it is a run with status `failed`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.checker.diagnostic import Diagnostic

MAX_NAMES = 40
MAX_FAULTS = 20


def listing(names: Iterable[str]) -> str:
    """Return names as a message shows them: sorted, and not more than fit on a few lines."""
    known = sorted(names)
    more = f" and {len(known) - MAX_NAMES} more" if len(known) > MAX_NAMES else ""
    return (", ".join(known[:MAX_NAMES]) or "none") + more


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with what was sent."""

    pointer: str
    """Where: a JSON pointer into the submission, as in `/inputs/email`; `?name` of the query; empty for its whole."""
    message: str
    """What is expected there. Never repeats a value that was sent."""
    subject: str = "the body"
    """What an empty pointer stands for."""

    def __str__(self) -> str:
        return f"{self.pointer or self.subject} {self.message}"


class ServiceError(Exception):
    """Anything the service refuses on purpose."""

    code = "service_error"


class SubmissionRejected(ServiceError):
    """The submission cannot be run as it was sent; `faults` holds what was found: the first twenty."""

    code = "invalid_request"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MAX_FAULTS])
        super().__init__("; ".join(map(str, self.faults)))


class LimitBeyondCeiling(ServiceError):
    """A limit was asked for that is higher than this caller may have."""

    code = "limit_beyond_ceiling"

    def __init__(self, limit: str, ceiling: float) -> None:
        super().__init__(f"limit {limit!r} is beyond your ceiling of {ceiling}; ask for less or leave it out")
        self.limit = limit
        self.ceiling = ceiling


class PolicyNotAllowed(ServiceError):
    """The submission asks for a language policy that this service does not allow."""

    code = "policy_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            'policy "open" is not allowed here: only an operator who sets ISTHMUS_ALLOW_OPEN_POLICY lets programs run '
            "without the language policy; leave it out"
        )


class KeyNotValid(ServiceError):
    """No key was sent, or one that is unknown or revoked."""

    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("send the header `Authorization: Bearer <key>` with a key of this service")


class ScopeMissing(ServiceError):
    """The key is not for this."""

    code = "scope_missing"

    def __init__(self, *scopes: str) -> None:
        named = " or ".join(f'"{scope}"' for scope in scopes)
        super().__init__(
            f"this takes a key with the scope {named}; "
            f"`isthmus keys create --tenant <name> --scope {scopes[0]}` makes one"
        )
        self.scopes = scopes


class FunctionNotAllowed(ServiceError):
    """A function is registered, and not among those of the caller's tenant."""

    code = "function_not_allowed"

    def __init__(self, name: str, allowed: Iterable[str]) -> None:
        super().__init__(f'function "{name}" is beyond the rights of your tenant; yours: {listing(allowed)}')
        self.name = name


class FunctionNotFound(ServiceError):
    """No function of this name is registered."""

    code = "function_not_found"

    def __init__(self, registered: Iterable[str]) -> None:
        super().__init__(f"no function of this name is registered; registered: {listing(registered)}")


class SourceRejected(ServiceError):
    """A source is wrong that has to be right: a template's, or what corrects a run that waits.

    `diagnostics` says where and how.
    """

    code = "source_rejected"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        wrong = [one for one in self.diagnostics if one.severity == "error"]
        first = f"line {wrong[0].line}: {wrong[0].message}" if wrong else "it cannot be compiled"
        super().__init__(f"the source has {len(wrong)} {'error' if len(wrong) == 1 else 'errors'}; the first: {first}")


class TemplateNotFound(ServiceError):
    """There is no template of this name, or no such version of it."""

    code = "template_not_found"

    def __init__(self) -> None:
        super().__init__("no template of this name, or no such version of it, is kept; GET /templates lists them")


class TemplatesFull(ServiceError):
    """A tenant has as many versions of templates as it may have."""

    code = "templates_full"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"your tenant has {most:,} versions of templates, which is all; delete templates that are not used"
        )


class RunNotKept(ServiceError):
    """The run is unknown, or finished too long ago."""

    code = "run_not_kept"

    def __init__(self, kept_seconds: float) -> None:
        super().__init__(
            f"no run of this id is kept; one that was not durable, had no Idempotency-Key, did not wait, did not "
            f"outlast its request and did not fail after a call is kept for {kept_seconds:g} s after its end, less "
            "when memory is short"
        )


class NoReport(ServiceError):
    """The run is kept, and its submission asked for no report."""

    code = "no_report"

    def __init__(self) -> None:
        super().__init__('this run has no report; submit the program with `"report": true`')


class JournalNotKept(ServiceError):
    """A finished run was not stored, so there is nothing to go on from."""

    code = "journal_not_kept"

    def __init__(self, taken_over: str | None = None) -> None:
        """`taken_over`: the run whose journal this one took over, if that is kept."""
        way_out = (
            "submit it again, with `durable: true` where a run is to be patched or forked that did not fail after a "
            "call"
            if taken_over is None
            else f"patch {taken_over}, whose journal it took over and which is kept"
        )
        super().__init__(f"the journal of this run was not kept, so that there is nothing to take over: {way_out}")


class RunConflict(ServiceError):
    """A run is not in the state that this needs."""

    code = "run_conflict"


class ImageChanged(RunConflict):
    """A run that waits names a guest image which has other packages than when it began."""

    def __init__(self, image: str) -> None:
        super().__init__(
            f'the run cannot go on: the guest image "{image}" has other packages than when it began; patch the run to '
            "have it go on with these"
        )


class CallNotPending(ServiceError):
    """An answer is to a call that has another outcome already."""

    code = "call_not_pending"

    def __init__(self, call_id: str, reason: str) -> None:
        super().__init__(f"{call_id} {reason}")
        self.call_id = call_id


class OwnApproval(ServiceError):
    """A key decides about a call of a run that it submitted."""

    code = "own_approval"

    def __init__(self) -> None:
        super().__init__("this key submitted the run, so another one with the scope `approve` has to decide")


class AnswerTooLate(ServiceError):
    """Nobody waits for the answer any more."""

    code = "answer_too_late"

    def __init__(self, call_id: str) -> None:
        super().__init__(f"{call_id} has expired; what becomes of it then was declared as its on_timeout")


class IdempotencyKeyReused(ServiceError):
    """The key was sent with another body before."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "this Idempotency-Key was sent with another body before; send a fresh one with each submission"
        )


class NothingKept(ServiceError):
    """The service has no store, and what was asked for needs one."""

    code = "nothing_kept"

    def __init__(self) -> None:
        super().__init__("this service keeps nothing, so a run cannot wait, nor go on later")


class Overloaded(ServiceError):
    """As many runs as the service takes are running and waiting."""

    code = "overloaded"
    retry_after_seconds = 1

    def __init__(self, running: int, queued: int) -> None:
        super().__init__(
            f"{running} runs are running and {queued} are waiting, which is all; send the request again later"
        )


class TenantBusy(ServiceError):
    """As many runs of the tenant as it may have are running and waiting."""

    code = "tenant_busy"
    retry_after_seconds = 1

    def __init__(self, running: int, queued: int) -> None:
        super().__init__(
            f"{running} runs of your tenant are running and {queued} are waiting, which is all that it may have; "
            "send the request again later"
        )


class RateReached(ServiceError):
    """The tenant has submitted as many runs as it may for now."""

    code = "rate_reached"

    def __init__(self, runs: int, per_seconds: float, retry_after_seconds: int) -> None:
        super().__init__(
            f"your tenant may submit {runs:,} {'run' if runs == 1 else 'runs'} in {per_seconds:g} s; send the request "
            f"again in {retry_after_seconds} s"
        )
        self.retry_after_seconds = retry_after_seconds


class StorageFull(ServiceError):
    """The tenant has as much kept as it may have: runs that have not ended, or bytes of all runs and templates."""

    code = "storage_full"
    retry_after_seconds = 60

    def __init__(self, bound: Literal["max_kept_bytes", "max_waiting_runs"], has: int, most: int) -> None:
        self.bound = bound
        if bound == "max_waiting_runs":
            self.limit = f"{has:,} kept runs of your tenant have not ended, and max_waiting_runs is {most:,}"
            self.way_out = "answer or cancel runs that wait; GET /runs?status=suspended lists them"
        else:
            left = f"which leaves too little of max_kept_bytes, {most:,}"
            self.limit = f"the kept runs and the templates of your tenant take {has:,} bytes, {left}"
            self.way_out = (
                "delete runs that have ended, answer or cancel those that wait, delete templates; GET /runs and "
                "GET /templates list them"
            )
        super().__init__(f"{self.limit}; {self.way_out}")


class ImageNotReady(ServiceError):
    """The guest image that a program asks for is being built, or could not be."""

    code = "image_not_ready"

    def __init__(self, image: str, reason: str, retry_after_seconds: int) -> None:
        super().__init__(f'the guest image "{image}" {reason}')
        self.retry_after_seconds = retry_after_seconds


class BodiesTooLarge(ServiceError):
    """The bodies of all requests take as much memory as there is for them."""

    code = "overloaded"
    retry_after_seconds = 1

    def __init__(self, allowed_bytes: int, *, of: str = "all") -> None:
        super().__init__(
            f"the bodies of the requests under way, of {of}, take the {allowed_bytes:,} bytes that there are for them; "
            "send the request again later",
        )


class Stopping(ServiceError):
    """The service takes no more runs because it is being shut down."""

    code = "stopping"
    retry_after_seconds = 5

    def __init__(self) -> None:
        super().__init__("the service is being shut down; send the request again, to another replica if there is one")


class StoreUnavailable(ServiceError):
    """The database cannot be read or written now."""

    code = "store_unavailable"
    retry_after_seconds = 5

    def __init__(self, reason: str) -> None:
        super().__init__(f"the database cannot be used now ({reason}); send the request again later")
