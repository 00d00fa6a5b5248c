"""Runs as the store has them, read back and shown."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.calls import CallRecord, Calls
from sandbox.dispatch import HostFunction
from sandbox.engine import CountingEngine
from sandbox.engines.table import CHOICES
from sandbox.errors import EngineUnavailable
from sandbox.external import pending_calls
from sandbox.journal import Journal
from sandbox.journal_text import read
from sandbox.limits import BOUNDS, Limits
from sandbox.weight import in_its_place
from service.errors import RunConflict
from service.functions.client import Undeclarable, host_function
from service.functions.registry import Registry
from service.runs.answer import first_calls, run_calls
from service.runs.answer import pending_calls as shown_pending
from service.runs.order import Rules
from service.runs.record import Run, RunCall
from service.runs.rows import durations_of, run_of
from service.runs.running import Running
from service.runs.states import is_final, read_status
from service.runs.submission import Submission, read_submission_text
from service.store.moves import Found, FoundEvents, finding
from service.store.rows import RunRow

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
    weight: int
    """How many characters its texts have."""

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
    weight = len(found.row.submission) + len(found.row.output or "") + sum(map(len, found.texts))
    return await in_its_place(weight, lambda: _read(found, weight))


async def run_of_stored(stored: Stored, registry: Registry) -> Run:
    """Return the run as callers see it."""
    functions = await known_functions(stored, registry)
    records = await _records(stored, functions)

    def show() -> Run:
        shown, weight = first_calls(records, int(stored.submission.limits["value_bytes"]))
        waiting = () if stored.journal is None else pending_calls(stored.journal, functions)
        calls, pending = _as_they_are(stored, shown), shown_pending(waiting)
        weight = stored.weight if pending else weight
        return run_of(stored.row, stored.submission, calls=calls, pending=pending, weight=weight)

    return await in_its_place(stored.weight, show)


async def calls_of(stored: Stored, registry: Registry) -> tuple[RunCall, ...]:
    """Return all calls of a run, in the program's order."""
    records = await _records(stored, await known_functions(stored, registry))
    return await in_its_place(stored.weight, lambda: _as_they_are(stored, run_calls(records)))


async def _records(stored: Stored, functions: Mapping[str, HostFunction]) -> tuple[CallRecord, ...]:
    if stored.journal is None:
        return ()
    calls = Calls(functions, 1, stored.journal, took=durations_of(stored.row.report))
    await calls.bind([made.call for made in stored.journal.made()])
    return calls.records()


def _as_they_are(stored: Stored, calls: tuple[RunCall, ...]) -> tuple[RunCall, ...]:
    if not is_final(read_status(stored.row.status)):
        return calls
    return tuple(
        dataclasses.replace(one, status="abandoned") if one.status in ("intended", "sent") else one for one in calls
    )


async def known_functions(stored: Stored, registry: Registry) -> dict[str, HostFunction]:
    """Return the functions of a run as far as there are any: a name may have gone since."""
    return await in_its_place(len(stored.row.submission), lambda: _known_functions(stored, registry))


def _known_functions(stored: Stored, registry: Registry) -> dict[str, HostFunction]:
    known = {name: registry[name] for name in stored.submission.functions if name in registry}
    for declared in stored.submission.client_functions:
        try:
            known[declared.name] = host_function(declared)
        except Undeclarable:
            continue
    return known


def engine_of(running: Running, stored: Stored) -> CountingEngine:
    """Return the engine of a run, which is that of its journal.

    Raises:
        RunConflict: it is not here any more.
    """
    try:
        return running.engines.named(stored.row.engine)
    except EngineUnavailable as error:
        raise RunConflict(f"the run cannot go on: {error}") from None


def stored_rules(rules: Rules) -> Rules:
    """Return the rules for what was accepted before: a ceiling that was lowered since does not reach it."""
    return dataclasses.replace(
        rules, ceiling=_HIGHEST, allow_open_policy=True, receivers=None, checks_engine=False, engines=CHOICES
    )


def _read(found: Found, weight: int) -> Stored:
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
        weight=weight,
    )
