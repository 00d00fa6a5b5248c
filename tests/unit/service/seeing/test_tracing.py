"""`service.seeing.tracing`: spans of runs and calls, recorded by the real SDK."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sandbox.execute import Usage
from sandbox.turns import ErrorReport
from service.seeing.tracing import call_span, note_end, run_span, trace_headers, within

TRACE = "0af7651916cd43dd8448eb211c80319c"
USAGE = Usage(fuel=7, cpu_seconds=0.1, wall_seconds=0.2, memory_bytes=1, output_bytes=0, calls=1)
HEADERS = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "baggage": "secret=1"}


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    """What the operator's provider exports to; a process has one provider."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> InMemorySpanExporter:
    """The spans of one test."""
    exporter.clear()
    return exporter


def of_run(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {one.name: one for one in spans.get_finished_spans()}


def test_calls_are_within_their_run_and_that_is_within_the_callers_trace(spans: InMemorySpanExporter) -> None:
    """One trace from the agent's request to the API that a function asked."""
    with within(HEADERS), run_span(run_id="run_1", tenant="acme", template="totals") as span:
        with call_span("find", 1):
            sent = trace_headers()
        note_end(span, error=None, usage=USAGE)

    found = of_run(spans)
    run, call = found["isthmus.run"], found["isthmus.call find"]
    assert run.parent is not None
    assert call.parent is not None
    assert run.context is not None
    assert call.context is not None
    assert f"{run.context.trace_id:032x}" == TRACE
    assert call.parent.span_id == run.context.span_id
    assert dict(run.attributes or {}) == {
        "isthmus.run.id": "run_1", "isthmus.tenant": "acme", "isthmus.template": "totals",
        "isthmus.run.status": "completed", "isthmus.fuel": 7, "isthmus.calls": 1,
    }  # fmt: skip
    assert sent == {"traceparent": f"00-{TRACE}-{call.context.span_id:016x}-01"}
    assert trace_headers() == {}


def test_what_a_call_raises_is_told_by_its_type_alone(spans: InMemorySpanExporter) -> None:
    """Messages may hold values; those who read traces are not those who may see them."""
    with pytest.raises(ValueError, match="s3cr3t"), call_span("find", 2):
        raise ValueError("s3cr3t")

    span = of_run(spans)["isthmus.call find"]
    assert (span.status.status_code.name, span.status.description) == ("ERROR", "ValueError")
    assert not span.events
    assert "s3cr3t" not in span.to_json()


def test_a_run_that_failed_says_whose_fault_it_was(spans: InMemorySpanExporter) -> None:
    """The kind of its error is what one looks for."""
    with run_span(run_id="run_2", tenant="acme", template="t") as span:
        note_end(span, error=ErrorReport(kind="limit", type="LimitExceeded", message="s3cr3t"), usage=USAGE)

    (found,) = spans.get_finished_spans()
    assert (found.status.description, dict(found.attributes or {})["isthmus.error.kind"]) == ("limit", "limit")


def test_without_a_trace_a_request_begins_its_own(spans: InMemorySpanExporter) -> None:
    """Most callers trace nothing."""
    with within({}), run_span(run_id="run_3", tenant="acme", template="t"):
        pass

    (found,) = spans.get_finished_spans()
    assert found.parent is None
