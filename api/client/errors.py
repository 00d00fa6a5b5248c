"""What a client raises: one class for each thing that its caller would do something else about."""

from collections.abc import Mapping, Sequence
from typing import Any


class IsthmusError(Exception):
    """Everything that a client raises of its own."""


class Unreachable(IsthmusError):
    """No answer came: the service is not there, or the connection broke.

    Whether a submission ran is not known; with `idempotency_key` it can be sent again without running twice.
    """


class Unsendable(IsthmusError, TypeError):
    """What was to be sent holds a value that JSON cannot say; the message has its path. Nothing was sent."""


class RunFailed(IsthmusError):
    """A value was asked of a run that has none.

    Attributes:
        run_id: of the run.
        status: `failed`, `cancelled`, `expired`, or that of a run that has not ended.
        kind: whose fault it is (`syntax`, `policy`, `type`, `runtime`, `limit`, `function`, `divergence`, `platform`).
        type: the exception's, such as `ValueError`.
        message: its message.
        hint: what to write instead.
    """

    def __init__(
        self,
        run_id: str,
        status: str,
        *,
        kind: str | None,
        type: str | None,  # noqa: A002 - as the contract calls it
        message: str,
        hint: str | None,
    ) -> None:
        told = f"{type}: {message}" if type else message
        super().__init__(f"{told} ({hint})" if hint else told)
        self.run_id = run_id
        self.status = status
        self.kind = kind
        self.type = type
        self.message = message
        self.hint = hint


class RequestRefused(IsthmusError):
    """The service refused a request (RFC 9457).

    Attributes:
        status: of HTTP.
        code: stable, such as `invalid-request`; `/problems/{code}` of the service explains it.
        detail: what is wrong.
        errors: for bodies: `{"pointer", "message"}` of each fault.
        diagnostics: for a source that has to be right, of a template or a patch: what is wrong where, as POST /check
            says it.
    """

    diagnostics: tuple[Mapping[str, Any], ...] = ()

    def __init__(self, status: int, code: str, detail: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        # The detail tells the first fault.
        more = "".join(f"; {one.get('pointer')} {one.get('message')}" for one in errors[1:])
        super().__init__(f"{status} {code}: {detail}{more}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)


class Unauthorized(RequestRefused):
    """401: the key is missing or unknown."""


class Forbidden(RequestRefused):
    """403: a function, limit or template is beyond what the key allows."""


class NotFound(RequestRefused):
    """404: it is not there, or somebody else's."""


class Conflict(RequestRefused):
    """409: it contradicts what was said before."""


class Gone(RequestRefused):
    """410: it is too late."""


class TooLarge(RequestRefused):
    """413: the body is larger than the service takes."""


class RequestInvalid(RequestRefused):
    """422: `errors` says what is wrong with the body, `diagnostics` with a source that has to be right."""


class Overloaded(RequestRefused):
    """429 and 503: later.

    Attributes:
        retry_after_seconds: when to send it again.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        *,
        retry_after_seconds: float = 1.0,
    ) -> None:
        super().__init__(status, code, detail, errors)
        self.retry_after_seconds = retry_after_seconds


class StorageFull(Overloaded):
    """429: as much is kept as may be; answer, cancel or delete runs, then send it again."""


class ServiceFailed(RequestRefused):
    """500 and what is like it: a fault of the service."""


_BY_STATUS: dict[int, type[RequestRefused]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: TooLarge,
    422: RequestInvalid,
}
_LATER = (429, 503)


def refusal(status: int, body: Mapping[str, Any], retry_after: str | None) -> RequestRefused:
    """Return the error for an answer that is a problem, or what a proxy sent in its place."""
    code, detail = str(body.get("code", "unknown")), str(body.get("detail", "the answer is no problem document"))
    errors = body.get("errors") or ()
    if status in _LATER:
        seconds = float(retry_after) if retry_after and retry_after.isdigit() else 1.0
        kind = StorageFull if code == "storage-full" else Overloaded
        return kind(status, code, detail, errors, retry_after_seconds=seconds)
    default = ServiceFailed if status >= 500 else RequestRefused
    error = _BY_STATUS.get(status, default)(status, code, detail, errors)
    error.diagnostics = tuple(body.get("diagnostics") or ())
    return error
