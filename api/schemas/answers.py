"""What the service answers, as the OpenAPI document shows it. Runs are written by hand, in `writing`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.calls import CallStatus
from sandbox.turns import Kind
from service.runs.events import EventName


class FrameBody(BaseModel):
    """One line of a traceback; lines and columns count from 1."""

    line: int | None = Field(description="line in the source as it was sent; null outside of it")
    column: int | None = Field(description="column, in characters")
    function: str = Field(description="name of the function; `<module>` at the top level")
    source: str = Field(description="text of the line")


class ViolationBody(BaseModel):
    """One place where the source breaks the language policy, or needs what its engine lacks."""

    line: int = Field(description="first line of the place, from 1")
    column: int = Field(description="first column, from 1")
    code: str = Field(description="rule that is broken, as in docs/guest-python.md, or not-in-engine")
    message: str = Field(description="what is refused")
    hint: str = Field(description="what to write instead")


class SideBody(BaseModel):
    """What a program did at one place, or does there now."""

    text: str = Field(description="in words: a call, what it waited for, how it ended")
    function: str | None = Field(description="the function, if it is a call")
    arguments: str | None = Field(description="arguments of the call as text, cut to a line")
    line: int | None = Field(description="line in the source")


class DivergenceBody(BaseModel):
    """The first place at which a replayed program differs from its record."""

    turn: int = Field(description="number of the turn, from 1")
    recorded: SideBody = Field(description="what the journal says")
    observed: SideBody = Field(description="what the program did")


class ErrorBody(BaseModel):
    """Why a run failed, for whoever repairs the program; only kind `platform` is worth sending again unchanged."""

    kind: Kind = Field(description="whose fault it is; docs/for-agents.md says what to do about each")
    type: str = Field(description="type of the exception")
    message: str = Field(description="text of the exception")
    traceback: list[FrameBody] = Field(description="frames of the program, the outermost first")
    hint: str | None = Field(description="what to write instead")
    violations: list[ViolationBody] = Field(
        description="all places, at most thirty; empty unless kind is policy, or type and the program was checked "
        "before it ran"
    )
    divergence: DivergenceBody | None = Field(default=None, description="both sides, if kind is divergence")


class CallErrorBody(BaseModel):
    """What a function raised."""

    type: str = Field(description="type of the exception")
    message: str = Field(description="text of the exception")


class CallBody(BaseModel):
    """One call of a function."""

    call_id: str = Field(description="call_1, call_2, ... in the order of the calls")
    function: str = Field(description="name of the function")
    arguments: dict[str, Any] = Field(description="values by parameter name")
    status: CallStatus = Field(
        description="intended, sent: not finished; settled: has an outcome; abandoned: given up by the program, or "
        "ended with it; outcome_unknown: sent, and the outcome was lost in a crash"
    )
    output: Any = Field(description="the value that the function returned")
    error: CallErrorBody | None = Field(description="what the function raised")
    line: int | None = Field(description="line of the call in the source")
    attempts: int = Field(
        description="how often the function was called in this attempt at the run; 0 if its arguments did not fit"
    )
    duration_ms: float = Field(description="how long the call took, retries included")


class PendingCallBody(BaseModel):
    """A call that waits for you, or for somebody who may approve it."""

    model_config = ConfigDict(title="PendingCall")

    call_id: str = Field(description="answer it under this id")
    kind: Literal["client_function", "approval"] = Field(
        description="client_function: send its output; approval: send a decision"
    )
    function: str = Field(description="name of the function")
    arguments: dict[str, Any] = Field(description="values by parameter name")
    digest: str = Field(description="digest of function and arguments; an approval must name it")
    line: int | None = Field(description="line of the call in the source")
    expires_at: datetime = Field(description="until when it can be answered")
    on_timeout: Any = Field(description='what happens then: "fail", "raise" or {"output": value}')


class ReplayedCallBody(BaseModel):
    """A call in the report of a patch or fork."""

    model_config = ConfigDict(title="ReplayedCall")

    function: str = Field(description="name of the function")
    line: int | None = Field(description="line of the call in the source")
    call_id: str | None = Field(description="id in the new run; null if it was not made there")
    recorded_call_id: str | None = Field(description="id in the run before; null if it was not made there")


class PatchReportBody(BaseModel):
    """Of a run that took over another one's journal: whose, and what became of the calls in it."""

    model_config = ConfigDict(title="PatchReport")

    run_id: str = Field(description="the run whose journal was taken over")
    reused: list[ReplayedCallBody] = Field(default=[], description="calls answered from the journal")
    again: list[ReplayedCallBody] = Field(
        default=[], description="calls made again: they had no answer, or one that does not count"
    )
    unknown: list[ReplayedCallBody] = Field(default=[], description="calls that were sent and whose outcome was lost")
    new: list[ReplayedCallBody] = Field(default=[], description="calls that the old run did not make")
    dropped: list[ReplayedCallBody] = Field(default=[], description="calls of the old run that have not been made")


