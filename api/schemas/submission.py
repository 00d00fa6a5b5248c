"""What `POST /orchestrate` takes, as the OpenAPI document shows it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from sandbox.limits import BOUNDS, SEED_BOUND
from sandbox.options import MAX_ENV_VARS_BYTES, CacheBehavior, Policy
from sandbox.orchestrator import DEFAULT_NAME
from sandbox.terms import WEEK_SECONDS, Effect
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

    name: str = Field(description="shown with the link")
    url: str = Field(description="http or https; {run_id}, {template} and {name} are filled in")


class CacheBody(BaseModel):
    """How results are kept. A word alone stands for its behavior."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Cache")

    behavior: CacheBehavior = Field(
        description="auto: use the output of an equal run, else compute and cache it; override: compute, and replace "
        "the cached output; disable: no cache"
    )
    version_override: Annotated[str, Field(min_length=1, max_length=1_000)] | None = Field(
        default=None,
        description="replaces source, functions, engine, limits and policy in the comparison, until it changes; "
        "belongs to the name",
    )
    serialize: bool = Field(
        default=False, description="whether of equal runs one computes and the others wait for its output"
    )
    ignored_inputs: list[str] = Field(
        default_factory=list, max_length=MAX_NAMES, description="inputs that may differ between equal runs"
    )
    salt: Annotated[str, Field(max_length=1_000)] = Field(
        default="", description="runs with another salt are not equal"
    )
    max_age_seconds: Annotated[float, Field(ge=0, le=10**9)] | None = Field(
        default=None, description="how old an output may be; default any age"
    )


class ClientFunctionBody(BaseModel):
    """A function that the caller answers: the run suspends when it is called."""

    model_config = ConfigDict(strict=True, extra="forbid", title="ClientFunction")

    name: Annotated[str, Field(min_length=1, max_length=256)] = Field(description="name in the program")
    description: Annotated[str, Field(max_length=10_000)] = Field(default="", description="what it does")
    parameters: dict[str, Any] | None = Field(
        default=None,
        description="JSON Schema of an object: its properties are the parameters, in their order. Without it, any "
        "arguments are accepted",
    )
    returns: dict[str, Any] | None = Field(default=None, description="JSON Schema that outputs must fit")
    is_async: bool = Field(default=True, alias="async", description="whether the program awaits it")
    effect: Effect = Field(
        default="write", description="read changes nothing, idempotent may be repeated, write neither"
    )
    timeout_seconds: Annotated[float, Field(gt=0, le=MAX_EXPIRY_SECONDS)] | None = Field(
        default=None, description="after it, the call raises TimeoutError in the program"
    )
    expires_seconds: Annotated[float, Field(gt=0, le=MAX_EXPIRY_SECONDS)] = Field(
        default=WEEK_SECONDS, description="how long a call can be answered; default a week"
    )
    on_timeout: Any = Field(
        default="fail",
        description='what happens then: "fail" ends the run as expired, "raise" raises TimeoutError in the program, '
        '{"output": value} answers the call',
    )


class BackoffBody(BaseModel):
    """Pauses before further attempts: base_seconds, and each later one `factor` times as long."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Backoff")

    base_seconds: Annotated[float, Field(ge=0, le=MAX_PAUSE_SECONDS)] = Field(
        description="pause before the first further attempt"
    )
    factor: Annotated[float, Field(ge=1, le=100)] = Field(
        default=1.0, description="factor by which each further pause is longer"
    )
    cap_seconds: Annotated[float, Field(ge=0, le=MAX_PAUSE_SECONDS)] = Field(
        default=MAX_PAUSE_SECONDS, description="bound of the pauses"
    )


class RetriesOfRunBody(BaseModel):
    """How often a run is begun again. A number alone stands for count."""

    model_config = ConfigDict(strict=True, extra="forbid", title="RunRetries")

    count: Retries = Field(description="attempts that may follow the first")
    backoff: BackoffBody | None = Field(default=None, description="pauses; default none")


class TimeoutBody(BaseModel):
    """Bounds of a run's time; 0 and null are none. A number alone stands for max_runtime."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Timeout")

    max_runtime: TimeoutSeconds | None = Field(
        default=None, description="queueing and running of one attempt, without suspension"
    )
    max_queued_time: TimeoutSeconds | None = Field(default=None, description="queueing of one attempt")
    deadline: TimeoutSeconds | None = Field(default=None, description="everything from the submission on")


