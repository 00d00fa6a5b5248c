"""A database that fails while the service runs."""

from pathlib import Path

import httpx
from structlog.testing import capture_logs

from api.app import create_app
from service.assembly import make_service
from service.settings import Settings
from service.store.database import open_store


async def test_a_request_that_needs_the_database_is_told_to_come_again(tmp_path: Path) -> None:
    """The operator reads in the log what the caller is not told."""
    settings = Settings(workers=1)
    store = open_store(str(tmp_path / "isthmus.db"))
    service = make_service(settings, [], store=store)
    transport = httpx.ASGITransport(create_app(service, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/templates")).json() == {"data": []}
        store.close()

        with capture_logs() as logs:
            answer = await client.get("/templates")

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "store-unavailable", "5")
    reason = "the database cannot be used now (it was closed); send the request again later"
    assert answer.json()["detail"] == reason
    assert logs == [{"event": "store_unavailable", "log_level": "error", "path": "/templates", "error": reason}]
