"""The service is killed in front of every write of a run, and started again: nothing is lost, nothing doubled.

A start costs seconds: one service brings the run to its end in which the last one died, and then dies in the next run.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.serving import Serving, serving, until

SOURCE = """
import asyncio

async def safely(call):
    try:
        return await call
    except Exception as error:
        return getattr(error, "type", type(error).__name__)

first = look(1)
try:
    second = pay(2)
except Exception as error:
    second = getattr(error, "type", type(error).__name__)
third = await put(3)
rest = await asyncio.gather(safely(send(4)), safely(send(5)), put(6), look.aio(7))
[first, second, third, *rest]
"""
FUNCTIONS = ["look", "put", "send", "pay"]
WHOLE = [10, 20, 30, 40, 50, 60, 70]
UNKNOWN = "OutcomeUnknown"
WRITES = {2: "pay 2", 4: "send 4", 5: "send 5"}
# More than a run writes; a chain ends with the first run that is not killed.
MOST_WRITES = 40
# Of services, on a database each: as many as the smallest machine has cores.
CHAINS = 2


@contextmanager
def started(folder: Path, *, dies_at: int = 0, **more: str) -> Iterator[Serving]:
    """Start a service on the database of a folder."""
    settings = {"ISTHMUS_DATABASE": str(folder / "runs.db"), "ISTHMUS_WORKERS": "1", **more}
    files = {"CALLS_FILE": str(folder / "calls"), "COUNTS_FILE": str(folder / "counts")}
    environment = {**files, "DIES_AT": str(dies_at)}
    with serving(
        folder / f"log{dies_at}", functions="tests.durability.functions:env", **settings, **environment
    ) as opened:
        yield opened


def submit(url: str, key: str) -> dict[str, Any]:
    """Submit the program under a key: again, it is the same run."""
    return ended_under(url, key, {"source": SOURCE, "functions": FUNCTIONS, "wait_seconds": 60, "seed": 7})


def ended_under(url: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Submit something under a key, and return its run when it has ended."""
    answer = httpx.post(f"{url}/orchestrate", json=body, headers={"Idempotency-Key": key}, timeout=90)
    assert answer.status_code in (200, 202), answer.text
    run: dict[str, Any] = answer.json()
    if answer.status_code == 202:
        run = httpx.get(f"{url}/runs/{run['id']}", params={"wait_seconds": 60}, timeout=90).json()
    return run


def calls_of(folder: Path) -> Counter[str]:
    """Return how often each function was called, with its argument."""
    noted = folder / "calls"
    return Counter(noted.read_text().splitlines()) if noted.exists() else Counter()


def settled_in(folder: Path, key: str) -> set[int]:
    """Return the calls of a run whose outcome the database has."""
    query = "SELECT text FROM entries JOIN idempotency USING (run_id) WHERE key = ? ORDER BY seq"
    with sqlite3.connect(folder / "runs.db") as connection:
        texts = [row[0] for row in connection.execute(query, [key])]
    return {number for number in range(1, 8) for text in texts if f'"settled","call":{number},' in text}


def survived(folder: Path, service: Serving, key: str, settled: set[int]) -> None:
    """Bring a run to its end in which the last service died, and forget its calls."""
    before = calls_of(folder)

    run = submit(service.url, key)

    assert run["status"] == "completed", (key, run)
    made = calls_of(folder)
    for place, (value, whole) in enumerate(zip(run["output"], WHOLE, strict=True), 1):
        assert value == whole or (place in WRITES and value == UNKNOWN), (key, place, run["output"])
    assert all(made[call] <= 1 for call in WRITES.values()), (key, made)
    assert sum(made.values()) >= len(WHOLE) - len(WRITES), (key, made)
    repeated = {call for call in made if made[call] > before[call] > 0}
    assert not {call for call in repeated if int(call.split()[1]) in settled}, (key, repeated, settled)
    (folder / "calls").unlink()


def killed(folder: Path, service: Serving, key: str) -> bool:
    """Say whether the service died in the run."""
    (folder / "counts").touch()
    try:
        run = submit(service.url, key)
    except (httpx.TransportError, ConnectionError):
        return True
    finally:
        (folder / "counts").unlink()
    assert run["output"] == WHOLE
    return False


