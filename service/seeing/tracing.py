"""Spans of a trace, through OpenTelemetry: one while a run is driven, one for each call, within the caller's trace.

Only the interface of OpenTelemetry is used: without a provider, which the operator sets up as for any Python program,
nothing is recorded. Spans bear names and numbers; no source, no arguments, no values.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry import context, trace
from opentelemetry.trace import INVALID_SPAN, ProxyTracerProvider, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sandbox.execute import Usage
from sandbox.turns import ErrorReport

# W3C Trace Context. Baggage is left out: it would carry what a caller wrote to the hosts that functions ask.
_PROPAGATOR = TraceContextTextMapPropagator()
TRACE_HEADERS = ("traceparent", "tracestate")
_TRACER = trace.get_tracer("isthmus")
_UNRECORDED = nullcontext(INVALID_SPAN)


@contextmanager
def within(headers: Mapping[str, str]) -> Iterator[None]:
    """Make what is begun in the block part of the trace that the headers of a request name, if they name one."""
    if "traceparent" not in headers:
        yield
        return
    carrier = {name: headers[name] for name in TRACE_HEADERS if name in headers}
    token = context.attach(_PROPAGATOR.extract(carrier))
    try:
        yield
    finally:
        context.detach(token)


def trace_headers() -> dict[str, str]:
    """Return the headers by which another host's spans become part of the current trace; none outside of one."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier


def _is_recorded() -> bool:
    """Say whether there is a provider; without one, spans that nobody sees would cost every run and every call."""
    return not isinstance(trace.get_tracer_provider(), ProxyTracerProvider)


def run_span(*, run_id: str, tenant: str, template: str) -> AbstractContextManager[Span]:
    """Return a block that records that a run is driven, from here to its end or its suspension."""
    if not _is_recorded():
        return _UNRECORDED
    attributes = {"isthmus.run.id": run_id, "isthmus.tenant": tenant, "isthmus.template": template}
    return _TRACER.start_as_current_span("isthmus.run", kind=SpanKind.INTERNAL, attributes=attributes)


@contextmanager
def call_span(function: str, number: int) -> Iterator[None]:
    """Record a call of a function; what is raised marks the span, by its type alone."""
    if not _is_recorded():
        yield
        return
    attributes = {"isthmus.function": function, "isthmus.call.id": f"call_{number}"}
    with _TRACER.start_as_current_span(
        f"isthmus.call {function}",
        kind=SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def note_end(span: Span, *, error: ErrorReport | None, usage: Usage | None) -> None:
    """Write down how a drive ended; without `usage` the run was suspended."""
    status = "suspended" if usage is None else "completed" if error is None else "failed"
    span.set_attribute("isthmus.run.status", status)
    if usage is not None:
        span.set_attribute("isthmus.calls", usage.calls)
        if usage.fuel is not None:
            span.set_attribute("isthmus.fuel", usage.fuel)
    if error is not None:
        span.set_attribute("isthmus.error.kind", error.kind)
        span.set_status(Status(StatusCode.ERROR, error.kind))
