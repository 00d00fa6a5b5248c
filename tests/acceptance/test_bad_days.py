"""What must not take the service down: hostile programs, and workers that die."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import Serving, serving, until

ENDLESS = "while True: pass"


def submit(url: str, **body: Any) -> dict[str, Any]:
    """Submit a program and return the run, however long a busy machine takes for it."""
    response = httpx.post(f"{url}/orchestrate", json={"wait_seconds": 120, **body}, timeout=130)
    assert response.status_code == 200, response.text
    run: dict[str, Any] = response.json()
    return run


def children(process_id: int) -> list[int]:
    """Return the processes that a process has started."""
    text = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    return [int(one) for one in text.split()]


def lines(file: Path) -> int:
    """Return how often `note` was called with the file."""
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_endless_loops_do_not_hold_up_others(service: Serving, tmp_path: Path) -> None:
    """The operating system shares the cores; a queue behind a loop would not."""
    begun = tmp_path / "begun"
    body = {"source": f"note({str(begun)!r})\n{ENDLESS}", "functions": ["note"], "limits": {"cpu_seconds": 1}}
    loops = [threading.Thread(target=submit, args=[service.url], kwargs=body) for _ in range(4)]
    for loop in loops:
        loop.start()
    until(lambda: lines(begun) == len(loops))
    run = submit(service.url, source="1 + 1")
    still_looping = [loop.is_alive() for loop in loops]
    for loop in loops:
        loop.join()

    assert run["output"] == 2
    assert all(still_looping)


@pytest.mark.parametrize("source", [ENDLESS, "x = [0] * 10**12", "print('a' * 10**9)", "-" * 190_000 + "1"])
def test_a_hostile_program_leaves_the_service_as_it_was(service: Serving, source: str) -> None:
    """Its own run fails, and the next is answered."""
    failed = submit(service.url, source=source)
    after = submit(service.url, source="1 + 1")

    assert (failed["status"], after["output"]) == ("failed", 2)
    assert failed["error"]["kind"] != "platform"


def test_a_run_survives_the_death_of_its_worker(tmp_path: Path) -> None:
    """Its turns are handed to another worker; no call is made twice."""
    runs: list[dict[str, Any]] = []
    noted, go = tmp_path / "noted", tmp_path / "go"
    source = f"a = note({str(noted)!r})\nhold({str(go)!r})\n[a, note({str(noted)!r})]"
    body = {"source": source, "functions": ["note", "hold"]}
    with serving(tmp_path / "log") as started:
        submitted = threading.Thread(target=lambda: runs.append(submit(started.url, **body)))
        submitted.start()
        until(lambda: lines(noted) == 1)
        for worker in children(started.process.pid):
            os.kill(worker, signal.SIGKILL)
        go.touch()
        submitted.join()
        after = submit(started.url, source="1 + 1")

    assert (runs[0]["status"], runs[0]["output"], runs[0]["usage"]["calls"]) == ("completed", [1, 2], 3)
    assert lines(noted) == 2
    assert after["output"] == 2
