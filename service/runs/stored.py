"""Runs as the store has them, read back: to be shown, or to go on."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.calls import Calls
from sandbox.dispatch import HostFunction
from sandbox.engine import CountingEngine
from sandbox.engines.table import CHOICES
from sandbox.errors import EngineUnavailable
from sandbox.execute import LiveRun
from sandbox.external import pending_calls
from sandbox.journal import Journal
from sandbox.journal_text import read
from sandbox.limits import BOUNDS, Limits
from sandbox.patched import PatchedReplay
from sandbox.start import Start
from sandbox.turns import Outcome
from sandbox.values import decode
from sandbox.weight import in_its_place
from service.errors import RunConflict
from service.functions.client import Undeclarable, host_function
from service.functions.registry import Registry
from service.rights import Caller, Rights
from service.runs.active import ActiveRun
from service.runs.answer import MAX_CALLS, run_calls
from service.runs.answer import pending_calls as shown_pending
from service.runs.checks import Order, Rules, order_of
from service.runs.events import EventLog
from service.runs.record import Run, RunCall
from service.runs.recorder import StoreRecorder, texts_of
from service.runs.rows import run_of
from service.runs.running import Running
from service.runs.states import is_final, read_status
from service.runs.submission import Submission, read_submission_text
from service.runs.watched import Watched
from service.store.moves import Found, FoundEvents, finding
from service.store.rows import RunRow, from_microseconds

# More patches than anybody makes of one run; a longer line is a mistake of ours.
_MAX_LINE = 1_000
_HEAD = '{"entry":"header"'
_HIGHEST = Limits(**{name: type(getattr(Limits(), name))(bounds[1]) for name, bounds in BOUNDS.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A run that was read back."""

    row: RunRow
    submission: Submission
    journal: Journal | None
    """None when it had not begun."""
    entry_count: int
    """How many entries of the journal the store has."""
    earlier: tuple[Journal, ...] = ()
    """The journals of attempts before it."""
    events: FoundEvents | None = None
    """Where its events end, of one that was loaded to go on."""

    @property
    def lineage(self) -> Mapping[str, Any] | None:
        """How it took over its parent's journal."""
        found: Mapping[str, Any] | None = json.loads(self.row.report).get("lineage")
        return found

    @property
    def submitted_with(self) -> str | None:
        """The public part of the key that submitted it."""
        found: str | None = json.loads(self.row.report).get("key")
        return found


async def load(running: Running, run_id: str, *, tenant: str | None, goes_on: bool = False) -> Stored | None:
    """Return a run of the store, one that `goes_on` as `revive` needs it; None when there is none of this tenant's."""
    if running.store is None:
        return None
    found = await running.store.read(finding(run_id, tenant=tenant, goes_on=goes_on))
    if found is None:
        return None
    weight = len(found.row.submission) + sum(map(len, found.texts))
    return await in_its_place(weight, lambda: _read(found))


async def run_of_stored(stored: Stored, registry: Registry) -> Run:
    """Return the run as callers see it."""
    calls = await calls_of(stored, registry)
    waiting = () if stored.journal is None else pending_calls(stored.journal, known_functions(stored, registry))
    return run_of(stored.row, calls=calls[:MAX_CALLS], pending=shown_pending(waiting))


async def calls_of(stored: Stored, registry: Registry) -> tuple[RunCall, ...]:
    """Return all calls of a run, in the program's order."""
    if stored.journal is None:
        return ()
    calls = Calls(known_functions(stored, registry), 1, stored.journal)
    await calls.bind([made.call for made in stored.journal.made()])
    shown = run_calls(calls.records())
    if not is_final(read_status(stored.row.status)):
        return shown
    return tuple(
        dataclasses.replace(one, status="abandoned") if one.status in ("intended", "sent") else one for one in shown
    )


def known_functions(stored: Stored, registry: Registry) -> dict[str, HostFunction]:
    """Return the functions of a run as far as there are any: a name may have gone since."""
    known = {name: registry[name] for name in stored.submission.functions if name in registry}
    for declared in stored.submission.client_functions:
        try:
            known[declared.name] = host_function(declared)
        except Undeclarable:
            continue
    return known


