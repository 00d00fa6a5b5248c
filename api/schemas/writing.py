"""How a run becomes JSON text: by hand, because every request waits for it."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json as text_of_json

from sandbox import values
from sandbox.engines.table import WITHOUT_FUEL
from sandbox.json_values import to_json
from sandbox.limits import BOUNDS
from sandbox.policy import NOTES
from sandbox.turns import ErrorReport
from sandbox.types import from_text
from service.runs.check import Check
from service.runs.record import PendingCall, Run, RunCall
from service.templates.kept import Template


def run_text(run: Run, *, bigint_as_text: bool = False) -> bytes:
    """Return a run as the body of an answer; `bigint_as_text` quotes integers that JavaScript would round."""
    tree = run_tree(run)
    if bigint_as_text:
        tree["output"] = to_json(tree["output"], bigint_as_text=True)
        for call in tree["calls"]:
            # Value by value: each may be nested as deeply as a value may be.
            call["output"] = to_json(call["output"], bigint_as_text=True)
            call["arguments"] = {name: to_json(one, bigint_as_text=True) for name, one in call["arguments"].items()}
    return json_text(tree)


def check_text(check: Check) -> bytes:
    """Return what is known of a program as the body of an answer."""
    return json_text(
        {
            "ok": check.ok,
            "diagnostics": [dataclasses.asdict(one) for one in check.diagnostics],
            "functions_used": [*check.functions_used],
            "json_schema": check.json_schema,
        }
    )


def template_tree(template: Template) -> dict[str, Any]:
    """Return a version of a template, whole."""
    types: dict[str, str] = template.document.get("input_types", {})
    schema = {
        "type": "object",
        "properties": {name: from_text(text).schema() for name, text in types.items()},
        "required": [*types],
        "additionalProperties": False,
    }
    return {**version_tree(template), "template": template.document, "json_schema": schema}


def version_tree(template: Template) -> dict[str, Any]:
    """Return a version of a template."""
    return {
        "name": template.name,
        "version": template.version,
        "is_current": template.is_current,
        "created_at": moment(datetime.fromtimestamp(template.created_at / 1_000_000, UTC)),
    }


def json_text(tree: Any) -> bytes:
    """Return strict JSON, four times as quickly as the standard library; what is not finite was refused before."""
    return text_of_json(tree, inf_nan_mode="null")


def run_tree(run: Run) -> dict[str, Any]:
    """Return a run as JSON shows it."""
    usage = run.usage
    return {
        "id": run.id,
        "status": run.status,
        "output": run.output,
        "error": None if run.error is None else _error(run.error),
        "stdout": run.stdout,
        "stdout_truncated": run.stdout_truncated,
        "attempts": run.attempts,
        "cached": run.cached,
        "pending_calls": [_pending(call) for call in run.pending],
        "calls": [call_tree(call) for call in run.calls],
        "notes": [{"code": one.code, "line": one.line, "message": NOTES[one.code]} for one in run.notes],
        "usage": {
            "fuel": usage.fuel,
            "cpu_ms": _milliseconds(usage.cpu_seconds),
            "wall_ms": _milliseconds(usage.wall_seconds),
            "queued_ms": _milliseconds(run.queued_seconds),
            "memory_bytes": usage.memory_bytes,
            "output_bytes": usage.output_bytes,
            "calls": usage.calls,
        },
        "limits": _limits(run),
        "engine": run.engine,
        "engine_version": run.engine_version,
        "template": {"name": run.template_name, "version": run.template_version, "docs": run.shown.docs},
        "links": [{"name": link.name, "url": link.url} for link in run.shown.links],
        "report": f"/runs/{run.id}/report" if run.shown.has_report else None,
        "policy": run.policy,
        "seed": run.seed,
        "created_at": moment(run.created_at),
        "started_at": None if run.started_at is None else moment(run.started_at),
        "finished_at": None if run.finished_at is None else moment(run.finished_at),
        "expires_at": None if run.expires_at is None else moment(run.expires_at),
        "metadata": run.metadata,
        "patch": run.patch,
    }


def _limits(run: Run) -> dict[str, Any]:
    held = {name: getattr(run.limits, name) for name in BOUNDS}
    return {**held, **values.BOUNDS, "fuel": None if run.engine in WITHOUT_FUEL else run.limits.fuel}


def _pending(call: PendingCall) -> dict[str, Any]:
    return {
        "call_id": call.call_id,
        "kind": call.kind,
        "function": call.function,
        "arguments": call.arguments,
        "digest": call.digest,
        "line": call.line,
        "expires_at": moment(call.expires_at),
        "on_timeout": call.on_timeout,
    }


def call_tree(call: RunCall) -> dict[str, Any]:
    """Return a call as JSON."""
    failure = call.error
    return {
        "call_id": call.call_id,
        "function": call.function,
        "arguments": call.arguments,
        "status": call.status,
        "output": call.output,
        "error": None if failure is None else {"type": failure.type, "message": failure.message},
        "line": call.line,
        "attempts": call.attempts,
        "duration_ms": _milliseconds(call.duration_seconds),
    }


def preview_tree(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a patch would do as JSON."""
    error: ErrorReport | None = seen["error"]
    return {**seen, "error": None if error is None else _error(error)}


def _error(error: ErrorReport) -> dict[str, Any]:
    tree = {
        "kind": error.kind,
        "type": error.type,
        "message": error.message,
        "traceback": [
            {"line": frame.line, "column": frame.column, "function": frame.function, "source": frame.source}
            for frame in error.traceback
        ],
        "hint": error.hint,
        "violations": [dataclasses.asdict(one) for one in error.violations],
    }
    return tree if error.divergence is None else tree | {"divergence": dataclasses.asdict(error.divergence)}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)


def moment(when: datetime) -> str:
    """Return a time as JSON shows it."""
    in_utc = when if when.tzinfo is UTC else when.astimezone(UTC)
    return in_utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
