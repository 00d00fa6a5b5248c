"""One service for all acceptance tests, and a client for each."""

from collections.abc import Iterator

import httpx
import pytest

from tests.acceptance.serving import Serving, serving


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The service, started once."""
    with serving(tmp_path_factory.mktemp("service") / "log", ISTHMUS_REQUEST_BYTES="200000") as started:
        yield started


@pytest.fixture
def client(service: Serving) -> Iterator[httpx.Client]:
    """A client of the service."""
    with httpx.Client(base_url=service.url, timeout=60) as opened:
        yield opened
