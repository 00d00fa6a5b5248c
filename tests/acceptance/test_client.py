"""`api.client` against the real service: what a Python program gets that does not want to write HTTP."""

import asyncio
import socket

import pytest

from api.client import AsyncClient, Client, NotFound, RequestInvalid, RunFailed, Unauthorized, Unreachable
from tests.acceptance.serving import Serving, serving


def test_a_program_gives_its_value(service: Serving) -> None:
    """The main job in one line."""
    with Client(service.url) as client:
        run = client.orchestrate("add(x, 2)", inputs={"x": 40}, functions=["add"])

        assert (run.status, run.value()) == ("completed", 42)
        assert client.run(run.id) == run
        assert run.body["calls"][0]["arguments"] == {"x": 40, "y": 2}


def test_a_run_that_failed_raises_when_its_value_is_asked_for(service: Serving) -> None:
    """A failing program is an answer; asking for its value is where a caller cannot go on."""
    with Client(service.url) as client:
        run = client.orchestrate("rows = []\nrows[3]")

    assert run.error is not None
    assert (run.status, run.error.kind, run.error.traceback[0]["line"]) == ("failed", "runtime", 2)
    with pytest.raises(RunFailed, match=r"^IndexError: list index out of range") as raised:
        run.value()
    assert (raised.value.run_id, raised.value.kind, raised.value.type) == (run.id, "runtime", "IndexError")


def test_a_body_that_is_wrong_says_where(service: Serving) -> None:
    """All faults of a body in one error, each with its pointer."""
    with Client(service.url) as client, pytest.raises(RequestInvalid) as raised:
        client.orchestrate("1", functions=["no_such"], input_types={"x": "nonsense"})

    assert (raised.value.status, raised.value.code) == (422, "invalid-request")
    assert {one["pointer"] for one in raised.value.errors} >= {"/functions/0", "/input_types/x"}
    assert "/functions/0" in str(raised.value)


def test_an_unknown_run_is_not_found(service: Serving) -> None:
    """Whatever stands in the id, it stays one part of the path."""
    with Client(service.url) as client:
        for odd in ("run_0", "../health/live", "a b?c#d"):
            with pytest.raises(NotFound):
                client.run(odd)


def test_a_wrong_key_is_unauthorized(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The key is sent as a bearer token."""
    with serving(tmp_path_factory.mktemp("keyed") / "log", ISTHMUS_API_KEY="secret-key") as keyed:
        with Client(keyed.url, key="secret-key") as client:
            assert client.orchestrate("6 * 7").value() == 42
        with Client(keyed.url, key="another") as client, pytest.raises(Unauthorized):
            client.orchestrate("6 * 7")


def test_a_service_that_is_not_there_is_unreachable() -> None:
    """An error of the client's own, which names the request, not one of the library below."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with Client(f"http://127.0.0.1:{port}") as client, pytest.raises(Unreachable, match=r"^POST /orchestrate"):
            client.orchestrate("1")


def test_the_prompt_and_the_whitelist_are_there_for_whoever_writes_programs(service: Serving) -> None:
    """What a model needs to know, from the running service."""
    with Client(service.url) as client:
        assert "def add(x: int, y: int = 1) -> int" in client.prompt(["add"])
        assert "add" in {one["name"] for one in client.functions()}


async def test_many_programs_run_at_once(service: Serving) -> None:
    """One client of asyncio serves all of them."""
    async with AsyncClient(service.url) as client:
        runs = await asyncio.gather(*(client.orchestrate("x * 2", inputs={"x": x}) for x in range(10)))

    assert [run.value() for run in runs] == [x * 2 for x in range(10)]
