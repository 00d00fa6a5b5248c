"""Typed settings, read once from `ISTHMUS_...` environment variables and passed down."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sandbox.engines.table import CHOICES, NAMES, WHOLE
from sandbox.images.kept import REFERENCE
from sandbox.limits import MIB, Limits
from sandbox.options import Image
from service.operator_errors import SettingsInvalid
from service.webhooks import Receivers

MIN_SECRET = 24
DEFAULT_LIMITS = Limits()
DEFAULT_CEILING = Limits(
    fuel=200_000_000_000,
    cpu_seconds=60.0,
    wall_seconds=300.0,
    memory_bytes=512 * MIB,
    output_bytes=16 * MIB,
    value_bytes=64 * MIB,
    source_bytes=1 * MIB,
    calls=10_000,
    concurrent_calls=1_000,
)
PREFIX = "ISTHMUS_"
# Read elsewhere: where the engine keeps what it compiled.
_OF_OTHERS = ("ISTHMUS_CACHE_DIR",)
# How pydantic-settings names what it could not read.
_FIELD = re.compile(r'for field "(\w+)"')
_EXAMPLES = (
    """write JSON, as in ISTHMUS_CEILING='{"wall_seconds": 60}', ISTHMUS_OPENAPI='[{"document": "crm.json"}]' """
    """or ISTHMUS_IMAGES='{"dates": ["python-dateutil"]}'"""
)
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(ge=0)]
ImageName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]


def _packages(given: Any) -> Any:
    """Return packages that can be part of an image, or the reference of one alone."""
    listed = [given] if isinstance(given, str) else given
    if isinstance(listed, list | tuple) and listed and all(isinstance(one, str) for one in listed):
        if not (len(listed) == 1 and REFERENCE.fullmatch(listed[0])):
            Image.from_guest_base().with_pip_packages(*listed)
        return tuple(listed)
    message = 'an image needs packages, as in {"dates": ["python-dateutil==2.9"]}'
    raise ValueError(message)


ImagePackages = Annotated[tuple[str, ...], BeforeValidator(_packages)]


class Rate(BaseModel):
    """How often an API may be called, by all runs together; the fields of `sandbox.RateLimit`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: Positive
    per_seconds: Annotated[float, Field(gt=0)] = 1.0
    wait_seconds: Seconds = 30.0


class OpenApiSource(BaseModel):
    """An OpenAPI document whose operations become functions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: str
    """A path or an address."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,60}$")] = ""
    """Stands in front of each function's name."""
    base_url: str | None = None
    """Where the API is; the document's first server when absent."""
    headers: dict[str, SecretStr] = {}
    """Sent with every request, as an API's key is."""
    query: dict[str, SecretStr] = {}
    operations: tuple[str, ...] | None = None
    """The ids of those that become functions; all when absent."""
    timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    """Of one attempt, from the connection to the last byte."""
    response_bytes: Positive = 1 * MIB
    retries: Count = 0
    """Of operations that write nothing twice: GET, HEAD, PUT and DELETE."""
    rate: Rate | None = None


