"""What `POST /orchestrate` takes, as the OpenAPI document shows it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from sandbox.limits import BOUNDS
from sandbox.options import MAX_ENV_VARS_BYTES, CacheBehavior, Policy
from sandbox.terms import WEEK_SECONDS, Effect
from service.runs.submission import DEFAULT_NAME
from service.webhooks import MAX_ADDRESS

MAX_METADATA_WEIGHT = 16_384
MAX_NAMES = 1_000
MAX_LINKS = 20
MAX_IMAGE = 100
MAX_DOCS = 20_000
MAX_CLIENT_FUNCTIONS = 100
MAX_WAIT_SECONDS = 600
MAX_EXPIRY_SECONDS = 366 * 86_400
MAX_PAUSE_SECONDS = 60.0
MAX_RETRIES = 20
Retries = Annotated[int, Field(ge=0, le=MAX_RETRIES)]
TimeoutSeconds = Annotated[float, Field(ge=0, le=MAX_EXPIRY_SECONDS)]
WaitSeconds = Annotated[float, Field(ge=0, le=MAX_WAIT_SECONDS)] | None


# One of the two names of the source, and something in it.
_TEXT = {"type": "string", "pattern": r"\S"}
WITH_SOURCE: JsonDict = {
    "oneOf": [{"required": [name], "properties": {name: dict(_TEXT)}} for name in ("source", "code")]
}


def _limit(name: str, description: str) -> Any:
    lowest, highest = BOUNDS[name]
    return Field(default=None, description=description, json_schema_extra={"minimum": lowest, "maximum": highest})


class LimitsBody(BaseModel):
    """Limits that are asked for; the others keep their defaults."""

    model_config = ConfigDict(strict=True, extra="forbid", title="RequestedLimits")

    fuel: int | None = _limit("fuel", "WebAssembly instructions; 20 x 10^9 are about 1.5 s")
    cpu_seconds: float | None = _limit("cpu_seconds", "processor time of the guest")
    wall_seconds: float | None = _limit("wall_seconds", "from start to end, waiting for functions included")
    memory_bytes: int | None = _limit("memory_bytes", "memory of the guest, the interpreter included")
    output_bytes: int | None = _limit("output_bytes", "printed text")
    value_bytes: int | None = _limit("value_bytes", "each value that crosses, as JSON")
    source_bytes: int | None = _limit("source_bytes", "the source text")
    calls: int | None = _limit("calls", "calls of functions, altogether")
    concurrent_calls: int | None = _limit("concurrent_calls", "calls that are under way at once; more are queued")
    value_nodes: Literal[2_000_000] | None = Field(default=None, description="fixed; taken as an answer shows it")
    value_levels: Literal[100] | None = Field(default=None, description="fixed; taken as an answer shows it")


class LinkBody(BaseModel):
    """A link that is shown with the run."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Link")

    name: str
    url: str = Field(description="http or https; may hold {run_id}, {template} and {name}")


class CacheBody(BaseModel):
    """How results are kept. A word alone stands for its behavior."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Cache")

    behavior: CacheBehavior = Field(
        description="auto: the output of an equal run, else this one's, which is kept; override: this one's in any "
        "case, which is kept instead; disable: nothing is kept"
    )
    version_override: Annotated[str, Field(min_length=1, max_length=1_000)] | None = Field(
        default=None,
        description="stands for source, functions, engine, limits and policy: outputs stay until it changes, and "
        "belong to the name",
    )
    serialize: bool = Field(default=False, description="whether of equal runs one computes and the others wait for it")
    ignored_inputs: list[str] = Field(
        default_factory=list, max_length=MAX_NAMES, description="inputs that may differ between runs that are equal"
    )
    salt: Annotated[str, Field(max_length=1_000)] = Field(
        default="", description="runs with another salt are not equal to this one"
    )
    max_age_seconds: Annotated[float, Field(ge=0, le=10**9)] | None = Field(
        default=None, description="how old an output may be; any age by default"
    )


class ClientFunctionBody(BaseModel):
    """A function that the caller answers: the run suspends when it is called."""

    model_config = ConfigDict(strict=True, extra="forbid", title="ClientFunction")

    name: Annotated[str, Field(min_length=1, max_length=256)]
    description: Annotated[str, Field(max_length=10_000)] = ""
    parameters: dict[str, Any] | None = Field(
        default=None,
        description="JSON Schema of an object: its properties are the parameters, in their order; without it any "
        "arguments are taken",
    )
    returns: dict[str, Any] | None = Field(default=None, description="JSON Schema that answers have to fit")
    is_async: bool = Field(default=True, alias="async", description="whether programs await it")
    effect: Effect = Field(default="write", description="what answering it changes")
    timeout_seconds: Annotated[float, Field(gt=0, le=MAX_EXPIRY_SECONDS)] | None = Field(
        default=None, description="after which the call raises TimeoutError in the program"
    )
    expires_seconds: Annotated[float, Field(gt=0, le=MAX_EXPIRY_SECONDS)] = Field(
        default=WEEK_SECONDS, description="how long a call waits for its answer; a week by default"
    )
    on_timeout: Any = Field(
        default="fail",
        description='what becomes of it then: "fail" ends the run as expired, "raise" raises TimeoutError in the '
        'program, {"output": value} answers it',
    )


class BackoffBody(BaseModel):
    """Pauses before further attempts: base_seconds, and each later one `factor` times as long."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Backoff")

    base_seconds: Annotated[float, Field(ge=0, le=MAX_PAUSE_SECONDS)]
    factor: Annotated[float, Field(ge=1, le=100)] = 1.0
    cap_seconds: Annotated[float, Field(ge=0, le=MAX_PAUSE_SECONDS)] = MAX_PAUSE_SECONDS


