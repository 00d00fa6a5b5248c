"""What the service answers, as a program reads it; `body` always holds all that was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from api.client.errors import RunFailed

Status = Literal["queued", "running", "suspended", "completed", "failed", "cancelled", "expired"]
_UNDER_WAY = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed; `kind` says whose fault it is, and only `platform` is worth sending again unchanged."""

    kind: str
    type: str
    message: str
    hint: str | None = None
    traceback: tuple[Mapping[str, Any], ...] = ()
    """Lines of the program, the innermost last: `line`, `column`, `function`, `source`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCall:
    """A call that waits for somebody outside the service."""

    call_id: str
    kind: Literal["client_function", "approval"]
    function: str
    arguments: Mapping[str, Any]
    digest: str
    line: int | None
    expires_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as the service showed it last."""

    id: str
    status: Status
    output: Any
    error: RunError | None
    stdout: str
    pending_calls: tuple[PendingCall, ...]
    body: Mapping[str, Any] = field(repr=False)
    """The answer as it was sent: usage, limits, calls, notes and the rest."""

    @staticmethod
    def of(body: Mapping[str, Any]) -> "Run":
        """Return the run of an answer."""
        error = body.get("error")
        return Run(
            id=body["id"],
            status=body["status"],
            output=body.get("output"),
            error=None if error is None else _error_of(error),
            stdout=body.get("stdout") or "",
            pending_calls=tuple(_pending_of(one) for one in body.get("pending_calls") or ()),
            body=body,
        )

    @property
    def is_under_way(self) -> bool:
        """Whether the service works on it, or will without being asked: one that only sleeps waits for nobody."""
        return self.status in _UNDER_WAY or (self.status == "suspended" and not self.pending_calls)

    def value(self) -> Any:
        """Return the value of the last expression.

        Raises:
            RunFailed: the run has none: it failed, was cancelled, expired, or has not ended.
        """
        if self.status == "completed":
            return self.output
        if self.error is None:
            raise RunFailed(self.id, self.status, kind=None, type=None, message=f"the run is {self.status}", hint=None)
        error = self.error
        raise RunFailed(self.id, self.status, kind=error.kind, type=error.type, message=error.message, hint=error.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a run; `id` counts up, and says where to go on after a break."""

    id: int
    name: str
    """Such as `call.started`; docs/runs.md lists them."""
    content: Mapping[str, Any]

    @property
    def run(self) -> Run | None:
        """The whole run, with an event that ends the stream."""
        body = self.content.get("run")
        return None if body is None else Run.of(body)


def _error_of(body: Mapping[str, Any]) -> RunError:
    return RunError(
        kind=body["kind"],
        type=body["type"],
        message=body["message"],
        hint=body.get("hint"),
        traceback=tuple(body.get("traceback") or ()),
    )


def _pending_of(body: Mapping[str, Any]) -> PendingCall:
    return PendingCall(
        call_id=body["call_id"],
        kind=body["kind"],
        function=body["function"],
        arguments=body["arguments"],
        digest=body["digest"],
        line=body.get("line"),
        expires_at=body.get("expires_at"),
    )
