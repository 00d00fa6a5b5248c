"""What the store keeps of each thing. Times are microseconds since the epoch; texts are kept as they are given."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHead:
    """The small parts of a run: what a list of runs shows, and what drives them."""

    id: str
    tenant: str
    status: str
    wake: int = 0
    """Counts suspensions and resumptions. Every change names the one that it knows, so that only one driver has one."""
    owner: str | None = None
    """The replica that drives it; None while nobody does."""
    parent_id: str | None = None
    """The run that it was patched or forked from."""
    root_id: str
    """The first of the line of patches and forks; the run itself where there was none."""
    template_name: str
    template_version: str
    program_digest: str
    engine: str
    engine_version: str
    seed: int
    created_at: int
    started_at: int | None = None
    finished_at: int | None = None
    expires_at: int | None = None
    """When the first of its waiting calls expires."""
    due_at: int | None = None
    """When something has to be done for it though nobody asks: it wakes, or a call expires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow(RunHead):
    """A run without its journal."""

    submission: str
    """What was submitted, as JSON."""
    report: str = "{}"
    """Error, usage, limits, notes and the like, as JSON."""
    output: str | None = None
    """The value, as JSON; None while there is none."""
    stdout: str = ""
    webhook_due: int | None = None
    """When a receiver is to be told of it; None: there is nothing to tell."""
    webhook_attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """The state in which a run has to be to be changed."""

    status: str
    wake: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs of a tenant are listed; what is None does not matter."""

    status: str | None = None
    template: str | None = None
    function: str | None = None
    """One that the run was allowed to call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event of a run."""

    seq: int
    name: str
    text: str
    """What goes with it, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key, without what it is: only a digest of that is kept."""

    id: str
    """The public part, by which it is found and named."""
    tenant: str
    digest: str
    scopes: tuple[str, ...] = ()
    label: str = ""
    """What it is for, in the operator's words."""
    created_at: int
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRow:
    """A tenant."""

    name: str
    rights: str
    """Functions, ceilings, share and rate, as JSON."""
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """One version of a template."""

    tenant: str
    name: str
    version: str
    """Digest of the body."""
    body: str
    """The submission without values, as JSON."""
    created_at: int
    is_current: bool
    """Whether it is the one that is run when none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRow:
    """What an engine made of a version of a template."""

    tenant: str
    name: str
    version: str
    engine_version: str
    binding: str
    text: str


def microseconds(when: datetime) -> int:
    """Return a time as the store keeps it."""
    return round(when.timestamp() * 1_000_000)


def from_microseconds(stamp: int | None) -> datetime | None:
    """Return a time that the store kept."""
    return None if stamp is None else datetime.fromtimestamp(stamp / 1e6, UTC)
