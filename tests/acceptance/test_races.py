"""Requests that meet: two answers at once, an answer while a call expires, a cancellation during an answer."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.acceptance.serving import serving, until
from tests.databases import postgres

ASK = {"name": "ask", "returns": {"type": "string"}}
ROUNDS = 12
OF_ANOTHER_BUILD = text("UPDATE entries SET text = replace(text, :version, 'another') WHERE run_id = :id")


@pytest.fixture(scope="module", params=["0", "5"], ids=["from-the-database", "held"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that holds no interpreter for a run that waits, and one that does."""
    with serving(tmp_path_factory.mktemp("races") / "log", ISTHMUS_HOLD_SECONDS=request.param) as started:
        yield started.url


def submit(url: str, source: str, **declared: Any) -> dict[str, Any]:
    """Run a program until it waits."""
    body = {"source": source, "functions": ["note"], "client_functions": [{**ASK, **declared}]}
    run: dict[str, Any] = httpx.post(f"{url}/orchestrate", json=body, timeout=60).json()
    assert run["status"] == "suspended", run
    return run


def resume(url: str, run: dict[str, Any], output: str, call: int = 0) -> httpx.Response:
    """Answer one call."""
    results = [{"call_id": run["pending_calls"][call]["call_id"], "output": output}]
    return httpx.post(f"{url}/runs/{run['id']}/resume", json={"results": results}, timeout=60)


def resuming(url: str, run: dict[str, Any], output: str, call: int = 0) -> Callable[[], httpx.Response]:
    """Return what answers one call."""
    return lambda: resume(url, run, output, call)


def cancelling(url: str, run: dict[str, Any]) -> Callable[[], httpx.Response]:
    """Return what cancels a run."""
    return lambda: httpx.post(f"{url}/runs/{run['id']}/cancel", timeout=60)


def at_once(*acts: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Send requests together; return their answers, in order."""
    gate = threading.Barrier(len(acts))
    answers: list[httpx.Response | None] = [None] * len(acts)

    def send(index: int) -> None:
        gate.wait()
        answers[index] = acts[index]()

    threads = [threading.Thread(target=send, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def test_of_two_different_answers_one_counts(url: str, tmp_path: Path) -> None:
    """And what follows them is done once."""
    for number in range(ROUNDS):
        noted = tmp_path / str(number)
        run = submit(url, f'said = await ask("a")\nnote({str(noted)!r})\nsaid')

        answers = at_once(resuming(url, run, "A"), resuming(url, run, "B"))

        assert Counter(one.status_code for one in answers) == {200: 1, 409: 1}, [one.text for one in answers]
        won = next(index for index, one in enumerate(answers) if one.status_code == 200)
        assert answers[won].json()["output"] == "AB"[won]
        assert noted.read_text() == "here\n"


def test_two_equal_answers_are_one_run(url: str, tmp_path: Path) -> None:
    """A client that retries too early must not hear of a conflict."""
    for number in range(ROUNDS):
        noted = tmp_path / str(number)
        run = submit(url, f'said = await ask("a")\nnote({str(noted)!r})\nsaid')

        answers = at_once(resuming(url, run, "A"), resuming(url, run, "A"))

        assert [one.status_code for one in answers] == [200, 200], [one.text for one in answers]
        assert [one.json()["output"] for one in answers] == ["A", "A"]
        assert noted.read_text() == "here\n"


def test_two_parts_of_the_answers_may_come_together(url: str) -> None:
    """Each of two people answers what was asked of them."""
    for _ in range(ROUNDS):
        run = submit(url, 'import asyncio\nawait asyncio.gather(ask("a"), ask("b"))')

        answers = at_once(resuming(url, run, "A", 0), resuming(url, run, "B", 1))

        assert [one.status_code for one in answers] == [200, 200], [one.text for one in answers]
        last = httpx.get(f"{url}/runs/{run['id']}", params={"wait_seconds": 50}, timeout=60).json()
        assert (last["status"], last["output"]) == ("completed", ["A", "B"])


def test_a_run_that_is_answered_and_cancelled_at_once_ends_one_way(url: str) -> None:
    """Whatever both are told is true afterwards, too."""
    for _ in range(ROUNDS):
        run = submit(url, 'await ask("a")')

        answered, cancelled = at_once(resuming(url, run, "A"), cancelling(url, run))

        last = httpx.get(f"{url}/runs/{run['id']}", params={"wait_seconds": 50}, timeout=60).json()["status"]
        assert last in ("completed", "cancelled")
        assert (cancelled.status_code == 200) is (last == "cancelled"), (answered.text, cancelled.text)
        assert cancelled.status_code in (200, 409)
        assert answered.status_code in (200, 409)
        if answered.status_code == 200:
            assert answered.json()["status"] == last


def test_an_answer_while_the_call_expires_counts_or_is_too_late(url: str) -> None:
    """Never both: the run ends with the answer, or as expired."""
    for round_ in range(6):
        run = submit(url, 'await ask("a")', expires_seconds=0.3)
        time.sleep(0.29 + 0.005 * round_)

        answer = resume(url, run, "A")

        def ended(run: dict[str, Any] = run) -> bool:
            return bool(httpx.get(f"{url}/runs/{run['id']}").json()["status"] in ("completed", "expired"))

        until(ended)
        last = httpx.get(f"{url}/runs/{run['id']}").json()["status"]
        assert (answer.status_code, last) in ((200, "completed"), (410, "expired")), answer.text


@pytest.mark.parametrize("replicas", [1, 2])
def test_two_answers_to_a_run_of_another_build_of_the_guest_meet(tmp_path: Path, replicas: int) -> None:
    """It is asked anew before it is answered, and only once, whichever of the two comes first, and wherever."""
    with ExitStack() as ending:
        # A file is one service's.
        database = f"sqlite:///{tmp_path / 'log.db'}" if replicas == 1 else ending.enter_context(postgres())
        settings = {"ISTHMUS_HOLD_SECONDS": "0", "ISTHMUS_DATABASE": database}
        services = [ending.enter_context(serving(tmp_path / f"log{one}", **settings)) for one in range(replicas)]
        service, second = services[0], services[-1]
        engine = create_engine(database)
        ending.callback(engine.dispose)
        for number in range(ROUNDS):
            noted = tmp_path / str(number)
            run = submit(service.url, f'said = await ask("a")\nnote({str(noted)!r})\nsaid')
            names = {"version": run["engine_version"], "id": run["id"]}
            with engine.begin() as connection:
                connection.execute(OF_ANOTHER_BUILD, names)

            answers = at_once(resuming(service.url, run, "A"), resuming(second.url, run, "B"))

            assert Counter(one.status_code for one in answers) == {200: 1, 409: 1}, [one.text for one in answers]
            won = next(index for index, one in enumerate(answers) if one.status_code == 200)
            assert answers[won].json()["output"] == "AB"[won]
            assert noted.read_text() == "here\n"
