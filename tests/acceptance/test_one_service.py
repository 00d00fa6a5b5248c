"""One service on a database's file: a second one does not start, and one that was killed is in nobody's way."""

import signal
from pathlib import Path

import httpx

from tests.acceptance.serving import run_command, serving

SLEEPER = {"source": "import asyncio\nasyncio.run(asyncio.sleep(3600))\n1", "wait_seconds": 5}


def test_a_second_service_on_the_same_file_does_not_start(tmp_path: Path) -> None:
    """It would take the runs of the first for those of a service that was killed, and make their calls again."""
    database = tmp_path / "isthmus.db"
    with serving(tmp_path / "log", ISTHMUS_DATABASE=str(database)) as first:
        second = run_command("serve", "--port", "0", ISTHMUS_DATABASE=f"sqlite:///{database}")
        key = run_command("keys", "create", ISTHMUS_DATABASE=str(database))

    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == (
        f"isthmus: ISTHMUS_DATABASE: a service, process {first.process.pid}, uses {database} now, and a second one "
        "would take its runs for those of a service that was killed: end that one first, or give this one a database "
        "of its own, another file or postgresql://user:password@host/name\n"
    )
    assert key.stdout.startswith("ik_")


def test_a_service_starts_at_once_on_the_file_of_one_that_was_killed(tmp_path: Path) -> None:
    """A lock that has to be removed by hand would make an outage of every crash."""
    database = str(tmp_path / "isthmus.db")
    with serving(tmp_path / "first", ISTHMUS_DATABASE=database) as first:
        run = httpx.post(f"{first.url}/orchestrate", json=SLEEPER, timeout=60).json()
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        with serving(tmp_path / "second", ISTHMUS_DATABASE=database) as second:
            found = httpx.get(f"{second.url}/runs/{run['id']}", timeout=60).json()

    assert (run["status"], found["status"]) == ("suspended", "suspended")