class RetriesOfRunBody(BaseModel):
    """How often a run is begun again. A number alone stands for count."""

    model_config = ConfigDict(strict=True, extra="forbid", title="RunRetries")

    count: Retries
    backoff: BackoffBody | None = Field(default=None, description="at once by default")


class TimeoutBody(BaseModel):
    """Bounds of a run's time; 0 and null are none. A number alone stands for max_runtime."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Timeout")

    max_runtime: TimeoutSeconds | None = Field(default=None, description="queueing and running, but not suspended")
    max_queued_time: TimeoutSeconds | None = Field(default=None, description="waiting for a place and for a worker")
    deadline: TimeoutSeconds | None = Field(
        default=None, description="from the submission to the end, whatever it does"
    )


class SubmissionBody(BaseModel):
    """A program to run."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Submission", json_schema_extra=WITH_SOURCE)

    source: str | None = Field(
        default=None, description="Python 3.14 source text; the value of its last expression is the answer. Required."
    )
    code: str | None = Field(default=None, description="another name for source")
    inputs: dict[str, Any] = Field(
        default_factory=dict, max_length=MAX_NAMES, description="variables that the program finds: name -> value"
    )
    input_types: dict[str, str] = Field(
        default_factory=dict,
        max_length=MAX_NAMES,
        description="types of inputs, as Python writes them: int, list[str], dict[str, float] | None; default Any",
    )
    output: str = Field(default="Any", description="type of the answer")
    functions: list[str] = Field(
        default_factory=list,
        max_length=MAX_NAMES,
        description="the whitelist: names from GET /functions that the program may call; none by default",
    )
    client_functions: list[ClientFunctionBody] = Field(
        default_factory=list,
        max_length=MAX_CLIENT_FUNCTIONS,
        description="functions that you answer yourself, in resume",
    )
    limits: LimitsBody = Field(default_factory=LimitsBody, description="limits other than the defaults")
    name: Annotated[str, Field(min_length=1, max_length=256)] = Field(
        default=DEFAULT_NAME, description="shown with the run"
    )
    env_vars: dict[str, str] = Field(
        default_factory=dict,
        max_length=MAX_NAMES,
        description=f"what os.environ holds in the program, at most {MAX_ENV_VARS_BYTES} bytes together; default none",
    )
    cache: CacheBehavior | CacheBody = Field(
        default="disable",
        description="whether the output of an equal run is the answer: same source, types, functions, engine, "
        "env_vars, policy, inputs, and seed and now where they are given",
    )
    policy: Policy = Field(
        default="guarded",
        description="open runs the program without the language policy, where the operator allows it; the other walls "
        "stand",
    )
    links: list[LinkBody] = Field(default_factory=list, max_length=MAX_LINKS, description="shown with the run")
    docs: Annotated[str, Field(max_length=MAX_DOCS)] | None = Field(
        default=None, description="what the program is for; shown with the run"
    )
    report: bool = Field(default=False, description="make a page for people: GET /runs/{id}/report")
    type_check: bool | None = Field(
        default=None,
        description="true: a program that a type checker is certain about is not run, and fails with kind type; "
        "POST /check says more",
    )
    engine: str | None = Field(
        default=None,
        description="the interpreter: `cpython` runs everything, `monty` starts quicker and runs less, `auto` stands "
        "for the quickest one that surely runs the program; by default that of the service",
    )
    image: Annotated[str, Field(max_length=MAX_IMAGE)] | None = Field(
        default=None,
        description="the guest image, by a name that the operator lists: its packages can be imported; by default, or "
        "with `auto`, the guest that ships",
    )
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = Field(
        default=None, description="of the program's random numbers; random by default, and returned"
    )
    now: str | None = Field(
        default=None,
        description="the time at which the program's clock starts, with its offset from UTC, as in "
        "2026-01-31T12:00:00Z; the real time by default",
    )
    wait_seconds: WaitSeconds = Field(
        default=None, description="how long the request may stay open; then the answer is 202. 10 s by default"
    )
    durable: bool = Field(
        default=False, description="keep the run from its start, so that it goes on after a crash of the service"
    )
    retries: Retries | RetriesOfRunBody | None = Field(
        default=None,
        description="attempts that may follow one that failed in a function, after a call, or through the service; "
        "calls that were answered with a value are not made again",
    )
    timeout: TimeoutSeconds | TimeoutBody | None = Field(
        default=None, description="bounds in seconds that count queueing, too; limits.wall_seconds does not"
    )
    webhook: Annotated[str, Field(max_length=MAX_ADDRESS)] | None = Field(
        default=None,
        description="address to which the run is POSTed when it ends or waits, signed as Standard Webhooks says, and "
        "again until it is taken; at a host that the operator allows. The run is kept from its start, as with durable",
    )
    metadata: dict[str, Any] = Field(
        default_factory=dict, description=f"returned as it is; at most {MAX_METADATA_WEIGHT} bytes of texts and values"
    )
