"""Who calls, and what that allows: a key's scopes and its tenant's rights. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sandbox.limits import BOUNDS, Limits
from service.errors import ScopeMissing
from service.operator_errors import RightsInvalid

DEFAULT_TENANT = "default"
RUN = "run"
APPROVE = "approve"
METRICS = "metrics"
SCOPES: dict[str, str] = {
    RUN: "run programs, and do all that follows: what a key is for that names no scope",
    APPROVE: "read runs and answer approvals, but for the runs that the key submitted",
    METRICS: "read GET /metrics, which counts the runs of all tenants",
}
MAX_SHARE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRate:
    """How many runs may be submitted in a time."""

    runs: int
    per_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a tenant may use; everything that the service offers, unless something is named.

    Raises:
        RightsInvalid: a value is out of bounds; the message names it.
    """

    functions: frozenset[str] | None = None
    """The names of those that its programs may call; None for all."""
    ceiling: Mapping[str, int | float] = field(default_factory=dict)
    """What its runs may ask for, limit by limit; beyond the service's own ceiling it means nothing."""
    share: int = 1
    """Its weight where tenants compete for places: one with 2 has twice as many runs going on as one with 1."""
    max_running: int | None = None
    """Runs of it that go on at once; None for as many as the service takes."""
    max_queued: int | None = None
    """Runs of it that wait; None for as many as the service lets wait."""
    rate: RunRate | None = None
    max_kept_bytes: int | None = None
    """Bytes that its runs and templates may take in the database; None for the service's default."""
    max_waiting_runs: int | None = None
    """Runs of it that are kept and have not ended; None for the service's default."""

    def __post_init__(self) -> None:
        for name, value in self.ceiling.items():
            _check_limit(name, value)
        _check("share", self.share, 1, MAX_SHARE)
        _check("max_running", 1 if self.max_running is None else self.max_running, 1, 10**6)
        _check("max_queued", 0 if self.max_queued is None else self.max_queued, 0, 10**6)
        _check("max_kept_bytes", self.max_kept_bytes or 0, 0, 2**60)
        _check("max_waiting_runs", self.max_waiting_runs or 0, 0, 10**9)
        if self.rate is not None:
            _check("rate: runs", self.rate.runs, 1, 10**6)
            _check("rate: per_seconds", self.rate.per_seconds, 0.001, 86_400)

    def text(self) -> str:
        """Return them as JSON, without what is not limited."""
        tree = asdict(self) | {"functions": None if self.functions is None else sorted(self.functions)}
        return json.dumps({name: value for name, value in tree.items() if value not in (None, {})})

    @staticmethod
    def of_text(text: str) -> "Rights":
        """Return what `text` gave; a name of a later release is passed over."""
        tree: dict[str, Any] = json.loads(text)
        given = {one.name: tree[one.name] for one in fields(Rights) if one.name in tree}
        if "functions" in given:
            given["functions"] = frozenset(given["functions"])
        if "rate" in given:
            given["rate"] = RunRate(**given["rate"])
        return Rights(**given)

    def once_accepted(self) -> "Rights":
        """Return them for a run that goes on: it was submitted once, and has waited long enough to be refused."""
        return replace(self, rate=None, max_queued=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sent a request."""

    tenant: str
    rights: Rights
    key_id: str | None
    """The public part of its key; None where the service asks for none."""
    scopes: frozenset[str]

    def require(self, *scopes: str) -> None:
        """Refuse what the key is not for.

        Args:
            scopes: of which each is enough.

        Raises:
            ScopeMissing: it has none of them.
        """
        if self.scopes.isdisjoint(scopes):
            raise ScopeMissing(*scopes)


def lower_of(limits: Limits, ceiling: Mapping[str, int | float]) -> Limits:
    """Return the limits, none of them beyond the ceiling."""
    asked = limits.as_dict()
    lowered: dict[str, Any] = {name: min(asked[name], highest) for name, highest in ceiling.items()}
    return replace(limits, **lowered) if lowered else limits


def _check_limit(name: str, value: object) -> None:
    if name not in BOUNDS:
        raise RightsInvalid(f"there is no limit {name[:100]!r}; limits: {', '.join(BOUNDS)}")
    try:
        Limits(**{name: value})  # type: ignore[arg-type]  # it is what checks the value
    except ValueError as error:
        raise RightsInvalid(str(error)) from None


def _check(name: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise RightsInvalid(f"{name} must be from {lowest:,} to {highest:,}")


OPERATOR = Caller(tenant=DEFAULT_TENANT, rights=Rights(), key_id=None, scopes=frozenset(SCOPES))
"""Whoever sits at the machine."""
