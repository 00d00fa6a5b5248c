"""What a run used, when the service was killed in the middle of it."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import httpx

from tests.acceptance.serving import serving, until


def test_what_is_known_of_a_process_that_died_is_part_of_the_wall_time(tmp_path: Path) -> None:
    """It ran and waited for functions there; else each death would give a run its whole wall time again."""
    database, gate = tmp_path / "runs.db", tmp_path / "gate"
    source = f"wait(1)\nhold({str(gate)!r})"
    body = {"source": source, "functions": ["wait", "hold"], "durable": True, "wait_seconds": 0}
    with serving(tmp_path / "log1", ISTHMUS_DATABASE=str(database)) as first:
        run = httpx.post(f"{first.url}/orchestrate", json=body, timeout=60).json()
        until(lambda: len(_named(database, "call.started")) == 2)
        first.process.kill()
    gate.touch()

    with serving(tmp_path / "log2", ISTHMUS_DATABASE=str(database)) as second:
        address = f"{second.url}/runs/{run['id']}"
        until(lambda: bool(httpx.get(address).json()["status"] == "failed"))
        ended = httpx.get(address).json()

    # A call that writes, and that nobody knows the outcome of.
    assert (ended["error"]["type"], ended["usage"]["calls"]) == ("OutcomeUnknown", 2)
    (started,), (resumed,) = _named(database, "run.started"), _named(database, "run.resumed")
    known = _named(database, "call.started")[1] - started
    assert ended["usage"]["wall_ms"] >= known.total_seconds() * 1000 > 1000
    # While nobody had the run, nothing was used.
    (last,) = _named(database, "call.failed")
    assert ended["usage"]["wall_ms"] < (last - started).total_seconds() * 1000
    assert resumed < last


def _named(database: Path, name: str) -> list[datetime]:
    """Return when the events of a name took place."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT text FROM events WHERE name = ? ORDER BY seq", [name]).fetchall()
    connection.close()
    return [datetime.fromisoformat(json.loads(row[0])["at"]) for row in rows]
