"""Functions as a caller sees them: on their terms, over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import serving
from tests.provider_tools import AnthropicTool, OpenAiTool

CATCHES = """\
try:
    {call}
    caught = None
except Exception as error:
    caught = [type(error).__name__, str(error)]
caught
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service whose functions have terms."""
    log = tmp_path_factory.mktemp("terms") / "log"
    with (
        serving(log, "--functions", "tests.acceptance.on_terms:env") as started,
        httpx.Client(base_url=started.url, timeout=60) as client,
    ):
        yield client


def run(client: httpx.Client, source: str, *functions: str) -> Any:
    """What became of a program."""
    answer = client.post("/orchestrate", json={"source": source, "functions": functions})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_terms_of_a_function_are_shown(shop: httpx.Client) -> None:
    """Whoever writes a program must know what may be called twice."""
    shown = shop.get("/functions/stations_ask").json()

    assert (shown["name"], shown["title"], shown["effect"]) == ("stations_ask", "stations.ask", "read")
    assert shown["retries"] == {"count": 2, "pause_seconds": 0.0, "factor": 1.0, "longest_pause_seconds": None}
    assert shop.get("/functions/sleep").json()["timeout_seconds"] == 0.05
    assert shop.get("/functions/rare").json()["rate"] == {"calls": 1, "per_seconds": 3600.0, "wait_seconds": 0.0}
    assert shop.get("/functions/add").json()["effect"] == "write"
    assert "Effect: read." in shop.get("/functions.pyi").text


def test_functions_are_tools_of_providers(shop: httpx.Client) -> None:
    """In the shapes that their documentation has; the list goes into a request as it is."""
    openai = shop.get("/functions.openai.json").json()
    anthropic = shop.get("/functions.anthropic.json", params={"functions": "stations_ask, add"}).json()

    names = [OpenAiTool.model_validate(tool).function.name for tool in openai]
    assert names == [function["name"] for function in shop.get("/functions").json()["data"]]
    assert [AnthropicTool.model_validate(tool).name for tool in anthropic] == ["stations_ask", "add"]


def test_the_attempts_of_a_call_are_counted(shop: httpx.Client) -> None:
    """A value that was hard to get is worth a look."""
    first = run(shop, "stations_ask('a', failures=2)", "stations_ask")
    second = run(shop, CATCHES.format(call="stations_ask('b', failures=3)"), "stations_ask")

    assert (first["output"], first["calls"][0]["attempts"]) == (3, 3)
    assert (second["output"], second["calls"][0]["attempts"]) == (["ConnectionError", "b does not answer"], 3)


def test_a_timeout_can_be_caught_where_the_call_is(shop: httpx.Client) -> None:
    """As one of any other function."""
    answer = run(shop, CATCHES.format(call="await sleep()"), "sleep")

    told = "sleep() did not answer within 0.05 s; it may have taken effect all the same"
    assert answer["output"] == ["TimeoutError", told]
    assert answer["calls"][0]["error"] == {"type": "TimeoutError", "message": told}


def test_a_call_beyond_the_rate_fails_clearly(shop: httpx.Client) -> None:
    """The limit and the way out stand in the error; the function was not called."""
    answer = run(shop, "rare()\nrare()", "rare")

    assert (answer["error"]["kind"], answer["error"]["type"]) == ("function", "RateExceeded")
    assert answer["error"]["message"].startswith("at most 1 call in 3600 s, of all runs together; ")
    assert answer["error"]["hint"] == "make fewer calls, or catch this and make them later"
    assert [call["attempts"] for call in answer["calls"]] == [1, 0]


def test_values_are_checked_on_both_sides_of_a_call(shop: httpx.Client) -> None:
    """A wrong argument never reaches the function, and a wrong value never the program."""
    argument = run(shop, CATCHES.format(call="add('1')"), "add")
    value = run(shop, CATCHES.format(call="wrong()"), "wrong")

    assert argument["output"] == ["TypeError", "add() argument x is a str, not int"]
    assert argument["calls"][0]["attempts"] == 0
    assert value["output"] == ["TypeError", "the value of wrong() is a str, not int"]
    assert value["calls"][0]["output"] is None
