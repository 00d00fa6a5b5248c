"""A run of the store is taken up again: with a journal to be replayed, and what answers after its end."""

import dataclasses
import json

from sandbox.engine import version_for
from sandbox.entries import Ended, Header
from sandbox.execute import LiveRun, Usage
from sandbox.journal import Journal
from sandbox.patched import PatchedReplay
from service.errors import ImageChanged
from service.rights import Caller, Rights
from service.runs.active import ActiveRun
from service.runs.attempts import changed_outcome, retry_of, strategy_of
from service.runs.events import EventLog
from service.runs.lineage import ancestors_of
from service.runs.order import Order, Rules, order_of
from service.runs.recorder import StoreRecorder, texts_of
from service.runs.rows import durations_of, usage_of
from service.runs.running import Running
from service.runs.states import read_status
from service.runs.stored import Stored, engine_of, stored_rules
from service.runs.unreported import unreported_seconds
from service.runs.watched import Watched
from service.store.moves import FoundEvents
from service.store.rows import from_microseconds


async def revive(running: Running, stored: Stored, rules: Rules, rights: Rights) -> ActiveRun:
    """Return a run that can be driven on from its journal; it was loaded with `goes_on`.

    Raises:
        SubmissionRejected: a function that it may call is not there any more.
        MisuseError: a function is another one than it was.
        RunConflict: its engine is not here any more, or its guest image is another one.
    """
    row, submission = stored.row, stored.submission
    order = order_of(submission, stored_rules(rules))
    engine = engine_of(running, stored)
    order = await running.prepared(order, submission, tenant=row.tenant, engine=engine)
    created_at = from_microseconds(row.created_at)
    assert created_at is not None  # noqa: S101 - every row has it
    if stored.journal is not None and _is_to_be_begun_again(stored):
        stored = dataclasses.replace(stored, journal=None, earlier=(*stored.earlier, stored.journal), entry_count=0)
    version = version_for(engine, order.program)
    _check_image(order, stored)
    ancestors = [] if row.parent_id is None else await ancestors_of(running, stored)
    replay, journal = _replay(stored, ancestors, version=version), stored.journal
    if replay is not None and journal is not None and journal.header.engine_version != version:
        # Another build of the guest: the journal is written anew, answered from what this one holds.
        journal = None
    live = LiveRun(
        engine,
        order.start(row.seed),
        now=submission.now,
        since=None if submission.now is None else row.created_at * 1000,
        journal=journal,
        replay=replay,
        can_ask=True,
        root_id=row.root_id,
        used_seconds=_used_seconds(stored),
        took=durations_of(row.report) if _is_of_last_attempt(stored) else None,
    )
    watched = _watched_on(running, stored.events, live, attempt=len(stored.earlier) + 1)
    active = ActiveRun(
        id=row.id, tenant=row.tenant, root_id=row.root_id, parent_id=row.parent_id, lineage=stored.lineage,
        ancestors=ancestors,
        registry=rules.registry, caller=Caller(tenant=row.tenant, rights=rights, key_id=None, scopes=frozenset()),
        submitted_with=stored.submitted_with, allowance=running.room.allowance(row.tenant, rights),
        order=order, submission=submission, seed=row.seed, engine=engine, live=live, watched=watched,
        created_at=created_at,
        status=read_status(row.status), wake=row.wake, must_keep=True, is_kept=True,
        started_at=from_microseconds(row.started_at),
        queued_seconds=json.loads(row.report).get("queued_seconds", 0.0),
        earlier=[*stored.earlier], spent=_spent(stored),
    )  # fmt: skip
    assert running.store is not None  # noqa: S101 - it was read from there
    same = journal is not None and journal is live.journal
    written = stored.entry_count if same else None
    recorder = StoreRecorder(
        running.store,
        row.id,
        allowance=active.allowance,
        wake=row.wake,
        written=written,
        log=active.log,
        replaces=stored.journal is not None or bool(stored.earlier),
        before=await texts_of(stored.earlier),
    )
    live.attach(recorder)
    return active


def _check_image(order: Order, stored: Stored) -> None:
    """Check that the guest image that a run names has the packages which it had."""
    image, journal = stored.submission.image, stored.journal
    if image is None or journal is None:
        return
    header = Header.of(order.program, engine="", engine_version="", inputs={}, seed=0, now=0)
    if header.program_digest != journal.header.program_digest:
        raise ImageChanged(image)


def _watched_on(running: Running, events: FoundEvents | None, live: LiveRun, *, attempt: int) -> Watched:
    """Have the events of a run's attempt go on where they ended."""
    assert events is not None  # noqa: S101 - it was loaded to go on
    told = map(json.loads, events.printed)
    # A release that named no attempt went on with that of the last process.
    printed = sum(len(one["text"]) for one in told if one.get("attempt", attempt) == attempt)
    return running.watched(live, EventLog(last=events.last), attempt=attempt, told_output=printed)


def _is_to_be_begun_again(stored: Stored) -> bool:
    """Say whether its last attempt failed, and the next one had not begun; one that ended otherwise ends so again."""
    last = stored.journal.entries[-1:] if stored.journal is not None else []
    failed = any(isinstance(one, Ended) and one.how == "raised" for one in last)
    return failed and len(stored.earlier) < strategy_of(stored.submission).count


def _used_seconds(stored: Stored) -> float:
    """Return how long the last attempt had run, also in a process that died, as far as that is known."""
    reported = _reported_seconds(stored) if _is_of_last_attempt(stored) else 0.0
    events = stored.events
    if events is None:
        return reported
    since = unreported_seconds(events.unreported, attempt=len(stored.earlier) + 1)
    # What a run that has not waited yet was written down with is the beginning of what its events tell.
    return reported + since if events.has_waited else max(reported, since)


def _reported_seconds(stored: Stored) -> float:
    """Return how long the attempt of which the row tells had run when it was written."""
    used: float = usage_of(json.loads(stored.row.report).get("usage", {})).wall_seconds
    earlier = _spent(stored)
    return max(0.0, used - (0.0 if earlier is None else earlier.wall_seconds))


def _is_of_last_attempt(stored: Stored) -> bool:
    """Say whether the run's report is of its last attempt, and not of one before."""
    attempts: int = json.loads(stored.row.report).get("attempts", 1)
    return attempts == len(stored.earlier) + 1


def _spent(stored: Stored) -> Usage | None:
    """Return what the attempts before the last one used, as far as it is known."""
    spent = json.loads(stored.row.report).get("spent")
    return None if spent is None else usage_of(spent)


def _replay(stored: Stored, ancestors: list[Journal], *, version: str) -> PatchedReplay | None:
    """Return what answers after the journal's end: the runs that it took over, and its attempts."""
    journal = stored.journal
    if stored.earlier:
        return _replay_of_attempt(stored, ancestors, version=version)
    if journal is not None and journal.header.engine_version != version:
        return None if not ancestors else PatchedReplay(journal, earlier=ancestors, errors=True, strict=True)
    if not ancestors:
        return None
    changed = changed_outcome(stored.lineage)
    return PatchedReplay(
        ancestors[-1], earlier=ancestors[:-1], follow=journal is None, errors=changed is not None, changed=changed
    )


def _replay_of_attempt(stored: Stored, ancestors: list[Journal], *, version: str) -> PatchedReplay | None:
    """Return what answers after the journal's end, of a run that was begun again."""
    journal = stored.journal
    if journal is not None and journal.header.engine_version != version:
        return PatchedReplay(journal, earlier=[*ancestors, *stored.earlier], errors=True, strict=True)
    return retry_of(ancestors, stored.earlier, stored.lineage)
