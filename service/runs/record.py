"""A run: the record of what was asked for and what became of it, as it is at one moment. Values in it are JSON."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.calls import CallStatus
from sandbox.entries import Ask
from sandbox.execute import Usage
from sandbox.limits import SEED_BOUND, Limits
from sandbox.options import Policy
from sandbox.turns import ErrorReport, Failure, Note
from service.runs.events import EventLog
from service.runs.presentation import Presentation
from service.runs.states import Status

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Ten bits at a time: every run has an id.
_PAIRS = [high + low for high in _CROCKFORD for low in _CROCKFORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCall:
    """One call of a run."""

    call_id: str
    function: str
    arguments: dict[str, Any]
    status: CallStatus
    output: Any
    error: Failure | None
    line: int | None
    attempts: int
    duration_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCall:
    """A call that waits for somebody outside."""

    call_id: str
    kind: Ask
    function: str
    arguments: dict[str, Any]
    digest: str
    line: int | None
    expires_at: datetime
    on_timeout: Any
    """`fail`, `raise`, or `{"output": value}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run."""

    id: str
    tenant: str
    status: Status
    output: Any
    error: ErrorReport | None
    stdout: str
    stdout_truncated: bool
    calls: tuple[RunCall, ...]
    """The first ones; `usage.calls` counts all."""
    usage: Usage
    queued_seconds: float
    limits: Limits
    engine: str
    engine_version: str
    template_name: str
    template_version: str
    cached: bool
    """Whether nothing ran: the output is that of an equal run, earlier."""
    notes: tuple[Note, ...]
    """What was done for the program beside running it as it stands, in the order of the text."""
    policy: Policy
    seed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    metadata: Mapping[str, Any]
    log: EventLog = field(default_factory=EventLog, repr=False, compare=False)
    """Its events, as far as they are in memory."""
    shown: Presentation = field(default_factory=Presentation)
    """Links, documentation, a report."""
    weight: int
    """About how many bytes of memory its texts and values take."""
    root_id: str = ""
    """The first of the line of patches and forks."""
    pending: tuple[PendingCall, ...] = ()
    expires_at: datetime | None = None
    """When the first of the pending calls is given up."""
    patch: Mapping[str, Any] | None = None
    """Of a run that took over another one's journal: whose, and what became of the calls in it."""
    attempts: int = 1
    """How often the program was begun, because a failure might have passed."""
    sent_calls: bool = False
    """Whether a function was called, so that a failed run is worth patching."""


def new_run_id(created_at: datetime) -> str:
    """Return a fresh id; ids sort by the millisecond in which they were made."""
    number = int(created_at.timestamp() * 1000) << 80 | secrets.randbits(80)
    return "run_" + "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def new_seed() -> int:
    """Return a random seed that every JSON reader keeps exactly."""
    return secrets.randbelow(SEED_BOUND)
