"""`service.seeing.metrics`: what Prometheus reads."""

from service.seeing.metrics import Metrics


def lines(metrics: Metrics, start: str) -> list[str]:
    """Return the samples whose name begins so, without those that say when a series was made."""
    return [one for one in metrics.text().decode().split("\n") if one.startswith(start) and "_created" not in one]


def test_runs_are_counted_by_tenant_status_and_kind() -> None:
    """Who fails, and whose fault that is, are the first questions of whoever operates a service."""
    metrics = Metrics()

    metrics.run_came_to_rest(tenant="acme", status="completed", kind=None)
    metrics.run_came_to_rest(tenant="acme", status="failed", kind="limit")
    metrics.run_came_to_rest(tenant="acme", status="failed", kind="limit")

    assert lines(metrics, "isthmus_runs_total") == [
        'isthmus_runs_total{kind="",status="completed",tenant="acme"} 1.0',
        'isthmus_runs_total{kind="limit",status="failed",tenant="acme"} 2.0',
    ]


def test_durations_stand_in_buckets() -> None:
    """Quantiles are made of these; the two times are reported apart."""
    metrics = Metrics()

    metrics.run_took(seconds=0.002, queued_seconds=0.0)
    metrics.run_took(seconds=7.0, queued_seconds=0.2)

    assert lines(metrics, "isthmus_run_seconds_count") == ["isthmus_run_seconds_count 2.0"]
    assert 'isthmus_run_seconds_bucket{le="0.0025"} 1.0' in lines(metrics, "isthmus_run_seconds_bucket")
    assert 'isthmus_run_seconds_bucket{le="10.0"} 2.0' in lines(metrics, "isthmus_run_seconds_bucket")
    assert lines(metrics, "isthmus_queued_seconds_sum") == ["isthmus_queued_seconds_sum 0.2"]


def test_names_that_callers_choose_make_no_series() -> None:
    """A caller who declares a function per request must not fill the memory of whoever collects the numbers."""
    metrics = Metrics(functions=["add"])

    for name in ("add", "ask_1", "ask_2"):
        metrics.call_ended(name, "value")
    metrics.call_ended("add", "error")

    assert lines(metrics, "isthmus_calls_total") == [
        'isthmus_calls_total{function="add",outcome="value"} 1.0',
        'isthmus_calls_total{function="(client)",outcome="value"} 2.0',
        'isthmus_calls_total{function="add",outcome="error"} 1.0',
    ]


def test_levels_are_read_when_they_are_asked_for() -> None:
    """A gauge that was set when something changed would be wrong as soon as one place forgot it."""
    running = [3.0]
    metrics = Metrics(levels=lambda: {"isthmus_running": running[0], "isthmus_worker_deaths": 2.0})

    assert lines(metrics, "isthmus_running") == ["isthmus_running 3.0"]
    running[0] = 5.0
    assert lines(metrics, "isthmus_running") == ["isthmus_running 5.0"]
    assert lines(metrics, "isthmus_worker_deaths") == ["isthmus_worker_deaths_total 2.0"]