async def revive(running: Running, stored: Stored, rules: Rules, rights: Rights) -> ActiveRun:
    """Return a run that can be driven on from its journal; it was loaded with `goes_on`.

    Raises:
        SubmissionRejected: a function that it may call is not there any more.
        MisuseError: a function is another one than it was.
        RunConflict: its engine is not here any more.
    """
    row, submission = stored.row, stored.submission
    order = order_of(submission, stored_rules(rules))
    engine = engine_of(running, stored)
    order = await running.prepared(order, submission, tenant=row.tenant, engine=engine)
    created_at = from_microseconds(row.created_at)
    assert created_at is not None  # noqa: S101 - every row has it
    if submission.retries and stored.journal is not None and stored.journal.phase == "ended":
        # An attempt failed, and the next one had not begun.
        stored = dataclasses.replace(stored, journal=None, earlier=(*stored.earlier, stored.journal), entry_count=0)
    replay, journal = await _replay(running, stored, version=engine.version), stored.journal
    if replay is not None and journal is not None and journal.header.engine_version != engine.version:
        # Another build of the guest: the journal is written anew, answered from what this one holds.
        journal = None
    live = LiveRun(
        engine,
        start_of(order, row.seed),
        now=submission.now,
        since=None if submission.now is None else row.created_at * 1000,
        journal=journal,
        replay=replay,
        can_ask=True,
        root_id=row.root_id,
        used_seconds=json.loads(row.report).get("usage", {}).get("wall_seconds", 0.0),
    )
    watched = _watched_on(running, stored.events, live)
    active = ActiveRun(
        id=row.id, tenant=row.tenant, root_id=row.root_id, parent_id=row.parent_id, lineage=stored.lineage,
        registry=rules.registry, caller=Caller(tenant=row.tenant, rights=rights, key_id=None, scopes=frozenset()),
        submitted_with=stored.submitted_with, allowance=running.room.allowance(row.tenant, rights),
        order=order, submission=submission, seed=row.seed, engine=engine, live=live, watched=watched,
        created_at=created_at,
        status=read_status(row.status), wake=row.wake, must_keep=True, is_kept=True,
        started_at=from_microseconds(row.started_at),
        queued_seconds=json.loads(row.report).get("queued_seconds", 0.0), earlier=[*stored.earlier],
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
        before=texts_of(stored.earlier),
    )
    live.attach(recorder)
    return active


def engine_of(running: Running, stored: Stored) -> CountingEngine:
    """Return the engine of a run, which is that of its journal.

    Raises:
        RunConflict: it is not here any more.
    """
    try:
        return running.engines.named(stored.row.engine)
    except EngineUnavailable as error:
        raise RunConflict(f"the run cannot go on: {error}") from None


def _watched_on(running: Running, events: FoundEvents | None, live: LiveRun) -> Watched:
    """Have a run's events go on where they ended."""
    assert events is not None  # noqa: S101 - it was loaded to go on
    printed = sum(len(json.loads(text)["text"]) for text in events.printed)
    return running.watched(live, EventLog(last=events.last), told_output=printed)


def start_of(order: Order, seed: int) -> Start:
    """Return what an execution starts with."""
    return Start(program=order.program, inputs=order.inputs, functions=order.functions, limits=order.limits, seed=seed)


def stored_rules(rules: Rules) -> Rules:
    """Return the rules for what was accepted before: a ceiling that was lowered since does not reach it."""
    return dataclasses.replace(
        rules, ceiling=_HIGHEST, allow_open_policy=True, receivers=None, checks_engine=False, engines=CHOICES
    )


async def line_of(running: Running, stored: Stored) -> list[Journal]:
    """Return the journals of the runs from which this one descends, the first one first."""
    journals: list[Journal] = []
    parent = stored.row.parent_id
    while parent is not None and len(journals) < _MAX_LINE:
        found = await load(running, parent, tenant=stored.row.tenant)
        if found is None:
            break
        if found.journal is not None:
            journals += [found.journal, *reversed(found.earlier)]
        parent = found.row.parent_id
    return journals[::-1]


def changed_outcome(lineage: Mapping[str, Any] | None) -> Outcome | None:
    """Return what a fork tells a call of its parent, None when the run is no fork."""
    if lineage is None or "call" not in lineage:
        return None
    return Outcome(number=lineage["call"], value=decode(lineage["value"]))


async def _replay(running: Running, stored: Stored, *, version: str) -> PatchedReplay | None:
    """Return what answers after the journal's end, of a run that took over another one."""
    earlier = [] if stored.row.parent_id is None else await line_of(running, stored)
    journal = stored.journal
    if stored.earlier:
        return _replay_of_attempt(stored, [*earlier, *stored.earlier], version=version)
    if journal is not None and journal.header.engine_version != version:
        return None if not earlier else PatchedReplay(journal, earlier=earlier, errors=True, strict=True)
    if not earlier:
        return None
    changed = changed_outcome(stored.lineage)
    return PatchedReplay(
        earlier[-1], earlier=earlier[:-1], follow=journal is None, errors=changed is not None, changed=changed
    )


def _replay_of_attempt(stored: Stored, earlier: list[Journal], *, version: str) -> PatchedReplay | None:
    """Return what answers after the journal's end, of a run that was begun again."""
    journal = stored.journal
    if journal is not None and journal.header.engine_version != version:
        return PatchedReplay(journal, earlier=earlier, errors=True, strict=True)
    return PatchedReplay.retry(earlier)


def _read(found: Found) -> Stored:
    row, texts = found.row, found.texts
    # The journals of attempts follow each other, each from its header on.
    heads = [at for at, text in enumerate(texts) if text.startswith(_HEAD)]
    parts = [texts[start:end] for start, end in zip(heads, [*heads[1:], len(texts)], strict=False)]
    journals = [read("".join(part)) for part in parts]
    return Stored(
        row=row,
        submission=read_submission_text(row.submission),
        journal=journals[-1] if journals else None,
        entry_count=len(parts[-1]) - 1 if parts else 0,
        earlier=tuple(journals[:-1]),
        events=found.events,
    )
