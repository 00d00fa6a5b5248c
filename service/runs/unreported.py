"""How long a run went on in processes that died and so did not say: from its events, as far as they were stored."""

import json
from collections.abc import Sequence
from datetime import datetime

from service.store.rows import EventRow

_TAKEN_UP = ("run.started", "run.resumed")
_IN_LINE = "run.queued"


def unreported_seconds(events: Sequence[EventRow], *, attempt: int) -> float:
    """Return for how long an attempt went on: from each time that it was taken up to the last that was heard of it.

    Nothing counts between these, when no process had it, nor while it stood in line.

    Args:
        events: those of which no report tells, in order.
        attempt: at the run, counted from 1; what was told of earlier ones does not count.
    """
    seconds = 0.0
    began = last = None
    for event in events:
        content = json.loads(event.text)
        at = datetime.fromisoformat(content["at"])
        if event.name == _IN_LINE or content.get("attempt", attempt) != attempt:
            seconds += _between(began, last) if event.name == _IN_LINE else 0.0
            began = last = None
        elif began is None or event.name in _TAKEN_UP:
            seconds += _between(began, last)
            began = last = at
        else:
            last = at
    return seconds + _between(began, last)


def _between(began: datetime | None, last: datetime | None) -> float:
    # The clock of a machine may be set back.
    return 0.0 if began is None or last is None else max(0.0, (last - began).total_seconds())
