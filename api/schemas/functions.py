"""The whitelist as callers see it: functions, with their terms."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class RetriesBody(BaseModel):
    """How often a call is tried again when the function fails."""

    model_config = ConfigDict(title="Retries")

    count: int = Field(description="attempts that may follow the first")
    pause_seconds: float = Field(description="pause before the first of them")
    factor: float = Field(description="factor by which each further pause is longer")
    longest_pause_seconds: float | None = Field(description="bound of the pauses")


class RateBody(BaseModel):
    """How often a function may be called, by all runs together."""

    model_config = ConfigDict(title="Rate")

    calls: int = Field(description="calls per period")
    per_seconds: float = Field(description="length of the period")
    wait_seconds: float = Field(description="a call that would have to wait longer fails at once, as RateExceeded")


class FunctionBody(BaseModel):
    """A function that programs may call."""

    model_config = ConfigDict(title="Function")

    name: str = Field(description="name in programs")
    title: str = Field(description="original name, which need not be an identifier")
    description: str = Field(description="what it does")
    kind: Literal["python", "openapi", "client"] = Field(
        description="who answers: Python code, an HTTP API, the caller"
    )
    is_async: bool = Field(description="whether programs await it")
    parameters: dict[str, Any] = Field(description="JSON Schema of the arguments")
    returns: dict[str, Any] = Field(description="JSON Schema of the value")
    effect: Literal["read", "idempotent", "write"] = Field(
        description="read changes nothing, idempotent may be repeated, write neither"
    )
    timeout_seconds: float | None = Field(description="of one attempt; null: as long as the run has")
    deadline_seconds: float | None = Field(description="of all attempts together")
    retries: RetriesBody = Field(description="how often it is tried again")
    rate: RateBody | None = Field(description="how often it may be called; null: as often as one likes")
    requires_approval: bool = Field(description="whether each call waits for an approval")
    stub: str = Field(description="as Python")


class FunctionsBody(BaseModel):
    """The whitelist."""

    model_config = ConfigDict(title="Functions")

    data: list[FunctionBody] = Field(description="functions that programs may call")
