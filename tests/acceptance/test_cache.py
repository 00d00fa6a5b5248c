"""`cache` in a submission: outputs that are kept, over HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import serving

NOTHING = {
    "fuel": 0, "cpu_ms": 0.0, "wall_ms": 0.0, "memory_bytes": 0, "output_bytes": 0, "calls": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service of this module's own."""
    with serving(tmp_path_factory.mktemp("cached") / "log") as service, httpx.Client(base_url=service.url) as client:
        yield client


def post(client: httpx.Client, **body: Any) -> dict[str, Any]:
    """Submit a program whose output is kept, and return the run."""
    response = client.post("/orchestrate", json={"cache": "auto", "timeout": None, **body})
    assert response.status_code == 200, response.text
    run: dict[str, Any] = response.json()
    return run


def test_an_equal_submission_is_answered_without_a_run(cached: httpx.Client, tmp_path: Path) -> None:
    """The function is called once; the answer says that it is an earlier one's, and with which seed."""
    body = {"source": "print('hi')\nnote(path)", "inputs": {"path": str(tmp_path / "notes")}, "functions": ["note"]}

    first, second = post(cached, **body), post(cached, **body)

    assert [(run["output"], run["cached"], run["status"]) for run in (first, second)] == [
        (1, False, "completed"),
        (1, True, "completed"),
    ]
    assert (second["stdout"], second["calls"], second["seed"]) == ("", [], first["seed"])
    assert {name: second["usage"][name] for name in NOTHING} == NOTHING
    assert second["id"] != first["id"]
    assert cached.get(f"/runs/{second['id']}").json()["cached"]


def test_override_runs_again_and_keeps_that(cached: httpx.Client, tmp_path: Path) -> None:
    """As for templates; so do the other fields of the object."""
    body = {"source": "note(path)", "inputs": {"path": str(tmp_path / "notes"), "by": "ada"}, "functions": ["note"]}
    ignoring = {"behavior": "auto", "ignored_inputs": ["by"], "salt": "s"}

    told = [
        post(cached, **body, **more)["output"]
        for more in ({}, {"cache": "override"}, {}, {"cache": {"behavior": "auto", "salt": "t"}}, {"cache": ignoring})
    ]
    other = post(cached, **{**body, "inputs": {**body["inputs"], "by": "bob"}}, cache=ignoring)  # type: ignore[dict-item]

    assert (told, other["output"], other["cached"]) == ([1, 2, 2, 3, 4], 4, True)


def test_equal_submissions_at_once_compute_once(cached: httpx.Client, tmp_path: Path) -> None:
    """With `serialize`; the others wait for it."""
    body = {
        "source": "block(0.3)\nnote(path)",
        "inputs": {"path": str(tmp_path / "notes")},
        "functions": ["note", "block"],
        "cache": {"behavior": "auto", "serialize": True},
    }

    with ThreadPoolExecutor(5) as threads:
        runs = list(threads.map(lambda _: post(cached, **body), range(5)))

    assert sorted((run["output"], run["cached"]) for run in runs) == [(1, False), *[(1, True)] * 4]


def test_a_failed_run_is_not_kept(cached: httpx.Client) -> None:
    """Neither is one whose output JSON cannot carry."""
    failing = [post(cached, source="1 / 0") for _ in range(2)]
    unfit = [post(cached, source="float('nan')") for _ in range(2)]

    assert [(run["status"], run["cached"]) for run in (*failing, *unfit)] == [("failed", False)] * 4


def test_a_service_that_keeps_nothing_says_so(tmp_path: Path) -> None:
    """Rather than running the program as often as it is sent."""
    with serving(tmp_path / "log", ISTHMUS_CACHE_BYTES="0") as service:
        answer = httpx.post(f"{service.url}/orchestrate", json={"source": "1", "cache": "auto"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/cache", "message": "is not available: this service keeps no results; leave it out"}
    ]
