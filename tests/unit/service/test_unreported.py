"""How long a run went on in processes that died: by what was heard of it, and never by what was not."""

import json
from typing import Any

import pytest

from service.runs.unreported import unreported_seconds
from service.store.rows import EventRow


def told(name: str, second: float, **content: Any) -> tuple[str, str]:
    """An event at a second of a minute."""
    return name, json.dumps({"at": f"2026-01-31T12:00:{second:09.6f}+00:00", **content})


def seconds(*events: tuple[str, str], attempt: int = 1) -> float:
    """What is known of an attempt with these events."""
    rows = [EventRow(seq=seq, name=name, text=text) for seq, (name, text) in enumerate(events, 1)]
    return unreported_seconds(rows, attempt=attempt)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], 0.0),
        ([told("run.queued", 0), told("run.started", 5)], 0.0),
        ([told("run.queued", 0), told("run.started", 5), told("call.started", 5.5, attempt=1)], 0.5),
        (
            [
                told("run.started", 5), told("output.delta", 7, text="x", attempt=1),
                told("run.resumed", 30), told("call.started", 30.25, attempt=1),
            ],
            2.25,
        ),
        ([told("run.resumed", 30), told("call.completed", 31), told("run.queued", 50), told("run.resumed", 59)], 1.0),
        ([told("run.started", 30), told("call.started", 29, attempt=1)], 0.0),
    ],
    ids=["nothing", "only-begun", "begun", "died-twice", "stood-in-line", "clock-set-back"],
)  # fmt: skip
def test_a_run_is_known_to_have_gone_on_up_to_its_last_event(events: list[tuple[str, str]], expected: float) -> None:
    """While no process had it, it used nothing; and whoever guesses how long it lived on, guesses too much."""
    assert seconds(*events) == expected


def test_what_an_earlier_attempt_told_is_not_counted_again() -> None:
    """Its usage was written down when it ended."""
    events = [
        told("run.started", 0), told("call.started", 10, attempt=1), told("call.started", 20, attempt=2),
        told("call.completed", 23, attempt=2),
    ]  # fmt: skip

    assert seconds(*events, attempt=2) == 3.0
    assert seconds(*events, attempt=3) == 0.0
