"""Parameters of paths, queries and headers: what each means and may be, as the OpenAPI document shows it."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query

from api.schemas.submission import MAX_WAIT_SECONDS
from service.runs.states import Status

MAX_PAGE = 100
_MAX_TEXT = 256
_RUN_ID = "^run_[0-9A-HJKMNP-TV-Z]{26}$"

RunId = Annotated[str, Path(description="of the run, as its answer shows it")]
TemplateName = Annotated[str, Path(description="1 to 128 letters A-Z a-z, digits, and . _ -")]
FunctionName = Annotated[str, Path(description="as programs write it")]
ProblemCode = Annotated[str, Path(description="`code` of a problem", examples=["invalid-request"])]

OfStatus = Annotated[Status | None, Query(description="only runs in this state")]
OfTemplate = Annotated[str | None, Query(max_length=_MAX_TEXT, description="only runs of this name")]
OfFunction = Annotated[str | None, Query(max_length=_MAX_TEXT, description="only runs that may call this function")]
PageLimit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="how many runs a page has")]
Cursor = Annotated[str | None, Query(pattern=_RUN_ID, description="`next_cursor` of the page before")]
WaitSeconds = Annotated[
    float, Query(ge=0, le=MAX_WAIT_SECONDS, allow_inf_nan=False, description="how long to wait for a run that goes on")
]
DryRun = Annotated[bool, Query(description="only say what the correction would do")]
Version = Annotated[str | None, Query(description="sha256:...; the current version by default")]
FunctionNames = Annotated[
    str | None, Query(description="names with commas between them; all by default", examples=["add,find_customer"])
]
EngineName = Annotated[
    str | None, Query(description="the interpreter that will run the program; by default the one of the service")
]
ImageName = Annotated[
    str | None, Query(description="the guest image of the program, whose packages are named; by default, none")
]
StubMode = Annotated[Literal["async", "sync"], Query(description="for programs that await calls, or that do not")]
Dialect = Annotated[
    Literal["flyte", "standard"], Query(description="of the schema of the inputs: Flyte's, or JSON Schema's own")
]

# Read by hand where every run would wait for their validation.
BIGINT: dict[str, Any] = {
    "name": "bigint",
    "in": "query",
    "description": "string: integers beyond 2^53 in values come as text, for readers that would round them",
    "schema": {"type": "string", "enum": ["string", "number"], "default": "number"},
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "the same key with the same body is the same run, with another body 409",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
LAST_EVENT_ID: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "the number of the last event that was seen; the next one follows",
    "schema": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
}
