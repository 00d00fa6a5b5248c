"""`GET /health/ready` tells a load balancer the truth, also while there is nobody to run a program."""

import asyncio
import os
import signal

import httpx

from api.app import create_app
from sandbox.engines.cpython.by_image import ImagesEngine
from service.assembly import make_service
from service.settings import Settings


async def test_a_service_without_workers_is_not_ready() -> None:
    """It says so at once, and takes it back when the workers were replaced."""
    settings = Settings(workers=1)
    service = make_service(settings, [])
    await service.open()
    engine = service._engines.named("cpython")
    assert isinstance(engine, ImagesEngine)
    transport = httpx.ASGITransport(create_app(service, settings))
    statuses: list[int] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://isthmus") as client, asyncio.timeout(60):
        os.kill(engine.processes()[0], signal.SIGKILL)
        while statuses[-2:] != [503, 200]:
            answer = await client.get("/health/ready")
            if statuses[-1:] != [answer.status_code]:
                statuses.append(answer.status_code)
            await asyncio.sleep(0)
    await service.close()

    assert statuses[-2:] == [503, 200]
