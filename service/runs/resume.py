"""Answering a run that waits: all answers of a request are judged before one of them counts."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.dispatch import HostFunction
from sandbox.errors import ValueRejected
from sandbox.external import digest_of_question, read_answer, rejection
from sandbox.journal import Journal
from sandbox.turns import Failure, Outcome
from sandbox.values import encode
from sandbox.weight import HEAVY_BYTES, weight_of
from service.errors import (
    AnswerTooLate,
    CallNotPending,
    Fault,
    NothingKept,
    OwnApproval,
    RunConflict,
    StorageFull,
    SubmissionRejected,
)
from service.rights import APPROVE, RUN, Caller
from service.runs.active import ActiveRun
from service.runs.answer import call_id, naming
from service.runs.awaiting import awaited, open_seconds
from service.runs.lookup import at_rest
from service.runs.order import Rules, pointer
from service.runs.reading import read_run
from service.runs.record import Run
from service.runs.recorder import RunTaken
from service.runs.revival import revive
from service.runs.running import Running
from service.runs.stored import Stored, known_functions, run_of_stored
from service.runs.taking_up import go_on

_TRIES = 100
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: a value, a failure, or a decision."""

    call_id: str
    output: Any = None
    error: Failure | None = None
    decision: Literal["approve", "reject"] | None = None
    digest: str | None = None
    """What was decided about, as it was shown."""
    read: dict[tuple[str, int], Outcome | ValueRejected] = field(default_factory=dict, compare=False, repr=False)
    """The output as the function takes it, by the function and its call: read once, however often it is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What an answer does: a call that is to be made, or an outcome."""

    number: int
    outcome: Outcome | None


async def resume(
    running: Running,
    rules: Rules,
    run_id: str,
    answers: Sequence[Answer],
    *,
    caller: Caller,
    wait_seconds: float | None,
) -> Run:
    """Answer calls of a run that waits, drive it on, and return it when it has ended or waits again.

    Raises:
        RunNotKept: there is no such run.
        CallNotPending: a call has another outcome, or there is no such call.
        AnswerTooLate: a call has expired.
        RunConflict: the run does not wait for anything.
        SubmissionRejected: an answer does not fit its call.
        ScopeMissing, OwnApproval: the caller may not decide.
        StorageFull: there is no room for the answers; the run waits on.
    """
    tenant = caller.tenant
    for _ in range(_TRIES):
        active = running.find(run_id, tenant=tenant)
        if active is None:
            stored = await _stored(running, run_id, tenant)
            _check_decisions(answers, caller, stored.submitted_with)
            if stored.row.status != "suspended":
                run = await _not_suspended(running, rules, stored, answers, wait_seconds)
                if run is not None:
                    return run
                continue
            active = running.adopt(await _revived(running, stored, answers, rules, caller))
        _check_decisions(answers, caller, active.submitted_with)
        try:
            await _has_asked(running, active)
            if await _read_heavy(answers, active.live.journal, active.order.functions):
                # That took its time: the run may be in other hands by now.
                continue
            async with active.lock:
                await _take(running, active, answers)
        except RunTaken:
            # Somebody else was quicker; what they did decides what becomes of these answers.
            running.let_go(active)
            continue
        return await awaited(running, rules, active, wait_seconds)
    message = "the run changes too quickly; send the answers again"
    raise RunConflict(message)


async def _has_asked(running: Running, active: ActiveRun) -> None:
    """Return once a run waits, or goes on without asking; on another build of the guest than its own it asks anew.

    Raises:
        RunTaken, StorageFull: as `taking_up.go_on`.
    """
    async with active.lock:
        if active.status == "suspended" and not active.live.journal.entries:
            await go_on(running, active)
    if active.status == "suspended" or active.live.journal.phase == "computing":
        await active.rest.wait()


def _check_decisions(answers: Sequence[Answer], caller: Caller, submitted_with: str | None) -> None:
    """Refuse answers and decisions of a key that is not for them, or that would agree to what it asked for itself."""
    if any(answer.decision is None for answer in answers):
        caller.require(RUN)
    if all(answer.decision is None for answer in answers):
        return
    caller.require(APPROVE)
    if submitted_with is not None and submitted_with == caller.key_id:
        raise OwnApproval


