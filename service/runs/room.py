"""Storage quotas: how much of a tenant's is kept, runs and templates, and when that is all that it may have.

New runs are refused before the last tenth of the bytes is taken: it is for runs that are there already, which have to
be answered, to go on and to end. The store holds every write to the bounds itself; what is asked here, twice a second
at most, spares the work on a run that could not be kept.
"""

import time
from dataclasses import dataclass, replace

from sandbox.turns import ErrorReport
from service.errors import StorageFull
from service.rights import Caller, Rights
from service.store.database import Store
from service.store.usage import Usage, usage_of

FRESH_SECONDS = 0.5
UNBOUNDED = 2**62
_MAX_KNOWN = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The most that a tenant may have."""

    tenant: str
    kept_bytes: int = UNBOUNDED
    waiting_runs: int = UNBOUNDED

    def for_new(self) -> Usage:
        """Return what there may be after a run was added."""
        return Usage(kept_bytes=self.kept_bytes // 10 * 9, waiting_runs=self.waiting_runs)

    def for_more(self) -> Usage:
        """Return what there may be after a run has grown."""
        return Usage(kept_bytes=self.kept_bytes, waiting_runs=UNBOUNDED)

    def refusal_of_new(self, has: Usage, *, ending: int = 0) -> StorageFull:
        """Return why there is no room for another run beside what there is; see `Room.check`."""
        if has.waiting_runs - ending >= self.waiting_runs:
            return StorageFull("max_waiting_runs", has.waiting_runs, self.waiting_runs)
        return self.refusal_of_more(has)

    def refusal_of_more(self, has: Usage) -> StorageFull:
        """Return why there is no room for more of a run."""
        return StorageFull("max_kept_bytes", has.kept_bytes, self.kept_bytes)


class Room:
    """The bounds of what is kept; belongs to one event loop.

    Args:
        store: None: nothing is kept, so nothing is bounded.
        most: what a tenant may have that has no bounds of its own.
    """

    def __init__(self, store: Store | None, *, most: Usage | None = None) -> None:
        self._store = store
        self._most = most or Usage(kept_bytes=UNBOUNDED, waiting_runs=UNBOUNDED)
        self._known: dict[str, tuple[Usage, float]] = {}

    def allowance(self, tenant: str, rights: Rights) -> Allowance:
        """Return what a tenant may have."""
        kept, waiting = rights.max_kept_bytes, rights.max_waiting_runs
        return Allowance(
            tenant=tenant,
            kept_bytes=self._most.kept_bytes if kept is None else kept,
            waiting_runs=self._most.waiting_runs if waiting is None else waiting,
        )

    async def check(self, caller: Caller, *, ending: int = 0) -> None:
        """Refuse a new run of a tenant that has as much as it may.

        Args:
            ending: how many of its runs end when this one begins.

        Raises:
            StorageFull: it has.
            StoreUnavailable: the database cannot say.
        """
        if self._store is None:
            return
        allowance = self.allowance(caller.tenant, caller.rights)
        known, asked_at = self._known.get(caller.tenant, (Usage(), -FRESH_SECONDS))
        now = time.monotonic()
        if now - asked_at < FRESH_SECONDS and _fits(known, allowance.for_new(), ending):
            return
        # Those that come while this one asks go on with what was known.
        self._known[caller.tenant] = known, now
        has = await self._store.read(lambda connection: usage_of(connection, caller.tenant))
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[caller.tenant] = has, now
        if not _fits(has, allowance.for_new(), ending):
            raise allowance.refusal_of_new(has, ending=ending)

    def note_kept(self, tenant: str) -> None:
        """Count a run that waits from now on, until the store is asked again."""
        if tenant in self._known:
            has, asked_at = self._known[tenant]
            self._known[tenant] = replace(has, waiting_runs=has.waiting_runs + 1), asked_at


def out_of_room(error: StorageFull) -> ErrorReport:
    """Return what a run ends with that grew beyond what its tenant may have kept."""
    return ErrorReport(kind="limit", type="LimitExceeded", message=error.limit, hint=error.way_out)


def _fits(has: Usage, most: Usage, ending: int) -> bool:
    return has.kept_bytes < most.kept_bytes and has.waiting_runs - ending < most.waiting_runs
