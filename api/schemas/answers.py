"""What the service answers, as the OpenAPI document shows it. Runs are written by hand, in `writing`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class FrameBody(BaseModel):
    """One line of a traceback; lines and columns count from 1."""

    line: int | None
    column: int | None
    function: str
    source: str


class ErrorBody(BaseModel):
    """Why a run failed, for whoever repairs the program; only kind `platform` is worth sending again unchanged."""

    kind: Literal["syntax", "policy", "type", "runtime", "limit", "function", "divergence", "platform"]
    type: str
    message: str
    traceback: list[FrameBody]
    hint: str | None


class CallErrorBody(BaseModel):
    """What a function raised."""

    type: str
    message: str


class CallBody(BaseModel):
    """One call of a function."""

    call_id: str
    function: str
    arguments: dict[str, Any]
    status: Literal["settled", "abandoned"]
    output: Any
    error: CallErrorBody | None
    line: int | None
    attempts: int
    duration_ms: float


class NoteBody(BaseModel):
    """What was done for a program beside running it as it stands, or why it gave null and what to write instead."""

    code: str = Field(description="docs/guest-python.md lists them")
    line: int = Field(description="of the text as it was sent")
    message: str


class UsageBody(BaseModel):
    """What a run used."""

    fuel: int
    cpu_ms: float
    wall_ms: float
    queued_ms: float
    memory_bytes: int
    output_bytes: int
    calls: int


class LimitsAnswer(BaseModel):
    """The limits that held."""

    model_config = ConfigDict(title="Limits")

    fuel: int
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int
    value_bytes: int
    source_bytes: int
    calls: int
    concurrent_calls: int


class TemplateBody(BaseModel):
    """What was run: its name, and the digest of source, types and whitelist."""

    name: str
    version: str


class RunBody(BaseModel):
    """A run. A program that failed is a run with status `failed`."""

    model_config = ConfigDict(title="Run")

    id: str
    status: Literal["completed", "failed"]
    output: Any
    error: ErrorBody | None
    stdout: str
    stdout_truncated: bool
    pending_calls: list[Any]
    calls: list[CallBody] = Field(description="the first 100, fewer when they are large; usage.calls counts all")
    notes: list[NoteBody]
    usage: UsageBody
    limits: LimitsAnswer
    engine: str
    engine_version: str
    template: TemplateBody
    policy: Literal["guarded", "open"]
    seed: int
    created_at: datetime
    started_at: datetime
    finished_at: datetime
    expires_at: datetime | None
    metadata: dict[str, Any]


class FunctionBody(BaseModel):
    """A function that programs may call."""

    model_config = ConfigDict(title="Function")

    name: str
    description: str
    kind: Literal["python"]
    is_async: bool
    parameters: dict[str, Any] = Field(description="JSON Schema of the arguments")
    returns: dict[str, Any] = Field(description="JSON Schema of the value")
    stub: str = Field(description="as a program sees it")


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