async def _take(running: Running, active: ActiveRun, answers: Sequence[Answer]) -> None:
    """Give a run its answers, and drive it on when it waits; it goes on already when others came before.

    Raises:
        RunTaken: it was let go while this waited for it.
    """
    if active.is_let_go:
        raise RunTaken(active.id)
    journal = active.live.journal
    judged = judge(answers, journal, active.order.functions, now=running.clock())
    if not judged:
        return
    if active.is_ended:
        message = f"the run is {active.status}, and waits for nothing"
        raise RunConflict(message)
    for one in judged:
        if one.outcome is None:
            active.live.approve(one.number)
        else:
            active.live.answer(one.outcome)
    if active.status == "suspended":
        await go_on(running, active)
    elif active.live.recorder is not None:
        # Where there is no room for them, the run is about to end for that.
        with contextlib.suppress(StorageFull):
            await active.live.recorder.write(journal)


def judge(
    answers: Sequence[Answer], journal: Journal, functions: Mapping[str, HostFunction], *, now: datetime
) -> list[_Judged]:
    """Return what the answers do that were not given before.

    Raises:
        CallNotPending, AnswerTooLate, SubmissionRejected: as `resume`.
    """
    stamp = round(now.timestamp() * 1e9)
    numbers = {call_id(made.call.number): made.call.number for made in journal.made()}
    seen: set[str] = set()
    found: list[_Judged] = []
    for index, answer in enumerate(answers):
        if answer.call_id in seen:
            raise SubmissionRejected([_fault(index, "call_id", "is answered twice in one request")])
        seen.add(answer.call_id)
        number = numbers.get(answer.call_id)
        if number is None:
            raise SubmissionRejected([_fault(index, "call_id", _no_call(journal))])
        judged = _judge_one(index, answer, number, journal, functions)
        opened = journal.announcement_of(number)
        match journal.state_of(number):
            case "announced" if opened is not None and opened.expires_at <= stamp:
                raise AnswerTooLate(answer.call_id)
            case "announced":
                found.append(judged)
            case "approved" | "sent" if opened is not None and judged.outcome is None:
                continue
            case _:
                is_late = opened is not None and opened.expires_at <= stamp
                _check_same(answer, judged, journal, is_late=is_late)
    return found


def _no_call(journal: Journal) -> str:
    waiting = naming(one.number for one in journal.announced())
    return f"is no call of this run; {f'those that wait: {waiting}' if waiting else 'none of it waits'}"


def _judge_one(
    index: int, answer: Answer, number: int, journal: Journal, functions: Mapping[str, HostFunction]
) -> _Judged:
    opened = journal.announcement_of(number)
    if opened is None:
        raise CallNotPending(answer.call_id, "is answered by the service, not by its caller")
    if opened.ask == "approval":
        return _judge_decision(index, answer, number, journal)
    if answer.decision is not None:
        raise SubmissionRejected([_fault(index, "decision", "is for approvals: send an output or an error")])
    if answer.error is not None:
        return _Judged(number=number, outcome=Outcome(number=number, failure=answer.error))
    function = functions.get(journal.made_call(number).call.function)
    if function is None:
        raise CallNotPending(answer.call_id, "is of a function that is not registered any more")
    try:
        return _Judged(number=number, outcome=_outcome_of(answer, function, number))
    except ValueRejected as error:
        raise SubmissionRejected([_fault(index, "output", str(error))]) from None


async def _read_heavy(answers: Sequence[Answer], journal: Journal, functions: Mapping[str, HostFunction]) -> bool:
    """Read outputs that are large where they hold nobody up; False when there is none that was not read before."""
    heavy = [one for one in answers if weight_of(one.output, enough=HEAVY_BYTES) >= HEAVY_BYTES]
    if not heavy:
        return False
    made = {call_id(one.call.number): one.call for one in journal.made()}
    has_read = False
    for answer in heavy:
        call = made.get(answer.call_id)
        function = None if call is None else functions.get(call.function)
        if call is None or function is None or (function.name, call.number) in answer.read:
            continue
        await asyncio.to_thread(_read, answer, function, call.number)
        has_read = True
    return has_read


def _read(answer: Answer, function: HostFunction, number: int) -> None:
    try:
        answer.read[function.name, number] = read_answer(function, number, answer.output)
    except ValueRejected as error:
        answer.read[function.name, number] = error


def _outcome_of(answer: Answer, function: HostFunction, number: int) -> Outcome:
    if (function.name, number) not in answer.read:
        _read(answer, function, number)
    found = answer.read[function.name, number]
    if isinstance(found, ValueRejected):
        raise found
    return found


