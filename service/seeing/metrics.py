"""Counters, durations and levels, as Prometheus collects them.

Labels have few values: statuses, kinds, tenants and the functions that are registered; nothing that a program names.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

CallOutcome = Literal["value", "error", "outcome_unknown", "abandoned"]
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# A run of `x * 2` takes 2 ms, the longest that the default ceiling allows 300 s.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
ELSEWHERE = "(client)"
"""Stands for the functions that callers declare: their names are the callers' own."""


class Metrics:
    """The numbers of one service; belongs to one event loop.

    Args:
        functions: the names that calls are counted under; others are counted as `ELSEWHERE`.
        levels: returns those of `LEVELS` and `TOTALS` by name, as they are now; called when the numbers are asked for.
    """

    def __init__(
        self,
        *,
        functions: Iterable[str] = (),
        levels: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        self._functions = frozenset(functions)
        self._registry = CollectorRegistry()
        self._runs = Counter(
            "isthmus_runs", "Runs that came to rest, by how", ["tenant", "status", "kind"], registry=self._registry
        )
        self._counted: dict[tuple[str, str, str | None], Counter] = {}
        self._run_seconds = Histogram(
            "isthmus_run_seconds", "From a run's start to its end", buckets=_SECONDS, registry=self._registry
        )
        self._queued_seconds = Histogram(
            "isthmus_queued_seconds", "How long runs waited for a place", buckets=_SECONDS, registry=self._registry
        )
        self._calls = Counter(
            "isthmus_calls",
            "Calls of functions, by what came of them",
            ["function", "outcome"],
            registry=self._registry,
        )
        self._registry.register(_Read(levels))

    def run_came_to_rest(self, *, tenant: str, status: str, kind: str | None) -> None:
        """Count a run that ended, or that suspended."""
        counted = self._counted.get((tenant, status, kind))
        if counted is None:
            counted = self._counted[tenant, status, kind] = self._runs.labels(tenant, status, kind or "")
        counted.inc()

    def run_took(self, *, seconds: float, queued_seconds: float) -> None:
        """Note how long a run that ended went on, and how long it waited before."""
        self._run_seconds.observe(seconds)
        self._queued_seconds.observe(queued_seconds)

    def call_ended(self, function: str, outcome: CallOutcome) -> None:
        """Count a call."""
        self._calls.labels(function if function in self._functions else ELSEWHERE, outcome).inc()

    def text(self) -> bytes:
        """Return all numbers as Prometheus reads them (text format 0.0.4)."""
        return generate_latest(self._registry)


LEVELS = {
    "isthmus_running": "Runs that have a place: they compute, or wait for functions of the service",
    "isthmus_queued": "Runs that wait for a place",
    "isthmus_isolates_computing": "Isolates whose guest computes",
    "isthmus_isolates_waiting": "Isolates whose guest waits for its host",
    "isthmus_isolates_ready": "Isolates made ahead of need, when each worker last took a program",
    "isthmus_workers": "Worker processes that live",
}
TOTALS = {"isthmus_worker_deaths": "Worker processes that ended though nobody had asked for it"}


class _Read(Collector):
    """What is read where it stands."""

    def __init__(self, read: Callable[[], Mapping[str, float]]) -> None:
        self._read = read

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """Return the numbers now."""
        for name, value in self._read().items():
            if name in TOTALS:
                yield CounterMetricFamily(name, TOTALS[name], value=value)
            else:
                yield GaugeMetricFamily(name, LEVELS[name], value=value)
