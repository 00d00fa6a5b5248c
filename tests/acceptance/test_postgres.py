"""The service on PostgreSQL: what is kept there is the same as in a file."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.serving import run_command, serving
from tests.databases import postgres

ASKING = {
    "source": "name = await ask()\nf'{name} {add(1, 2)}\\x00'",
    "client_functions": [{"name": "ask"}],
    "functions": ["add"],
}


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """A PostgreSQL of its own."""
    with postgres() as url:
        yield url


def test_a_run_waits_in_one_service_and_goes_on_in_the_next(database: str, tmp_path: Path) -> None:
    """Keys, templates, runs and journals are all in the database; nothing is in the process."""
    run_command("tenants", "create", "acme", "--allow", "add", ISTHMUS_DATABASE=database)
    made = run_command("keys", "create", "--tenant", "acme", ISTHMUS_DATABASE=database)
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    with serving(tmp_path / "first", ISTHMUS_DATABASE=database) as first:
        client = httpx.Client(base_url=first.url, headers=headers, timeout=60)
        assert client.put("/templates/asking", json=ASKING).status_code == 200
        waiting = client.post("/templates/asking/runs", json={}).json()
        assert waiting["status"] == "suspended"
        client.close()

    with serving(tmp_path / "second", ISTHMUS_DATABASE=database) as second:
        client = httpx.Client(base_url=second.url, headers=headers, timeout=60)
        answers = {"results": [{"call_id": waiting["pending_calls"][0]["call_id"], "output": "Ada"}]}
        ended = client.post(f"/runs/{waiting['id']}/resume", json=answers).json()
        listed = client.get("/runs", params={"template": "asking", "function": "add"}).json()["data"]
        client.close()

    assert (ended["status"], ended["output"]) == ("completed", "Ada 3\x00")
    assert [one["id"] for one in listed] == [waiting["id"]]


NUL = [
    "/runs/%00", "/runs/%00/calls", "/runs?function=%00", "/runs?template=%00", "/runs?cursor=%00", "/runs?status=%00",
    "/templates/%00", "/templates/a?version=%00", "/templates/a%00/versions", "/functions/%00", "/prompt?functions=%00",
]  # fmt: skip


def test_a_nul_in_an_address_is_refused(database: str, tmp_path: Path) -> None:
    """PostgreSQL takes none in a text; a caller who sends one must not be told that the service failed."""
    run_command("keys", "create", ISTHMUS_DATABASE=database)
    with serving(tmp_path / "log", ISTHMUS_DATABASE=database, ISTHMUS_API_KEY="key") as served:
        headers = {"Authorization": "Bearer key"}
        answers = {path: httpx.get(served.url + path, headers=headers).status_code for path in NUL}
        posted = httpx.post(f"{served.url}/templates/a%00/runs", json={}, headers=headers).status_code

    assert {path: status for path, status in answers.items() if status not in (404, 422)} == {}
    assert posted == 404


def test_a_database_that_is_not_there_is_said_in_one_line() -> None:
    """Without its password."""
    done = run_command("serve", "--port", "0", ISTHMUS_DATABASE="postgresql://user:secret@127.0.0.1:1/none")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("isthmus: ISTHMUS_DATABASE: cannot use postgresql://user:***@127.0.0.1:1/none: ")
    assert "secret" not in done.stderr
