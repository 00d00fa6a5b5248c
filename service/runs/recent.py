"""Finished runs that can be read again for a while: bounded in number, age and memory."""

from collections import OrderedDict
from datetime import datetime, timedelta

from service.errors import RunNotKept
from service.runs.record import Run


class RecentRuns:
    """The last finished runs, the oldest given up first."""

    def __init__(self, *, kept_runs: int, kept_seconds: float, kept_bytes: int) -> None:
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._kept_runs = kept_runs
        self.kept_seconds = kept_seconds
        """How long finished runs are kept here."""
        self._kept_bytes = kept_bytes
        self._weight = 0

    def add(self, run: Run) -> None:
        """Keep a run; one that alone takes more than everything may take is not kept."""
        if run.weight > self._kept_bytes:
            return
        self.remove(run.id)
        self._runs[run.id] = run
        self._weight += run.weight
        if run.finished_at is not None:
            self._forget(run.finished_at)

    def remove(self, run_id: str) -> bool:
        """Forget a run; False when it is not here."""
        run = self._runs.pop(run_id, None)
        self._weight -= 0 if run is None else run.weight
        return run is not None

    def find(self, run_id: str, *, tenant: str, now: datetime) -> Run | None:
        """Return a run of a tenant, None when it is not here."""
        self._forget(now)
        run = self._runs.get(run_id)
        return run if run is not None and run.tenant == tenant else None

    def get(self, run_id: str, *, tenant: str, now: datetime) -> Run:
        """Return a run of a tenant.

        Raises:
            RunNotKept: it is unknown, or was given up.
        """
        run = self.find(run_id, tenant=tenant, now=now)
        if run is None:
            raise RunNotKept(self.kept_seconds)
        return run

    def _forget(self, now: datetime) -> None:
        too_old = now - timedelta(seconds=self.kept_seconds)
        while self._runs:
            oldest = next(iter(self._runs.values()))
            fits = len(self._runs) <= self._kept_runs and self._weight <= self._kept_bytes
            if fits and (oldest.finished_at is None or oldest.finished_at > too_old):
                return
            del self._runs[oldest.id]
            self._weight -= oldest.weight
