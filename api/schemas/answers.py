"""What the service answers, as the OpenAPI document shows it. Runs are written by hand, in `writing`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.calls import CallStatus
from sandbox.turns import Kind
from service.runs.events import EventName


class FrameBody(BaseModel):
    """One line of a traceback; lines and columns count from 1."""

    line: int | None
    column: int | None
    function: str
    source: str


class ViolationBody(BaseModel):
    """One place where the source breaks the language policy, or needs what its engine lacks."""

    line: int
    column: int
    code: str = Field(description="which rule, as docs/guest-python.md lists them, or not-in-engine")
    message: str
    hint: str


class SideBody(BaseModel):
    """What a program did at one place, or does there now."""

    text: str = Field(description="in words: a call, what it waited for, how it ended")
    function: str | None = Field(description="of a call")
    arguments: str | None = Field(description="of a call, as text, cut to a line")
    line: int | None


class DivergenceBody(BaseModel):
    """The first place at which a replayed program differs from its record."""

    turn: int
    recorded: SideBody
    observed: SideBody


class ErrorBody(BaseModel):
    """Why a run failed, for whoever repairs the program; only kind `platform` is worth sending again unchanged."""

    kind: Kind
    type: str
    message: str
    traceback: list[FrameBody]
    hint: str | None
    violations: list[ViolationBody] = Field(
        description="of kind policy, and of kind type before the run: the first thirty"
    )
    divergence: DivergenceBody | None = Field(default=None, description="of kind divergence alone: both sides")


class CallErrorBody(BaseModel):
    """What a function raised."""

    type: str
    message: str


class CallBody(BaseModel):
    """One call of a function."""

    call_id: str
    function: str
    arguments: dict[str, Any]
    status: CallStatus = Field(description="outcome_unknown: it was sent, and nobody can say what became of it")
    output: Any
    error: CallErrorBody | None
    line: int | None
    attempts: int = Field(
        description="how often the function was called in this attempt; 0 when its arguments did not fit"
    )
    duration_ms: float


class PendingCallBody(BaseModel):
    """A call that waits for you, or for somebody who may approve it."""

    model_config = ConfigDict(title="PendingCall")

    call_id: str
    kind: Literal["client_function", "approval"]
    function: str
    arguments: dict[str, Any]
    digest: str = Field(description="of function and arguments: an approval counts for it only")
    line: int | None
    expires_at: datetime
    on_timeout: Any = Field(description='"fail", "raise" or {"output": value}')


class ReplayedCallBody(BaseModel):
    """A call in the report of a patch or fork."""

    model_config = ConfigDict(title="ReplayedCall")

    function: str
    line: int | None
    call_id: str | None = Field(description="in the new run; null when it was not made there")
    recorded_call_id: str | None = Field(description="in a run before it; null when it was not made there")


class PatchReportBody(BaseModel):
    """Of a run that took over another one's journal: whose, and what became of the calls in it."""

    model_config = ConfigDict(title="PatchReport")

    run_id: str
    reused: list[ReplayedCallBody] = Field(default=[], description="answered from the journal")
    again: list[ReplayedCallBody] = Field(default=[], description="without an answer that counts, and made again")
    unknown: list[ReplayedCallBody] = Field(default=[], description="sent, and nobody knows what became of them")
    new: list[ReplayedCallBody] = []
    dropped: list[ReplayedCallBody] = Field(default=[], description="recorded, and not made so far")


class PatchPreviewBody(PatchReportBody):
    """What a patch would do."""

    model_config = ConfigDict(title="PatchPreview")

    ends: bool = Field(description="whether the program would come to its end with the calls that are reused")
    error: ErrorBody | None = Field(description="how it would fail then, as that of a run; null where it would not")


class NoteBody(BaseModel):
    """What was done for a program beside running it as it stands, or why it gave null and what to write instead."""

    code: str = Field(description="docs/guest-python.md lists them")
    line: int = Field(description="of the text as it was sent")
    message: str


class UsageBody(BaseModel):
    """What a run used, in all its attempts together; `limits` are those of one."""

    fuel: int | None = Field(description="null, as memory_bytes: the engine does not count it")
    cpu_ms: float
    wall_ms: float
    queued_ms: float
    memory_bytes: int | None = Field(description="the most that an attempt held at once")
    output_bytes: int = Field(description="of the last attempt, which stdout shows")
    calls: int = Field(description="of the last attempt, which calls shows")


class LimitsAnswer(BaseModel):
    """The limits that held."""

    model_config = ConfigDict(title="Limits")

    fuel: int | None = Field(description="null: the engine does not count it, so that it does not hold")
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int
    value_bytes: int
    source_bytes: int
    calls: int
    concurrent_calls: int
    value_nodes: int = Field(description="of each value; the same for every run")
    value_levels: int = Field(description="in which a value may be nested; the same for every run")


class RunTemplateBody(BaseModel):
    """What was run: its name, and the digest of source, types and whitelist."""

    name: str
    version: str
    docs: str | None


class LinkAnswer(BaseModel):
    """A link of the submission, its places filled."""

    model_config = ConfigDict(title="RunLink")

    name: str
    url: str


