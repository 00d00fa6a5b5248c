"""`service.runs.events`: the log that those who watch a run read from."""

import asyncio
from datetime import UTC, datetime

from service.runs.events import EventLog, EventName, RunEvent

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def numbers(events: list[RunEvent]) -> list[int]:
    return [one.id for one in events]


def test_a_reader_goes_on_where_it_was() -> None:
    """A number is all that a reader keeps; it may come back with it over another connection."""
    log = EventLog()
    names: tuple[EventName, ...] = ("run.queued", "run.started", "run.completed")
    for name in names:
        log.tell(name, NOW)

    assert [(one.id, one.name) for one in log.after(0)] == [
        (1, "run.queued"),
        (2, "run.started"),
        (3, "run.completed"),
    ]
    assert numbers(log.after(2)) == [3]
    assert numbers(log.after(3)) == numbers(log.after(99)) == []


def test_a_log_that_is_full_gives_up_its_oldest_events() -> None:
    """A program that prints for hours, watched by nobody, must not fill the memory; the newest event always stays."""
    log = EventLog(kept=1_000)

    for _ in range(10):
        log.tell("output.delta", NOW, {"text": "x" * 100})

    assert numbers(log.after(0)) == [8, 9, 10]
    assert log.weight == 900
    log.tell("output.delta", NOW, {"text": "x" * 5_000})
    assert numbers(log.after(0)) == [11]


def test_what_a_call_failed_with_counts() -> None:
    """A caller's error may have 10,000 characters, and a run may make 10,000 calls."""
    log = EventLog(kept=1_000)

    for _ in range(3):
        log.tell("call.failed", NOW, {"call_id": "call_1", "error": {"type": "Error", "message": "x" * 495}})

    assert (numbers(log.after(0)), log.weight) == ([3], 700)


def test_a_run_is_at_rest_when_its_last_event_says_so() -> None:
    """A stream ends there; a run that was resumed goes on behind its suspension."""
    log = EventLog()

    seen = [log.is_at_rest]
    names: tuple[EventName, ...] = ("run.suspended", "run.resumed", "run.cancelled")
    for name in names:
        log.tell(name, NOW)
        seen.append(log.is_at_rest)

    assert seen == [False, True, False, True]


async def test_those_who_wait_are_told_at_once() -> None:
    """Many watch one run; all of them hear of an event, and one that gives up leaves nothing behind."""
    log = EventLog()
    waiting = [asyncio.create_task(log.changed(0, seconds=60)) for _ in range(3)]
    given_up = asyncio.create_task(log.changed(0, seconds=60))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])

    log.tell("run.started", NOW)

    assert await asyncio.gather(*waiting) == [True, True, True]
    assert await log.changed(0, seconds=60)
    assert not await log.changed(1, seconds=0)


def test_what_no_store_has_is_known() -> None:
    """Events go into the store together with what they tell of, each once."""
    log = EventLog(last=4)
    log.tell("run.resumed", NOW)
    log.tell("run.failed", NOW)

    first = log.unwritten()
    log.note_written(first[:1])

    assert numbers(first) == [5, 6]
    assert numbers(log.unwritten()) == [6]


def test_an_event_comes_back_from_its_text() -> None:
    """As a store keeps it."""
    event = RunEvent(id=3, name="output.delta", at=NOW, content={"text": "hä\n"})

    assert RunEvent.of_text(3, "output.delta", event.text()) == event
