"""A run that this process drives, or holds for a moment after it was suspended, and the record of it at any time."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.engine import Engine
from sandbox.execute import Finished, LiveRun, Usage
from sandbox.external import Suspended
from sandbox.journal import Journal
from sandbox.patched import PatchReport, ReplayedCall
from sandbox.turns import ErrorReport
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of
from service.errors import StorageFull
from service.functions.registry import Registry
from service.rights import Caller
from service.runs.answer import answer_of, call_id, moment, pending_calls, weight_of_finished
from service.runs.events import EventLog
from service.runs.hints import with_hint
from service.runs.order import Order
from service.runs.presentation import presentation_of
from service.runs.record import Run
from service.runs.recorder import StoreRecorder
from service.runs.room import Allowance
from service.runs.states import Status, is_final
from service.runs.submission import Submission
from service.runs.watched import Watched


@dataclass(slots=True, kw_only=True, eq=False)
class ActiveRun:
    """One run, its program and where it is."""

    id: str
    tenant: str
    root_id: str
    parent_id: str | None = None
    lineage: Mapping[str, Any] | None = None
    """How it took over its parent's journal, None when it did not."""
    ancestors: Sequence[Journal] = ()
    """The journals of the runs from which it took over, its parent's last."""
    registry: Registry
    """The functions of its tenant."""
    caller: Caller
    """With whose rights it is driven."""
    submitted_with: str | None = None
    """The public part of the key that submitted it."""
    allowance: Allowance
    """What its tenant may have kept."""
    order: Order
    submission: Submission
    seed: int
    engine: Engine
    """That of its journal."""
    live: LiveRun
    watched: Watched
    created_at: datetime
    earlier: list[Journal] = field(default_factory=list)
    """The journals of its earlier attempts."""
    spent: Usage | None = None
    """What these used together."""
    status: Status = "queued"
    wake: int = 0
    """As the store has it: counts suspensions and resumptions."""
    must_keep: bool = False
    """Whether it is kept however it ends."""
    is_kept: bool = False
    """Whether the store has it."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    queued_seconds: float = 0.0
    suspended: Suspended | None = None
    task: asyncio.Task[None] | None = None
    rest: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing is done for it: it has ended, or waits for somebody outside."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever changes what it waits for."""
    refusal: Exception | None = None
    """Why it was never begun."""
    ended_as: Status | None = None
    """How somebody else wants it to end: as cancelled."""
    no_room: StorageFull | None = None
    """Why it is ended that was to be kept."""
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while its state is being written down."""
    is_taken_up: bool = False
    """Whether it is about to be driven by somebody new, whom no earlier driver may follow."""
    is_let_go: bool = False
    """Whether this process has nothing to do with it any more: what it has become stands in the store."""
    is_ending: bool = False
    """Whether how it ended is being written down."""
    entries_kept: int | None = None
    """Of its journal, when the service stops: what follows is only that it stopped."""
    run: Run | None = None
    """The record of how it ended."""

    @property
    def log(self) -> EventLog:
        """Its events."""
        return self.watched.log

    @property
    def written(self) -> int:
        """How many entries of its journal the store has."""
        recorder = self.live.recorder
        return recorder.written if isinstance(recorder, StoreRecorder) else 0

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return is_final(self.status)

    async def until_written(self) -> None:
        """Return once nobody who came before is writing its state down."""
        async with self.writing:
            pass

    async def record(self, finished: Finished, *, status: Status) -> Run:
        """Return the record of the run with this status."""
        finished = dataclasses.replace(finished, usage=finished.usage.after(self.spent))
        error = self._error(finished.error)
        has_value = status in ("completed", "failed")
        weight = weight_of_finished(finished, enough=HEAVY_BYTES)
        answer = await in_its_place(weight, lambda: answer_of(finished, self.order, has_value=has_value))
        version = self.live.journal.header.engine_version
        told = f"{self.engine.name} {version}, seed {self.seed}"
        shown = await presentation_of(
            self.submission if is_final(status) else dataclasses.replace(self.submission, report=False),
            self.order,
            finished,
            run_id=self.id,
            engine=told,
            error=error or answer.error,
            notes=answer.notes,
        )
        pending = () if self.suspended is None or is_final(status) else self.suspended.pending
        weight = weight_of([one.arguments for one in pending], enough=HEAVY_BYTES)
        shown_pending = await in_its_place(weight, lambda: pending_calls(pending))
        return Run(
            id=self.id,
            status="failed" if status == "completed" and answer.error is not None else status,
            output=answer.output,
            error=error or answer.error,
            stdout=finished.output,
            stdout_truncated=finished.output_truncated,
            calls=answer.calls,
            usage=finished.usage,
            cached=finished.cached,
            queued_seconds=self.queued_seconds,
            limits=self.order.limits,
            engine=self.engine.name,
            engine_version=version,
            template_name=self.submission.name,
            template_version=self.order.template_version,
            notes=answer.notes,
            policy=self.order.policy,
            seed=self.seed if finished.seed is None else finished.seed,
            created_at=self.created_at,
            started_at=self.started_at,
            finished_at=self.finished_at,
            metadata=self.submission.metadata,
            shown=shown,
            log=self.log,
            weight=self.log.weight
            + weight
            + answer.weight
            + weight_of([self.submission.name, self.submission.metadata])
            + shown.weight(),
            tenant=self.tenant,
            root_id=self.root_id,
            pending=shown_pending,
            expires_at=moment(min(one.expires_at for one in pending)) if pending else None,
            patch=self._patch(finished.report),
            sent_calls=bool(self.earlier) or any(one.attempts for one in finished.calls),
            attempts=len(self.earlier) + 1,
        )

    def _error(self, error: ErrorReport | None) -> ErrorReport | None:
        if error is None:
            return None
        restored = self.order.source.restore(error)
        return with_hint(restored, registered=self.registry, allowed=self.order.functions, images=self.order.images)

    def _patch(self, report: PatchReport | None) -> dict[str, Any] | None:
        if self.parent_id is None:
            return None
        shown = {} if report is None else patch_report(report)
        return {"run_id": self.parent_id, **shown}


def patch_report(report: PatchReport) -> dict[str, Any]:
    """Return a report as JSON."""
    names = ("reused", "again", "unknown", "new", "dropped")
    return {name: [_replayed(one) for one in getattr(report, name)] for name in names}


def _replayed(one: ReplayedCall) -> dict[str, Any]:
    return {
        "function": one.key.function,
        "line": one.line or None,
        "call_id": None if one.number is None else call_id(one.number),
        "recorded_call_id": None if one.recorded is None else call_id(one.recorded),
    }