class RunBody(BaseModel):
    """A run. A program that failed is a run with status `failed`."""

    model_config = ConfigDict(title="Run")

    id: str
    status: Literal["queued", "running", "suspended", "completed", "failed", "cancelled", "expired"]
    output: Any
    error: ErrorBody | None
    stdout: str
    stdout_truncated: bool
    attempts: int = Field(description="how often the program was begun; calls and stdout are of the last attempt")
    cached: bool = Field(description="whether nothing ran: the output is that of an equal run, earlier")
    pending_calls: list[PendingCallBody] = Field(description="what a suspended run waits for; answer it with resume")
    calls: list[CallBody] = Field(description="the first 100, fewer when they are large; usage.calls counts all")
    notes: list[NoteBody]
    usage: UsageBody
    limits: LimitsAnswer
    engine: str
    engine_version: str
    template: RunTemplateBody
    links: list[LinkAnswer]
    report: str | None = Field(description="path of the report, a page for people; null when none was asked for")
    policy: Literal["guarded", "open"]
    seed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="when the first pending call is given up")
    metadata: dict[str, Any]
    patch: PatchReportBody | None


class RunHeadTemplateBody(BaseModel):
    """What was run: its name, and the digest of source, types and whitelist."""

    model_config = ConfigDict(title="RunHeadTemplate")

    name: str
    version: str


class RunHeadBody(BaseModel):
    """A run in a list."""

    model_config = ConfigDict(title="RunHead")

    id: str
    status: Literal["queued", "running", "suspended", "completed", "failed", "cancelled", "expired"]
    template: RunHeadTemplateBody
    engine: str
    engine_version: str
    seed: int
    patched_from: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None


class RunsBody(BaseModel):
    """A page of runs."""

    model_config = ConfigDict(title="Runs")

    data: list[RunHeadBody]
    next_cursor: str | None = Field(description="null on the last page")


class CallsBody(BaseModel):
    """All calls of a run."""

    model_config = ConfigDict(title="Calls")

    data: list[CallBody]


class DiagnosticBody(BaseModel):
    """One finding; lines and columns count characters of the text as it was sent from 1, ends are behind the last."""

    line: int
    column: int
    end_line: int
    end_column: int
    severity: Literal["error", "warning", "info"] = Field(
        description="error: certainly fails when it is reached; warning: may; info: is not about the program"
    )
    code: str = Field(
        description="syntax, limit, a rule of the policy or of the type checker, not-in-engine, unknown-name, "
        "unused-input, invalid-output, types-not-checked"
    )
    message: str
    hint: str | None = Field(description="what to write instead")


class CheckBody(BaseModel):
    """What is known of a program that has not run."""

    model_config = ConfigDict(title="Check")

    ok: bool = Field(description="whether there is no error")
    diagnostics: list[DiagnosticBody]
    functions_used: list[str] = Field(description="of those that the body names; none when there is no valid program")
    json_schema: dict[str, Any] = Field(description="of the inputs")


class RetriesBody(BaseModel):
    """How often a call is tried again when the function fails."""

    model_config = ConfigDict(title="Retries")

    count: int = Field(description="attempts that may follow the first")
    pause_seconds: float = Field(description="before the first of them")
    factor: float = Field(description="by which each further pause is longer")
    longest_pause_seconds: float | None


class RateBody(BaseModel):
    """How often a function may be called, by all runs together."""

    model_config = ConfigDict(title="Rate")

    calls: int
    per_seconds: float
    wait_seconds: float = Field(description="a call that would wait longer fails at once: RateExceeded")


class FunctionBody(BaseModel):
    """A function that programs may call."""

    model_config = ConfigDict(title="Function")

    name: str
    title: str = Field(description="the name as it was given, which need not be an identifier")
    description: str
    kind: Literal["python", "openapi", "client"] = Field(description="who answers")
    is_async: bool
    parameters: dict[str, Any] = Field(description="JSON Schema of the arguments")
    returns: dict[str, Any] = Field(description="JSON Schema of the value")
    effect: Literal["read", "idempotent", "write"] = Field(description="what calling it changes")
    timeout_seconds: float | None = Field(description="of one attempt; null: as long as the run has")
    deadline_seconds: float | None = Field(description="of all attempts together")
    retries: RetriesBody
    rate: RateBody | None
    requires_approval: bool = Field(description="whether somebody has to approve each call before it is made")
    stub: str = Field(description="as a program sees it")


class ServerEventBody(BaseModel):
    """One server-sent event of a run."""

    model_config = ConfigDict(title="ServerEvent")

    id: str = Field(description="its number, for Last-Event-ID")
    event: EventName
    data: str = Field(
        description="JSON: run_id, and what the event says; `run` with the whole run at its end, or where it waits",
        json_schema_extra={"contentMediaType": "application/json"},
    )


class EventLineBody(BaseModel):
    """One line about what happened to a run."""

    model_config = ConfigDict(title="EventLine")

    id: int = Field(description="its number, for Last-Event-ID")
    event: EventName
    at: datetime
    data: dict[str, Any] = Field(description="as in a server-sent event")


class HealthBody(BaseModel):
    """Whether the service lives, or takes runs."""

    model_config = ConfigDict(title="Health")

    status: Literal["live", "ready", "not ready"]


class FunctionsBody(BaseModel):
    """The whitelist."""

    model_config = ConfigDict(title="Functions")

    data: list[FunctionBody]


class FaultBody(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer into the body; `?name` for a query parameter")
    message: str


class ProblemBody(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="path of an explanation")
    title: str
    status: int
    detail: str
    code: str
    errors: list[FaultBody] | None = None
    diagnostics: list[DiagnosticBody] | None = Field(
        default=None, description="of a source that has to be right: as POST /check gives them"
    )