class PatchPreviewBody(PatchReportBody):
    """What a patch would do."""

    model_config = ConfigDict(title="PatchPreview")

    ends: bool = Field(description="whether the program would end with the answers in the journal")
    error: ErrorBody | None = Field(description="how it would fail; null if it would not")


class NoteBody(BaseModel):
    """What was done for a program beside running it as it stands, or why it gave null and what to write instead."""

    code: str = Field(description="docs/guest-python.md lists them")
    line: int = Field(description="line in the source as it was sent")
    message: str = Field(description="what was done, or why the answer is null")


class UsageBody(BaseModel):
    """What a run used, in all its attempts together; `limits` are those of one."""

    fuel: int | None = Field(description="WebAssembly instructions; null if the engine does not count them")
    cpu_ms: float = Field(description="processor time of the guest")
    wall_ms: float = Field(description="from start to end, without queueing and suspension")
    queued_ms: float = Field(description="in the queue, before the run began")
    memory_bytes: int | None = Field(description="the most that one attempt held; null if the engine does not count it")
    output_bytes: int = Field(description="printed text of the last attempt")
    calls: int = Field(description="calls of the last attempt")


class LimitsAnswer(BaseModel):
    """The limits that held."""

    model_config = ConfigDict(title="Limits")

    fuel: int | None = Field(description="WebAssembly instructions; null if the engine does not count them")
    cpu_seconds: float = Field(description="processor time of the guest")
    wall_seconds: float = Field(description="from start to end, waiting for functions included")
    memory_bytes: int = Field(description="memory of the guest, the interpreter included")
    output_bytes: int = Field(description="printed text")
    value_bytes: int = Field(description="size of each value that crosses, as JSON")
    source_bytes: int = Field(description="size of the source")
    calls: int = Field(description="number of calls")
    concurrent_calls: int = Field(description="calls under way at once; more are queued")
    value_nodes: int = Field(description="nodes of each value; the same for every run")
    value_levels: int = Field(description="nesting of each value; the same for every run")


class RunTemplateBody(BaseModel):
    """What was run: its name, and the digest of source, types and whitelist."""

    name: str = Field(description="`name` of the submission, or the template's")
    version: str = Field(description="digest of source, types, whitelist and env_vars")
    docs: str | None = Field(description="`docs` of the submission")


class LinkAnswer(BaseModel):
    """A link of the submission, its places filled."""

    model_config = ConfigDict(title="RunLink")

    name: str = Field(description="name of the link")
    url: str = Field(description="its address, filled in")


class RunBody(BaseModel):
    """A run. A program that failed is a run with status `failed`."""

    model_config = ConfigDict(title="Run")

    id: str = Field(description="id of the run; ids sort by time")
    status: Literal["queued", "running", "suspended", "completed", "failed", "cancelled", "expired"] = Field(
        description="suspended: waits for answers, or sleeps for long; expired: nobody answered in time"
    )
    output: Any = Field(description="value of the program; null unless the run is completed")
    error: ErrorBody | None = Field(description="why the run failed")
    stdout: str = Field(description="what the program printed")
    stdout_truncated: bool = Field(description="whether output_bytes cut stdout")
    attempts: int = Field(description="how often the program was begun; calls and stdout are those of the last attempt")
    cached: bool = Field(description="true: nothing ran, the output is that of an earlier equal run")
    pending_calls: list[PendingCallBody] = Field(
        description="what a suspended run waits for; answer it with POST /runs/{run_id}/resume"
    )
    calls: list[CallBody] = Field(description="the first 100, fewer if they are large; usage.calls counts all")
    notes: list[NoteBody] = Field(description="what was changed to make the program run, and why it gave null")
    usage: UsageBody = Field(description="what the run used")
    limits: LimitsAnswer = Field(description="the limits that held")
    engine: str = Field(description="the engine that ran it")
    engine_version: str = Field(
        description="with the same version, inputs, seed, now and outcomes of calls, the run repeats exactly"
    )
    template: RunTemplateBody = Field(description="name and version of the program")
    links: list[LinkAnswer] = Field(description="links of the submission, filled in")
    report: str | None = Field(description="path of the report; null if none was asked for")
    policy: Literal["guarded", "open"] = Field(description="whether the language policy applied")
    seed: int = Field(description="send it, with the same now, to get the same random numbers")
    created_at: datetime = Field(description="when it was submitted")
    started_at: datetime | None = Field(description="when it left the queue")
    finished_at: datetime | None = Field(description="when it ended")
    expires_at: datetime | None = Field(description="when the first pending call expires")
    metadata: dict[str, Any] = Field(description="`metadata` of the submission")
    patch: PatchReportBody | None = Field(description="of a patch or fork: what became of the old run's calls")