def deaths_in(folder: Path, first: int) -> int:
    """Kill a chain of services, each one `CHAINS` writes later than the one before, and return how many died."""
    folder.mkdir()
    died: str | None = None
    settled: set[int] = set()
    for number, dies_at in enumerate(range(first, MOST_WRITES, CHAINS)):
        with started(folder, dies_at=dies_at) as service:
            if died is not None:
                survived(folder, service, died, settled)
            died = f"dies at write {dies_at}"
            if not killed(folder, service, died):
                return number
        settled = settled_in(folder, died)
    raise AssertionError("every run was killed")


def test_a_run_survives_a_death_at_every_write(tmp_path: Path) -> None:
    """No settled call is made again, no write is silently repeated, and the value is the same."""
    with ThreadPoolExecutor(CHAINS) as pool:
        deaths = list(pool.map(lambda first: deaths_in(tmp_path / str(first), first), range(1, CHAINS + 1)))

    assert sum(deaths) > 10


def test_a_run_with_retries_that_does_not_fail_is_begun_once(tmp_path: Path) -> None:
    """Dying is no failure of the program: not in front of any write, and not between its end and the last one."""
    body = {"source": "[look(1), look(2)]", "functions": FUNCTIONS, "retries": 3, "wait_seconds": 60}
    died: str | None = None
    for dies_at in range(1, MOST_WRITES):
        with started(tmp_path, dies_at=dies_at) as service:
            if died is not None:
                run = ended_under(service.url, died, body)
                assert (run["status"], run["output"], run["attempts"]) == ("completed", [10, 20], 1), (died, run)
            died = f"dies at write {dies_at}"
            (tmp_path / "counts").touch()
            try:
                ended_under(service.url, died, body)
            except (httpx.TransportError, ConnectionError):
                continue
            finally:
                (tmp_path / "counts").unlink()
            break
    assert dies_at > 4


def test_a_service_that_is_told_to_end_leaves_its_runs_to_the_next(tmp_path: Path) -> None:
    """A deployment replaces the process; what was accepted goes on."""
    body = {"source": 'look(1)\nname = await ask("a")\n[name, look(2)]', "functions": FUNCTIONS}
    asked = {**body, "client_functions": [{"name": "ask"}]}
    with started(tmp_path) as first:
        waits = httpx.post(f"{first.url}/orchestrate", json=asked, timeout=60).json()
    with started(tmp_path, dies_at=10**6) as second:
        results = [{"call_id": waits["pending_calls"][0]["call_id"], "output": "Ada"}]
        done = httpx.post(f"{second.url}/runs/{waits['id']}/resume", json={"results": results}, timeout=60).json()

    assert (waits["status"], done["status"], done["output"]) == ("suspended", "completed", ["Ada", 20])
    assert calls_of(tmp_path) == {"look 1": 1, "look 2": 1}


def test_a_run_that_is_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    """Its caller gets its address instead of an answer, and the next process needs nobody's request."""
    source = "import asyncio\nfirst = look(1)\nawait asyncio.sleep(3)\n[first, look(2)]"
    answers: list[httpx.Response] = []
    with started(tmp_path, ISTHMUS_DRAIN_SECONDS="0") as first:
        body = {"source": source, "functions": FUNCTIONS}
        sender = threading.Thread(
            target=lambda: answers.append(httpx.post(f"{first.url}/orchestrate", json=body, timeout=60))
        )
        sender.start()
        until(lambda: bool(calls_of(tmp_path)))
        first.process.terminate()
        sender.join()
    with started(tmp_path, dies_at=10**6) as second:
        done = httpx.get(second.url + answers[0].headers["location"], params={"wait_seconds": 60}, timeout=90).json()

    assert (answers[0].status_code, answers[0].json()["status"]) == (202, "running")
    assert (done["status"], done["output"]) == ("completed", [10, 20])
    assert calls_of(tmp_path) == {"look 1": 1, "look 2": 1}


def test_a_sleeper_is_woken_by_the_next_process(tmp_path: Path) -> None:
    """It is a row with a time, wherever it was put to sleep."""
    source = "import asyncio\nawait asyncio.sleep(6)\nlook(1)"
    with started(tmp_path) as first:
        asleep = httpx.post(
            f"{first.url}/orchestrate", json={"source": source, "functions": FUNCTIONS, "wait_seconds": 2}, timeout=60
        ).json()
        first.process.kill()
    with started(tmp_path, dies_at=10**6) as second:
        done = httpx.get(f"{second.url}/runs/{asleep['id']}", params={"wait_seconds": 60}, timeout=90).json()

    assert (asleep["status"], asleep["pending_calls"]) == ("suspended", [])
    assert (done["status"], done["output"]) == ("completed", 10)
