"""Parameters of paths, queries and headers: what each means and may be, as the OpenAPI document shows it."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query

from api.schemas.submission import MAX_WAIT_SECONDS
from service.runs.states import Status

MAX_PAGE = 100
_MAX_TEXT = 256
_RUN_ID = "^run_[0-9A-HJKMNP-TV-Z]{26}$"

RunId = Annotated[str, Path(description="id of the run")]
TemplateName = Annotated[str, Path(description="name of the template: 1 to 128 of A-Z a-z 0-9 . _ -")]
FunctionName = Annotated[str, Path(description="name of the function in programs")]
ProblemCode = Annotated[str, Path(description="`code` of a problem", examples=["invalid-request"])]

OfStatus = Annotated[Status | None, Query(description="only runs in this state")]
OfTemplate = Annotated[str | None, Query(max_length=_MAX_TEXT, description="only runs with this name")]
OfFunction = Annotated[str | None, Query(max_length=_MAX_TEXT, description="only runs that may call this function")]
PageLimit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="runs per page")]
Cursor = Annotated[str | None, Query(pattern=_RUN_ID, description="`next_cursor` of the last page")]
WaitSeconds = Annotated[
    float, Query(ge=0, le=MAX_WAIT_SECONDS, allow_inf_nan=False, description="how long to wait for the run to end")
]
DryRun = Annotated[bool, Query(description="only report what would be reused")]
Version = Annotated[str | None, Query(description="sha256:...; the current version by default")]
FunctionNames = Annotated[
    str | None, Query(description="names, separated by commas; default all", examples=["add,find_customer"])
]
EngineName = Annotated[str | None, Query(description="engine that will run the program; default is the service's")]
ImageName = Annotated[
    str | None, Query(description="guest image of the program, whose packages the text names; default none")
]
StubMode = Annotated[Literal["async", "sync"], Query(description="whether programs await calls")]
Dialect = Annotated[
    Literal["flyte", "standard"], Query(description="form of `json_schema`: Flyte's, or plain JSON Schema")
]

# Read by hand where every run would wait for their validation.
BIGINT: dict[str, Any] = {
    "name": "bigint",
    "in": "query",
    "description": "string: write integers beyond 2^53 in values as text, for readers that would round them",
    "schema": {"type": "string", "enum": ["string", "number"], "default": "number"},
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "the same key with the same body is the same run; with another body it is 409",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
LAST_EVENT_ID: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "number of the last event that was received",
    "schema": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
}
