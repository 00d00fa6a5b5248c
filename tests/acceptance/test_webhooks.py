"""Being told of a run: when it ends or waits, signed, again until the message is taken, and nowhere else."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.webhooks import signature
from tests.acceptance.receiving import Message, Receiving, receiving
from tests.acceptance.serving import run_command, serving, until
from tests.acceptance.test_conversation import resume, said, submit

SECRET = "the operator's own secret, long enough"  # noqa: S105 - of this test
SLOW = "import asyncio\nawait asyncio.sleep(3)"


def settings_of(receiver: Receiving, **other: str) -> dict[str, str]:
    return {
        "ISTHMUS_WEBHOOK_SECRET": SECRET,
        "ISTHMUS_WEBHOOK_HOSTS": f"hooks.example.com, {receiver.url}",
        "ISTHMUS_WEBHOOK_PAUSE_SECONDS": "0.05",
        "ISTHMUS_HOLD_SECONDS": "0",
        **other,
    }


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Receiving, str]]:
    """A receiver, and a service that may tell it."""
    with (
        receiving() as opened,
        serving(tmp_path_factory.mktemp("webhooks") / "log", **settings_of(opened)) as service,
    ):
        yield opened, service.url


@pytest.fixture
def receiver(started: tuple[Receiving, str]) -> Receiving:
    """The receiver, with nothing received."""
    started[0].messages.clear()
    return started[0]


@pytest.fixture
def client(started: tuple[Receiving, str]) -> Iterator[httpx.Client]:
    """A client of the service."""
    with httpx.Client(base_url=started[1], timeout=60) as opened:
        yield opened


def told(message: Message) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(message.body)
    return run


def test_the_run_is_told_when_it_ends_signed_and_as_it_can_be_read(client: httpx.Client, receiver: Receiving) -> None:
    """What a receiver checks and acts on: who sent it, when, and what became of the run."""
    run = client.post("/orchestrate", json={"source": "6 * 7", "webhook": f"{receiver.url}/done?a=b"}).json()
    message = receiver.wait_for(1)[0]
    secret = run_command("tenants", "secret", ISTHMUS_WEBHOOK_SECRET=SECRET).stdout.strip()
    stamp = int(message.headers["webhook-timestamp"])

    assert message.path == "/done?a=b"
    assert told(message) == client.get(f"/runs/{run['id']}").json()
    assert (told(message)["status"], told(message)["output"]) == ("completed", 42)
    assert message.headers["content-type"] == "application/json"
    assert message.headers["webhook-id"] == f"msg_{run['id']}_0"
    assert abs(time.time() - stamp) < 60
    assert message.headers["webhook-signature"] == signature(
        secret, message.body, message_id=message.headers["webhook-id"], timestamp=stamp
    )


def test_a_run_that_waits_is_told_then_and_again_when_it_ends(client: httpx.Client, receiver: Receiving) -> None:
    """Whoever answers calls need not ask whether there are any."""
    run = submit(client, 'await ask("who?")', webhook=receiver.url)
    waiting = told(receiver.wait_for(1)[0])
    resume(client, run, *said(run, "Ada"))
    first, second = receiver.wait_for(2)

    assert (waiting["status"], waiting["pending_calls"]) == ("suspended", run["pending_calls"])
    assert told(second)["status"] == "completed"
    assert first.headers["webhook-id"] != second.headers["webhook-id"]


def test_a_run_that_is_cancelled_while_it_waits_is_told(client: httpx.Client, receiver: Receiving) -> None:
    """No process drives it: its row alone changes."""
    run = submit(client, 'await ask("who?")', webhook=receiver.url)
    receiver.wait_for(1)
    client.post(f"/runs/{run['id']}/cancel")

    assert told(receiver.wait_for(2)[1])["status"] == "cancelled"


def test_a_failed_program_is_told_after_its_request_has_gone(client: httpx.Client, receiver: Receiving) -> None:
    """What webhooks are for: nobody waits."""
    source = f"{SLOW}\n1 / 0"
    answer = client.post("/orchestrate", json={"source": source, "wait_seconds": 0, "webhook": receiver.url})
    run = told(receiver.wait_for(1)[0])

    assert answer.status_code == 202
    assert (run["id"], run["status"], run["error"]["type"]) == (answer.json()["id"], "failed", "ZeroDivisionError")


@pytest.mark.parametrize("status", [500, 404, 302, 307])
def test_a_message_that_is_not_taken_is_sent_again_to_the_same_address(
    client: httpx.Client, receiver: Receiving, status: int
) -> None:
    """A redirect would lead past the list of allowed hosts. The id says that it is the same message."""
    receiver.statuses = [status, status]
    client.post("/orchestrate", json={"source": "1", "webhook": receiver.url + "/here"})
    messages = receiver.wait_for(3)

    assert [one.path for one in messages] == ["/here"] * 3
    assert len({one.headers["webhook-id"] for one in messages}) == 1
    assert len({one.body for one in messages}) == 1


def test_a_receiver_that_says_it_is_gone_is_left_alone(client: httpx.Client, receiver: Receiving) -> None:
    """410, as the specification has it; the message of the next run comes, and no other of the first."""
    receiver.statuses = [410]
    client.post("/orchestrate", json={"source": "1", "webhook": receiver.url})
    receiver.wait_for(1)
    client.post("/orchestrate", json={"source": "2", "webhook": receiver.url})

    assert [told(one)["output"] for one in receiver.wait_for(2)] == [1, 2]


def test_a_message_that_was_not_taken_comes_after_a_restart(receiver: Receiving, tmp_path: Path) -> None:
    """The receiver was down when the service was killed."""
    settings = settings_of(receiver, ISTHMUS_WEBHOOK_PAUSE_SECONDS="1")
    receiver.statuses = [503]
    with serving(tmp_path / "log", **settings) as service:
        run = httpx.post(f"{service.url}/orchestrate", json={"source": "1", "webhook": receiver.url}).json()
        receiver.wait_for(1)
        service.process.kill()
        service.process.wait()
    with serving(tmp_path / "log", **settings):
        messages = receiver.wait_for(2)

    assert [told(one)["id"] for one in messages] == [run["id"]] * 2


def test_a_run_that_a_kill_interrupted_is_told_when_it_has_ended(receiver: Receiving, tmp_path: Path) -> None:
    """It is kept from its start: whoever is told would not come to ask."""
    settings = settings_of(receiver)
    with serving(tmp_path / "log", **settings) as service, httpx.Client(base_url=service.url) as client:
        body = {"source": f"{SLOW}\n7", "wait_seconds": 0, "webhook": receiver.url}
        run = client.post("/orchestrate", json=body).json()
        until(lambda: client.get(f"/runs/{run['id']}").json()["status"] == "running")
        service.process.kill()
        service.process.wait()
    with serving(tmp_path / "log", **settings):
        ended = told(receiver.wait_for(1)[0])

    assert (ended["id"], ended["status"], ended["output"]) == (run["id"], "completed", 7)


def test_receivers_that_are_not_allowed_are_refused_by_name(client: httpx.Client, receiver: Receiving) -> None:
    """The same port under another name is another host."""
    for address in (receiver.url.replace("127.0.0.1", "localhost"), "http://hooks.example.com", "http://169.254.1.1"):
        refused = client.post("/orchestrate", json={"source": "1", "webhook": address})

        assert refused.status_code == 422
        assert refused.json()["errors"] == [
            {
                "pointer": "/webhook",
                "message": "is not at a scheme, host and port that the operator of this service allows",
            }
        ]


def test_hosts_without_a_secret_do_not_start_the_service() -> None:
    """Messages that nobody can check would be believed all the same."""
    refused = run_command("serve", ISTHMUS_WEBHOOK_HOSTS="hooks.example.com")

    assert refused.returncode != 0
    assert "ISTHMUS_WEBHOOK_HOSTS: messages are signed: ISTHMUS_WEBHOOK_SECRET has to be set, too" in (refused.stderr)
