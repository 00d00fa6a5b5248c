"""What the routes of a run that waits, or is to be corrected, take."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.submission import MAX_NAMES, WaitSeconds

_TYPE_NAME = r"^[A-Za-z_][A-Za-z0-9_.]{0,99}$"


class FailureBody(BaseModel):
    """A failure of the caller's, raised at the call site in the program."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Failure")

    type: Annotated[str, Field(pattern=_TYPE_NAME)] = Field(
        description="type that is raised: a built-in exception by its name; others arrive as FunctionError"
    )
    message: Annotated[str, Field(max_length=10_000)] = Field(default="", description="text of the exception")


class ResultBody(BaseModel):
    """The answer to one call: an output, an error, or a decision about it."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Result")

    call_id: Annotated[str, Field(max_length=40)] = Field(description="id of the pending call")
    output: Any = Field(default=None, description="value of the call; must fit the function's `returns`")
    error: FailureBody | None = Field(default=None, description="raised at the call instead of an output")
    decision: Literal["approve", "reject"] | None = Field(default=None, description="for a call of kind approval")
    digest: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="for a call of kind approval: the digest in pending_calls"
    )


class ResumeBody(BaseModel):
    """Answers to calls of a run that waits; those that are missing may come later."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Resume")

    results: list[ResultBody] = Field(max_length=MAX_NAMES, description="answers; missing ones may follow later")
    wait_seconds: WaitSeconds = Field(default=None, description="how long the request may stay open; default 10")


class PatchBody(BaseModel):
    """What is to be other than in the run whose journal is taken over."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Patch")

    source: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="the corrected program; default the old one"
    )
    inputs: dict[str, Any] | None = Field(
        default=None, max_length=MAX_NAMES, description="other inputs; default the old ones"
    )
    wait_seconds: WaitSeconds = Field(default=None, description="how long the request may stay open; default 10")


class ForkBody(BaseModel):
    """From which call on the run is to go another way."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Fork")

    at_call: Annotated[str, Field(max_length=40)] = Field(description="id of the call whose answer is changed")
    output: Any = Field(description="its new value")
    wait_seconds: WaitSeconds = Field(default=None, description="how long the request may stay open; default 10")
