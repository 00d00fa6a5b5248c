"""A run that does not do what its journal says, as its caller is told."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from tests.acceptance.serving import serving

ASKING = {"source": "x = 'a'\nawait ask(x)", "client_functions": [{"name": "ask"}]}


def test_both_sides_of_a_difference_are_told_part_by_part(tmp_path: Path) -> None:
    """Whoever repairs it, or shows it to somebody, needs no sentence taken apart."""
    with serving(tmp_path / "log") as first:
        waiting = httpx.post(f"{first.url}/orchestrate", json=ASKING, timeout=60).json()
        assert waiting["status"] == "suspended"
    with closing(sqlite3.connect(tmp_path / "log.db")) as database:
        changed = database.execute("UPDATE entries SET text = replace(text, '\"a\"', '\"b\"') WHERE seq = 1")
        assert changed.rowcount == 1
        database.commit()
    with serving(tmp_path / "log") as second, httpx.Client(base_url=second.url, timeout=60) as client:
        results = [{"call_id": waiting["pending_calls"][0]["call_id"], "output": 1}]
        ended = client.post(f"/runs/{waiting['id']}/resume", json={"results": results}).json()
        again = client.get(f"/runs/{waiting['id']}").json()
    with serving(tmp_path / "log") as third:
        kept = httpx.get(f"{third.url}/runs/{waiting['id']}", timeout=60).json()

    assert ended["status"] == "failed"
    assert (ended["error"]["kind"], ended["error"]["type"]) == ("divergence", "JournalDiverged")
    assert ended["error"]["divergence"] == {
        "turn": 1,
        "recorded": {"text": 'call 1 ask("b")', "function": "ask", "arguments": '"b"', "line": 2},
        "observed": {"text": 'call 1 ask("a")', "function": "ask", "arguments": '"a"', "line": 2},
    }
    assert again["error"] == kept["error"] == ended["error"]
