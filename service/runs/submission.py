"""What a caller submits, before anything about it was judged, and its text as a store keeps it."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.options import Cache, Link, Policy
from sandbox.orchestrator import DEFAULT_NAME
from service.functions.client import ClientFunction

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A program, its inputs and what it may use. `inputs` and `metadata` hold what JSON can say."""

    source: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    client_functions: tuple[ClientFunction, ...] = ()
    input_types: Mapping[str, str] = field(default_factory=dict)
    output: str = "Any"
    name: str = DEFAULT_NAME
    engine: str | None = None
    policy: Policy = "guarded"
    limits: Mapping[str, int | float] = field(default_factory=dict)
    wait_seconds: float | None = None
    durable: bool = False
    retries: Mapping[str, float] = field(default_factory=dict)
    """`count` of attempts after the first; `base_seconds`, `factor` and `cap_seconds` of the pauses before them."""
    timeout: Mapping[str, float] = field(default_factory=dict)
    """Bounds in seconds: `max_runtime`, `max_queued_time`, `deadline`."""
    webhook: str | None = None
    """Where to tell of the run when it ends or waits."""
    seed: int | None = None
    now: int | None = None
    """Nanoseconds since the epoch at which the program's clock starts; real time when absent."""
    image: str | None = None
    """The name of the guest image that it runs on; None: the guest that ships."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    env_vars: Mapping[str, str] = field(default_factory=dict)
    """What the program finds in `os.environ`."""
    links: tuple[Link, ...] = ()
    docs: str | None = None
    report: bool = False
    """Whether the run has a report: a page for people."""
    cache: Cache = field(default_factory=lambda: Cache("disable"))
    type_check: bool = False
    """Whether it is refused when a type checker is certain that it fails."""
    template_version: str | None = None
    """Of the stored template, called `name`, that this is a run of; it is run from its compiled code."""
    size_bytes: int = 0
    """Length of the text that it was read from."""


def write_submission(submission: Submission) -> str:
    """Return the text of a submission; what is as if it had been left out is left out."""
    found = {
        one.name: getattr(submission, one.name) for one in dataclasses.fields(Submission) if one.name != "size_bytes"
    }
    defaults = Submission(source="")
    shown = {name: value for name, value in found.items() if value != getattr(defaults, name)}
    # What is shown with a run is not what it is; a result that is kept is looked for once, when it begins.
    shown.pop("cache", None)
    if submission.links:
        shown["links"] = [dataclasses.asdict(one) for one in submission.links]
    if submission.client_functions:
        shown["client_functions"] = [dataclasses.asdict(one) for one in submission.client_functions]
    return _encode(shown)


def read_submission_text(text: str) -> Submission:
    """Return the submission that `write_submission` wrote."""
    found = json.loads(text)
    found["functions"] = tuple(found.get("functions", ()))
    found["client_functions"] = tuple(ClientFunction(**one) for one in found.get("client_functions", ()))
    found["links"] = tuple(Link(**one) for one in found.get("links", ()))
    return Submission(**{"source": "", **found}, size_bytes=len(text))
