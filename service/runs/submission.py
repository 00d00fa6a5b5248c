"""What a caller submits, before anything about it was judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.options import Cache, Link, Policy

DEFAULT_NAME = "sandboxed-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A program, its inputs and what it may use. `inputs` and `metadata` hold what JSON can say."""

    source: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    input_types: Mapping[str, str] = field(default_factory=dict)
    output: str = "Any"
    name: str = DEFAULT_NAME
    engine: str | None = None
    policy: Policy = "guarded"
    limits: Mapping[str, int | float] = field(default_factory=dict)
    wait_seconds: float | None = None
    seed: int | None = None
    now: int | None = None
    """Nanoseconds since the epoch at which the program's clock starts; real time when absent."""
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
