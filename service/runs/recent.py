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
        self._kept_seconds = kept_seconds
        self._kept_bytes = kept_bytes
        self._weight = 0

    def add(self, run: Run) -> None:
        """Keep a run; one that alone takes more than everything may take is not kept."""
        if run.weight > self._kept_bytes:
            return
        self._runs[run.id] = run
        self._weight += run.weight
        self._forget(run.finished_at)

    def get(self, run_id: str, *, tenant: str, now: datetime) -> Run:
        """Return a run of a tenant.

        Raises:
            RunNotKept: it is unknown, or was given up.
        """
        self._forget(now)
        run = self._runs.get(run_id)
        if run is None or run.tenant != tenant:
            raise RunNotKept(self._kept_seconds)
        return run

    def _forget(self, now: datetime) -> None:
        too_old = now - timedelta(seconds=self._kept_seconds)
        while self._runs:
            oldest = next(iter(self._runs.values()))
            fits = len(self._runs) <= self._kept_runs and self._weight <= self._kept_bytes
            if fits and oldest.finished_at > too_old:
                return
            del self._runs[oldest.id]
            self._weight -= oldest.weight