class Settings(BaseSettings):
    """What an operator may set. `ISTHMUS_CEILING='{"wall_seconds": 60}'` sets one limit and keeps the others."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", frozen=True)

    api_key: SecretStr | None = None
    """Asked for as `Authorization: Bearer ...`; without one the service listens on loopback only."""
    engine: str = WHOLE
    """What runs a program that does not say: `cpython`, `monty`, or `auto`."""
    engines: Annotated[tuple[str, ...], NoDecode] = ()
    """What a submission may name beside `auto`, with commas between them; all that are installed when absent."""
    workers: Positive | None = None
    """Worker processes; the engine chooses when absent."""
    require_walls: bool = False
    """Refuse to start where the kernel lacks a wall of the worker processes, instead of warning."""
    allow_open_policy: bool = False
    """Whether a submission may ask to run without the language policy; the other walls stand."""
    limits: Limits = DEFAULT_LIMITS
    """What a run gets that asks for nothing."""
    ceiling: Limits = DEFAULT_CEILING
    """What a run may ask for."""
    openapi: tuple[OpenApiSource, ...] = ()
    """HTTP APIs whose operations programs may call."""
    images: dict[ImageName, ImagePackages] = {}
    """Guest images that submissions may name: name -> packages, or the reference of one that was built before."""
    database: str | None = None
    """Where runs, keys and templates are kept: a path or a URL; a file of this user's when absent."""
    database_full_sync: bool = False
    """Whether SQLite waits at each commit until the disk has it; survives a loss of power, and costs time."""
    max_running: Positive = 512
    """Runs that go on at once; further ones wait."""
    max_queued: Count = 1_000
    """Runs that wait; further ones are refused at once."""
    request_bytes: Positive = 16 * MIB
    """Size of a request's body."""
    pending_bytes: Positive = 512 * MIB
    """Size of all requests' bodies that are being read or run, together."""
    body_seconds: Seconds = 30.0
    """How long a client may take to send a head, and then a body."""
    kept_runs: Count = 10_000
    """Finished runs that can be read again, at most."""
    kept_seconds: Seconds = 600.0
    """How long they can be."""
    kept_bytes: Count = 64 * MIB
    """Memory that they may take, about."""
    cache_file: str | None = None
    """Where results are kept for submissions with `cache`; in the cache directory when absent."""
    cache_bytes: Count = 256 * MIB
    """What that file may take; 0: nothing is kept."""
    webhook_secret: SecretStr | None = None
    """From which the secrets are derived that messages to receivers are signed with; 24 characters at least."""
    webhook_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Where messages about runs may be sent, with commas between them."""
    webhook_pause_seconds: Annotated[float, Field(gt=0)] = 5.0
    """Before a message is sent again; each further time six times as long."""
    hold_seconds: Seconds = 5.0
    """How long an interpreter waits with a run that was suspended; answered later, it is taken through its journal."""
    retention_seconds: Seconds = 30 * 86_400.0
    """How long finished runs are kept in the database."""
    retention_runs: Count = 100_000
    """How many of them, of each tenant."""
    max_kept_bytes: Count = 4 * 1024 * MIB
    """Bytes that the runs of a tenant may take in the database, where it has no bound of its own."""
    max_waiting_runs: Count = 100_000
    """Runs of a tenant that are kept and have not ended, where it has no bound of its own."""
    log_values: bool = False
    """Whether the line of a run in the log has its source, inputs, output and printed text, each cut."""
    origins: tuple[str, ...] = ()
    """Web pages of other hosts that may call the service, as browsers name them: `https://app.example.com`."""
    drain_seconds: Seconds = 5.0
    """How long a shutdown waits for runs that go on."""

    @field_validator("engine")
    @classmethod
    def _known_engine(cls, name: str) -> str:
        if name not in CHOICES:
            message = f"there is no engine {name[:100]!r}; engines: {', '.join(CHOICES)}"
            raise ValueError(message)
        return name

    @field_validator("engines", mode="before")
    @classmethod
    def _known_engines(cls, given: Any) -> Any:
        names = [name.strip() for name in given.split(",") if name.strip()] if isinstance(given, str) else given
        if names and (WHOLE not in names or not {*names} <= {*NAMES}):
            message = f"it names some of {', '.join(NAMES)}, and {WHOLE} in any case"
            raise ValueError(message)
        return names

    @field_validator("api_key")
    @classmethod
    def _bare_key(cls, key: SecretStr | None) -> SecretStr | None:
        # A key that was read from a file ends with a newline, which no header can carry.
        bare = "" if key is None else key.get_secret_value().strip()
        return SecretStr(bare) if bare else None

    @field_validator("webhook_secret")
    @classmethod
    def _long_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < MIN_SECRET:
            message = f"it needs at least {MIN_SECRET} characters"
            raise ValueError(message)
        return secret

    @field_validator("webhook_hosts", mode="before")
    @classmethod
    def _hosts(cls, given: Any, known: ValidationInfo) -> Any:
        hosts = [host.strip() for host in given.split(",") if host.strip()] if isinstance(given, str) else given
        Receivers(hosts)
        if hosts and known.data.get("webhook_secret") is None:
            message = "messages are signed: ISTHMUS_WEBHOOK_SECRET has to be set, too"
            raise ValueError(message)
        return hosts

    @field_validator("limits", mode="before")
    @classmethod
    def _complete_limits(cls, given: Any) -> Any:
        return {**DEFAULT_LIMITS.as_dict(), **given} if isinstance(given, dict) else given

    @field_validator("ceiling", mode="before")
    @classmethod
    def _complete_ceiling(cls, given: Any) -> Any:
        return {**DEFAULT_CEILING.as_dict(), **given} if isinstance(given, dict) else given


def read_settings() -> Settings:
    """Return the settings of this process's environment.

    Raises:
        SettingsInvalid: a variable cannot be read; the message names it and never shows its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise SettingsInvalid("; ".join(_complaint(one["loc"], one["type"], one["msg"]) for one in found)) from None
    except ValueError as error:
        # pydantic-settings could not read a variable as JSON; its cause holds the value, its own text does not.
        field = _FIELD.search(str(error))
        variable = "a variable" if field is None else _variable((field[1],))
        raise SettingsInvalid(f"{variable}: it is no JSON; {_EXAMPLES}") from None


def _complaint(location: tuple[int | str, ...], kind: str, message: str) -> str:
    """Return what is wrong with a variable, in words of its own where pydantic speaks of Python."""
    if kind == "unexpected_keyword_argument":
        known = ", ".join(one.name for one in fields(Limits))
        return f"{_variable(location[:1])}: there is no limit {str(location[-1])[:100]!r}; limits: {known}"
    if kind == "string_pattern_mismatch" and location[0] == "images":
        return (
            f"ISTHMUS_IMAGES: {str(location[1])[:100]!r} cannot be the name of an image: "
            "write 1 to 60 letters A-Z a-z, digits, and . _ -, the first a letter or a digit"
        )
    if kind in ("tuple_type", "dict_type", "dataclass_type"):
        return f"{_variable(location)}: it is JSON of another kind; {_EXAMPLES}"
    return f"{_variable(location)}: {message.removeprefix('Value error, ')}"


def unknown_variables(names: Iterable[str]) -> list[str]:
    """Return a line of advice for each name that looks like a setting and is none."""
    known = [*(_variable((name,)) for name in Settings.model_fields), *_OF_OTHERS]
    # Only these two have parts: ISTHMUS_LIMITS__CALLS. A wrong part is refused when the settings are read.
    parts = tuple(_variable((name, "")) for name in ("limits", "ceiling"))
    odd = [name for name in names if name.upper().startswith(PREFIX) and not name.upper().startswith(parts)]
    return [_advice(name, known) for name in sorted(odd) if name.upper() not in known]


def _advice(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name[len(PREFIX) : 100].upper(), [one[len(PREFIX) :] for one in known], 1)
    guess = f"did you mean {PREFIX}{near[0]}?" if near else "docs/for-operators.md lists the settings"
    return f"{name[:100]} is no setting and changes nothing; {guess}"


def _variable(location: tuple[int | str, ...]) -> str:
    return PREFIX + "__".join(str(step) for step in location).upper()
