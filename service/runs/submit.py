"""Submitting a run: judged, begun, and answered when it has ended, waits, or goes on for longer than its request."""

import hashlib
from dataclasses import dataclass

from sandbox.engine import Engine
from sandbox.execute import LiveRun
from sandbox.patched import PatchedReplay
from sandbox.weight import in_its_place
from service.errors import IdempotencyKeyReused, NothingKept
from service.rights import Caller
from service.runs.active import ActiveRun
from service.runs.awaiting import awaited
from service.runs.events import EventLog
from service.runs.order import Order, Rules, order_of
from service.runs.record import Run, new_run_id, new_seed
from service.runs.recorder import StoreRecorder
from service.runs.rows import row_of
from service.runs.running import Running
from service.runs.stored import load, run_of_stored
from service.runs.submission import Submission
from service.store.idempotency import Claim
from service.store.moves import Full, claiming


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """An idempotency key, and the digest of the body that came with it."""

    key: str
    body_digest: str

    @staticmethod
    def of(key: str, body: bytes) -> "Once":
        """Return the key of a body."""
        return Once(key=key, body_digest="sha256:" + hashlib.sha256(body).hexdigest())


async def submit(running: Running, rules: Rules, submission: Submission, *, caller: Caller, once: Once | None) -> Run:
    """Run a program, and return it when it has ended or waits, or after its `wait_seconds`.

    Raises:
        SubmissionRejected, LimitBeyondCeiling, PolicyNotAllowed: it cannot be run as it was sent.
        Overloaded, TenantBusy, RateReached, StorageFull, Stopping: it cannot be run now.
        IdempotencyKeyReused: the key stands for another submission.
    """
    active = await _new_run(running, rules, submission, caller=caller)
    if once is not None:
        known = await _claim(running, rules, active, once)
        if known is not None:
            return known
    running.begin(active)
    return await awaited(running, rules, active, submission.wait_seconds)


async def begin_run(running: Running, rules: Rules, submission: Submission, *, caller: Caller) -> ActiveRun:
    """Begin a run and return it at once; raises as `submit`."""
    active = await _new_run(running, rules, submission, caller=caller)
    running.begin(active)
    return active


async def _new_run(running: Running, rules: Rules, submission: Submission, *, caller: Caller) -> ActiveRun:
    running.admission.check(caller)
    await running.room.check(caller)
    order = await in_its_place(submission.size_bytes, lambda: order_of(submission, rules))
    engine = await running.engines.chosen(order.engine, order.program, order.needs)
    order = await running.prepared(order, submission, tenant=caller.tenant, engine=engine)
    return new_run(running, rules, order, submission, caller=caller, engine=engine)


def new_run(
    running: Running,
    rules: Rules,
    order: Order,
    submission: Submission,
    *,
    caller: Caller,
    engine: Engine,
    replay: PatchedReplay | None = None,
    root_id: str | None = None,
) -> ActiveRun:
    """Return a run that has not begun."""
    created_at = running.clock()
    run_id = new_run_id(created_at)
    seed = new_seed() if submission.seed is None else submission.seed
    if running.store is None and (submission.durable or submission.client_functions or submission.webhook):
        raise NothingKept
    live = LiveRun(
        engine,
        order.start(seed),
        now=submission.now,
        replay=replay,
        can_ask=running.store is not None,
        root_id=root_id or run_id,
    )
    return ActiveRun(
        id=run_id,
        tenant=caller.tenant,
        root_id=root_id or run_id,
        registry=rules.registry,
        caller=caller,
        submitted_with=caller.key_id,
        allowance=running.room.allowance(caller.tenant, caller.rights),
        order=order,
        submission=submission,
        seed=seed,
        engine=engine,
        live=live,
        watched=running.watched(live, EventLog()),
        created_at=created_at,
        # Whoever is told of a run need not look at it, and so would not miss it.
        must_keep=submission.durable or submission.webhook is not None,
    )


async def _claim(running: Running, rules: Rules, active: ActiveRun, once: Once) -> Run | None:
    """Have the run kept under its key, or return the run that the key stands for."""
    if running.store is None:
        raise NothingKept
    active.must_keep = True
    row = row_of(active, await running.show(active))
    wanted = Claim(body_digest=once.body_digest, run_id=active.id)
    functions = [*active.order.functions]
    most = active.allowance.for_new()
    found = await running.store.write(claiming(row, functions=functions, key=once.key, wanted=wanted, most=most))
    if isinstance(found, Full):
        raise active.allowance.refusal_of_new(found.usage)
    if found == wanted:
        active.is_kept = True
        active.live.attach(
            StoreRecorder(
                running.store, active.id, allowance=active.allowance, wake=active.wake, written=None, log=active.log
            )
        )
        return None
    if found.body_digest != wanted.body_digest:
        raise IdempotencyKeyReused
    other = running.find(found.run_id, tenant=active.tenant)
    if other is not None:
        return await awaited(running, rules, other, active.submission.wait_seconds)
    stored = await load(running, found.run_id, tenant=active.tenant)
    if stored is None:
        raise IdempotencyKeyReused
    return await run_of_stored(stored, rules.registry)