class RunHeadTemplateBody(BaseModel):
    """What was run: its name, and the digest of source, types and whitelist."""

    model_config = ConfigDict(title="RunHeadTemplate")

    name: str = Field(description="`name` of the submission, or the template's")
    version: str = Field(description="digest of source, types, whitelist and env_vars")


class RunHeadBody(BaseModel):
    """A run in a list."""

    model_config = ConfigDict(title="RunHead")

    id: str = Field(description="id of the run; ids sort by time")
    status: Literal["queued", "running", "suspended", "completed", "failed", "cancelled", "expired"] = Field(
        description="state of the run"
    )
    template: RunHeadTemplateBody = Field(description="name and version of the program")
    engine: str = Field(description="the engine that runs it")
    engine_version: str = Field(description="its version")
    seed: int = Field(description="seed of its random numbers")
    patched_from: str | None = Field(description="the run that it is a patch or fork of")
    created_at: datetime = Field(description="when it was submitted")
    started_at: datetime | None = Field(description="when it left the queue")
    finished_at: datetime | None = Field(description="when it ended")
    expires_at: datetime | None = Field(description="when the first pending call expires")


class RunsBody(BaseModel):
    """A page of runs."""

    model_config = ConfigDict(title="Runs")

    data: list[RunHeadBody] = Field(description="runs, the newest first")
    next_cursor: str | None = Field(description="`cursor` of the next page; null on the last one")


class CallsBody(BaseModel):
    """All calls of a run."""

    model_config = ConfigDict(title="Calls")

    data: list[CallBody] = Field(description="calls in the order in which the program made them")


class DiagnosticBody(BaseModel):
    """One finding; lines and columns count characters of the text as it was sent from 1, ends are behind the last."""

    line: int = Field(description="first line, from 1")
    column: int = Field(description="first column, in characters from 1")
    end_line: int = Field(description="last line")
    end_column: int = Field(description="column behind the last character")
    severity: Literal["error", "warning", "info"] = Field(
        description="error: fails when it is reached; warning: may fail; info: not about the program"
    )
    code: str = Field(
        description="syntax, limit, a rule of the policy or of the type checker, not-in-engine, unknown-name, "
        "unused-input, invalid-output, types-not-checked"
    )
    message: str = Field(description="what is wrong")
    hint: str | None = Field(description="what to write instead")


class CheckBody(BaseModel):
    """What is known of a program that has not run."""

    model_config = ConfigDict(title="Check")

    ok: bool = Field(description="whether there is no error")
    diagnostics: list[DiagnosticBody] = Field(description="findings in the order of the text")
    functions_used: list[str] = Field(
        description="those of `functions` that the program names; empty if it is no valid program"
    )
    json_schema: dict[str, Any] = Field(description="schema of the inputs")


class ServerEventBody(BaseModel):
    """One server-sent event of a run."""

    model_config = ConfigDict(title="ServerEvent")

    id: str = Field(description="number of the event, for Last-Event-ID")
    event: EventName = Field(description="name of the event")
    data: str = Field(
        description="JSON: run_id, and what docs/runs.md lists for the event",
        json_schema_extra={"contentMediaType": "application/json"},
    )


class EventLineBody(BaseModel):
    """One line about what happened to a run."""

    model_config = ConfigDict(title="EventLine")

    id: int = Field(description="number of the event, for Last-Event-ID")
    event: EventName = Field(description="name of the event")
    at: datetime = Field(description="when it happened")
    data: dict[str, Any] = Field(description="run_id, and what docs/runs.md lists for the event")


class HealthBody(BaseModel):
    """Whether the service lives, or takes runs."""

    model_config = ConfigDict(title="Health")

    status: Literal["live", "ready", "not ready"] = Field(description="state of the service")


class FaultBody(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer into the body; `?name` for a query parameter")
    message: str = Field(description="what is wrong, and what is expected")


class ProblemBody(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="path of the explanation")
    title: str = Field(description="what was refused")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what was wrong with this request")
    code: str = Field(description="stable code, for programs")
    errors: list[FaultBody] | None = Field(default=None, description="every fault of the body and the query")
    diagnostics: list[DiagnosticBody] | None = Field(
        default=None, description="findings about a source that has to be right, as POST /check gives them"
    )