class SubmissionBody(BaseModel):
    """A program to run."""

    model_config = ConfigDict(strict=True, extra="forbid", title="Submission", json_schema_extra=WITH_SOURCE)

    source: str | None = Field(
        default=None, description="the program, Python 3.14. Its value is that of its last expression. Required"
    )
    code: str | None = Field(default=None, description="another name for source")
    inputs: dict[str, Any] = Field(
        default_factory=dict, max_length=MAX_NAMES, description="name -> value: the program's variables at the start"
    )
    input_types: dict[str, str] = Field(
        default_factory=dict,
        max_length=MAX_NAMES,
        description="name -> type as Python writes it: int, list[str], dict[str, float] | None; default Any",
    )
    output: str = Field(default="Any", description="type that the value must have")
    functions: list[str] = Field(
        default_factory=list,
        max_length=MAX_NAMES,
        description="names of functions that the program may call (GET /functions); default none",
    )
    client_functions: list[ClientFunctionBody] = Field(
        default_factory=list,
        max_length=MAX_CLIENT_FUNCTIONS,
        description="functions that you answer with POST /runs/{run_id}/resume",
    )
    limits: LimitsBody = Field(default_factory=LimitsBody, description="limits that differ from the defaults")
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
        description="reuse the output of an equal run: same source, types, functions, engine, env_vars, policy and "
        "inputs, and seed and now where they are given",
    )
    policy: Policy = Field(
        default="guarded",
        description="open: no language policy, where the operator allows it; the other walls stand",
    )
    links: list[LinkBody] = Field(default_factory=list, max_length=MAX_LINKS, description="shown with the run")
    docs: Annotated[str, Field(max_length=MAX_DOCS)] | None = Field(
        default=None, description="what the program is for; shown with the run"
    )
    report: bool = Field(default=False, description="make a page for people, GET /runs/{run_id}/report")
    type_check: bool | None = Field(
        default=None,
        description="true: refuse, before the first call, a program that the type checker is certain about (kind type)",
    )
    engine: str | None = Field(
        default=None,
        description="cpython runs everything; monty starts quicker and runs a subset; auto takes monty if it surely "
        "runs the program; default is the service's",
    )
    image: Annotated[str, Field(max_length=MAX_IMAGE)] | None = Field(
        default=None,
        description="guest image from GET /images: the program can import its packages; default, and auto, is the "
        "default guest",
    )
    seed: Annotated[int, Field(ge=0, lt=SEED_BOUND)] | None = Field(
        default=None, description="seed of the program's random numbers; default random, and returned"
    )
    now: str | None = Field(
        default=None,
        description="time at which the program's clock starts, with an offset from UTC: 2026-01-31T12:00:00Z; "
        "default the real time",
    )
    wait_seconds: WaitSeconds = Field(
        default=None, description="how long the request may stay open before it is answered with 202; default 10"
    )
    durable: bool = Field(
        default=False, description="store the run from its start, so that it survives a crash of the service"
    )
    retries: Retries | RetriesOfRunBody | None = Field(
        default=None,
        description="attempts that may follow one that failed in a function, after a call, or through the service; "
        "answered calls are not made again",
    )
    timeout: TimeoutSeconds | TimeoutBody | None = Field(
        default=None, description="seconds, or bounds; counts queueing, as limits.wall_seconds does not"
    )
    webhook: Annotated[str, Field(max_length=MAX_ADDRESS)] | None = Field(
        default=None,
        description="address to which the run is POSTed when it ends or is suspended; signed (Standard Webhooks), "
        "redelivered; the host must be allowed by the operator. Stores the run from its start",
    )
    metadata: dict[str, Any] = Field(
        default_factory=dict, description=f"returned as it is; at most {MAX_METADATA_WEIGHT} bytes of texts and values"
    )
