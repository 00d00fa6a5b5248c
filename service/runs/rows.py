"""A run as the rows of a store, and back: its small parts as one JSON text, its calls in its journal alone."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from sandbox.divergence import Divergence, Side
from sandbox.engines.table import WITHOUT_FUEL
from sandbox.execute import NOTHING_USED, Usage
from sandbox.limits import Limits
from sandbox.turns import ErrorReport, Frame, Note, Violation
from service.runs.active import ActiveRun
from service.runs.presentation import Presentation, filled_links
from service.runs.record import PendingCall, Run, RunCall
from service.runs.states import read_status
from service.runs.submission import Submission, write_submission
from service.store.rows import RunRow, from_microseconds, microseconds

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode


def row_of(active: ActiveRun, run: Run) -> RunRow:
    """Return the row of a run as it is now."""
    limits = active.order.limits.as_dict()
    if active.engine.name in WITHOUT_FUEL:
        # It was not asked for, and whoever takes the run over does not ask for it either.
        del limits["fuel"]
    submission = dataclasses.replace(active.submission, limits=limits, seed=active.seed)
    return RunRow(
        id=run.id,
        tenant=run.tenant,
        status=run.status,
        wake=active.wake,
        parent_id=active.parent_id,
        root_id=active.root_id,
        template_name=run.template_name,
        template_version=run.template_version,
        program_digest=active.live.journal.header.program_digest,
        engine=run.engine,
        engine_version=run.engine_version,
        seed=run.seed,
        created_at=microseconds(run.created_at),
        submission=write_submission(submission),
        **columns_of(active, run),
    )


def columns_of(active: ActiveRun, run: Run) -> dict[str, Any]:
    """Return the columns that change while a run goes on, but for its status."""
    due = None if active.suspended is None or active.is_ended else active.suspended.wake_at
    return {
        "started_at": None if run.started_at is None else microseconds(run.started_at),
        "finished_at": None if run.finished_at is None else microseconds(run.finished_at),
        "expires_at": None if run.expires_at is None else microseconds(run.expires_at),
        "due_at": None if due is None else due // 1000,
        "report": report_text(active, run),
        "output": _encode(run.output) if run.status == "completed" else None,
        "stdout": run.stdout,
        **webhook_columns(active.submission, rests=active.is_ended or active.status == "suspended"),
    }


def webhook_columns(submission: Submission, *, rests: bool) -> dict[str, Any]:
    """Return the columns that say whether somebody has to be told of a run as it is now: at once, then."""
    return {"webhook_due": 0 if rests and submission.webhook is not None else None, "webhook_attempts": 0}


def report_text(active: ActiveRun, run: Run) -> str:
    """Return the small parts of a run; what a reader would take for granted is left out."""
    tree = {
        "error": None if run.error is None else dataclasses.asdict(run.error),
        "usage": _known(run.usage),
        "queued_seconds": run.queued_seconds,
        "notes": [[one.code, one.line] for one in run.notes],
        "policy": run.policy,
        "truncated": run.stdout_truncated,
        "patch": run.patch,
        "lineage": active.lineage,
        "cached": run.cached,
        "attempts": run.attempts if run.attempts > 1 else 0,
        "spent": None if active.spent is None else _known(active.spent),
        "key": active.submitted_with,
        "page": run.shown.has_report,
        "took": _took(active.live.durations()),
    }
    return _encode({name: value for name, value in tree.items() if value})


def usage_of(tree: dict[str, Any]) -> Usage:
    """Return what a report says was used."""
    return dataclasses.replace(NOTHING_USED, **tree)


def run_of(
    row: RunRow, submission: Submission, *, calls: tuple[RunCall, ...], pending: tuple[PendingCall, ...], weight: int
) -> Run:
    """Return the run of a row; its calls, their weight and what it waits for come from its journal."""
    tree = json.loads(row.report)
    created_at = from_microseconds(row.created_at)
    assert created_at is not None  # noqa: S101 - every row has it
    return Run(
        id=row.id,
        status=read_status(row.status),
        output=None if row.output is None else json.loads(row.output),
        error=_error(tree.get("error")),
        stdout=row.stdout,
        stdout_truncated=bool(tree.get("truncated")),
        calls=calls,
        usage=usage_of(tree.get("usage", {})),
        cached=bool(tree.get("cached")),
        attempts=tree.get("attempts", 1),
        shown=Presentation(
            links=filled_links(submission, row.id), docs=submission.docs, report_is_stored=bool(tree.get("page"))
        ),
        queued_seconds=tree.get("queued_seconds", 0.0),
        limits=Limits(**dict[str, Any](submission.limits)),
        engine=row.engine,
        engine_version=row.engine_version,
        template_name=row.template_name,
        template_version=row.template_version,
        notes=tuple(Note(code=code, line=line) for code, line in tree.get("notes", [])),
        policy=tree.get("policy", "guarded"),
        seed=row.seed,
        created_at=created_at,
        started_at=from_microseconds(row.started_at),
        finished_at=from_microseconds(row.finished_at),
        metadata=submission.metadata,
        weight=weight + len(row.report) + len(row.submission) + len(row.stdout) + len(row.output or ""),
        tenant=row.tenant,
        root_id=row.root_id,
        pending=pending if row.status == "suspended" else (),
        expires_at=from_microseconds(row.expires_at),
        patch=tree.get("patch"),
    )


def _known(usage: Usage) -> dict[str, Any]:
    """Return what was used; None stays, for an engine that does not count is not one that counts nothing."""
    return {name: value for name, value in dataclasses.asdict(usage).items() if value or value is None}


def durations_of(report: str) -> dict[int, float]:
    """Return how long the calls of a run took, in seconds, by number: its journal does not have that."""
    return {number: took / 1e6 for number, took in enumerate(json.loads(report).get("took", []), 1)}


def _took(durations: Mapping[int, float]) -> list[int]:
    """Return durations as a report has them: microseconds, in the order of the calls' numbers."""
    return [round(durations.get(number, 0.0) * 1e6) for number in range(1, max(durations, default=0) + 1)]


def _error(tree: dict[str, Any] | None) -> ErrorReport | None:
    if tree is None:
        return None
    parts = {
        "traceback": tuple(Frame(**one) for one in tree["traceback"]),
        "violations": tuple(Violation(**one) for one in tree["violations"]),
        "divergence": _divergence(tree.get("divergence")),
    }
    return ErrorReport(**{**tree, **parts})


def _divergence(tree: dict[str, Any] | None) -> Divergence | None:
    if tree is None:
        return None
    return Divergence(turn=tree["turn"], recorded=Side(**tree["recorded"]), observed=Side(**tree["observed"]))
