"""Web pages that call the service from a browser: those that the operator named, and no others."""

from collections.abc import Iterator

import httpx
import pytest

from tests.acceptance.serving import serving

PAGE, OTHER = "https://app.example.com", "https://evil.example.com"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service that one page may call."""
    log = tmp_path_factory.mktemp("origins") / "log"
    with (
        serving(log, ISTHMUS_ORIGINS=f'["{PAGE}"]') as started,
        httpx.Client(base_url=started.url, timeout=60) as opened,
    ):
        yield opened


def test_a_page_that_was_named_may_call(client: httpx.Client) -> None:
    """The browser asks first, and then lets the page read the answer; the header Location too."""
    asked = client.options("/orchestrate", headers={"Origin": PAGE, **ASKS})
    called = client.post("/orchestrate", json={"source": "6 * 7"}, headers={"Origin": PAGE})

    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, PAGE)
    assert "authorization" in asked.headers["access-control-allow-headers"]
    assert (called.json()["output"], called.headers["access-control-allow-origin"]) == (42, PAGE)
    assert called.headers["access-control-expose-headers"] == "location, retry-after"


def test_another_page_may_not(client: httpx.Client) -> None:
    """Nothing runs for it, and its browser shows it nothing."""
    asked = client.options("/orchestrate", headers={"Origin": OTHER, **ASKS})
    called = client.post("/orchestrate", json={"source": "6 * 7"}, headers={"Origin": OTHER})

    assert asked.status_code == 400
    assert (called.status_code, called.json()["code"]) == (403, "origin-not-allowed")
    assert "access-control-allow-origin" not in called.headers