def _judge_decision(index: int, answer: Answer, number: int, journal: Journal) -> _Judged:
    made = journal.made_call(number)
    if answer.decision is None:
        raise SubmissionRejected([_fault(index, "decision", 'is missing: "approve" or "reject"')])
    if answer.digest is None:
        raise SubmissionRejected([_fault(index, "digest", "is missing: send the one that pending_calls shows")])
    if answer.digest != digest_of_question(made):
        raise CallNotPending(answer.call_id, "is another call than the digest says: read the run again")
    outcome = None if answer.decision == "approve" else rejection(made.call.function, number)
    return _Judged(number=number, outcome=outcome)


def _check_same(answer: Answer, judged: _Judged, journal: Journal, *, is_late: bool) -> None:
    before = journal.outcome_of(judged.number)
    approved = judged.outcome is None and journal.was_sent(judged.number)
    if approved or (before is not None and judged.outcome is not None and _is_same(before, judged.outcome)):
        return
    if is_late:
        raise AnswerTooLate(answer.call_id)
    raise CallNotPending(answer.call_id, f"is {journal.state_of(judged.number)} already, with another outcome")


def _is_same(before: Outcome, now: Outcome) -> bool:
    """Compare what crossed: with `==`, True would be 1."""
    return before.failure == now.failure and encode(before.value) == encode(now.value)


async def _not_suspended(
    running: Running, rules: Rules, stored: Stored, answers: Sequence[Answer], wait_seconds: float | None
) -> Run | None:
    """Return a run that was given these very answers; None when others came first, and these may count soon."""
    if stored.row.status not in ("queued", "running"):
        return await _answered_before(stored, answers, rules, running)
    if await _is_new(stored, answers, rules, running):
        # They count as soon as the run is in hand here, or waits again.
        await asyncio.sleep(_PAUSE_SECONDS)
        return None
    seconds = open_seconds(wait_seconds)
    return await read_run(running, rules, stored.row.id, tenant=stored.row.tenant, wait_seconds=seconds)


async def _is_new(stored: Stored, answers: Sequence[Answer], rules: Rules, running: Running) -> bool:
    if stored.journal is None:
        return False
    functions = await _functions_for(answers, stored, stored.journal, rules)
    return bool(judge(answers, stored.journal, functions, now=running.clock()))


async def _functions_for(
    answers: Sequence[Answer], stored: Stored, journal: Journal, rules: Rules
) -> Mapping[str, HostFunction]:
    """Return the functions of a run, the answers to whose calls are read."""
    functions = await known_functions(stored, rules.registry)
    await _read_heavy(answers, journal, functions)
    return functions


async def _answered_before(stored: Stored, answers: Sequence[Answer], rules: Rules, running: Running) -> Run:
    """Return a run that does not wait, when it was given these very answers."""
    if stored.journal is None:
        message = f"the run is {stored.row.status}, and waits for nothing"
        raise RunConflict(message)
    functions = await _functions_for(answers, stored, stored.journal, rules)
    if stored.row.status == "expired":
        open_calls = {call_id(one.number) for one in stored.journal.announced()}
        late = next((one.call_id for one in answers if one.call_id in open_calls), None)
        if late is not None:
            raise AnswerTooLate(late)
    if judge(answers, stored.journal, functions, now=running.clock()):
        message = f"the run is {stored.row.status}, and waits for nothing"
        raise RunConflict(message)
    return await run_of_stored(stored, rules.registry)


async def _revived(
    running: Running, stored: Stored, answers: Sequence[Answer], rules: Rules, caller: Caller
) -> ActiveRun:
    """Return the run with an interpreter to come; answers that cannot count are refused before that."""
    if stored.journal is not None:
        functions = await _functions_for(answers, stored, stored.journal, rules)
        judge(answers, stored.journal, functions, now=running.clock())
    return await revive(running, stored, rules, caller.rights)


async def _stored(running: Running, run_id: str, tenant: str) -> Stored:
    if running.store is None:
        raise NothingKept
    found = await at_rest(running, run_id, tenant=tenant, goes_on=True)
    if isinstance(found, Run):
        message = f"the run is {found.status}, and waits for nothing"
        raise RunConflict(message)
    return found


def _fault(index: int, member: str, message: str) -> Fault:
    return Fault(pointer=pointer("results", index, member), message=message)
