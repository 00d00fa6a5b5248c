"""The service that is measured, in a process of its own: the real app, and one route that answers a constant."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import Request, Response

from api.app import create_app
from bench.functions import env
from bench.load import HOST
from bench.load import Request as Sent
from service.assembly import make_service
from service.settings import read_settings

ORCHESTRATE = Sent.post("/orchestrate", {"source": "x * 2", "inputs": {"x": 21}}, expected='"output":42,')
CONSTANT = Sent.post("/constant", {"source": "x * 2", "inputs": {"x": 21}}, expected='"output":42,')
# As long as the answer of `/orchestrate`.
_CONSTANT = b'{"output":42,"rest":"' + b"." * 1_000 + b'"}'
_ROOT = Path(__file__).parent.parent
_READY_SECONDS = 60


class NotReady(Exception):
    """The service did not start; what it printed stands above."""


@contextlib.contextmanager
def running() -> Iterator[int]:
    """Run the service while the block takes; give its port."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
    # A key in the environment would lock the load generator out.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ISTHMUS_")}
    cache = os.environ.get("ISTHMUS_CACHE_DIR")
    environment.update({"ISTHMUS_CACHE_DIR": cache} if cache else {})
    command = [sys.executable, "-m", "bench.service", str(port)]
    process = subprocess.Popen(command, cwd=_ROOT, env=environment)
    try:
        _wait_until_ready(process, port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=_READY_SECONDS)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.02)
    raise NotReady


def _serve(port: int) -> None:
    settings = read_settings()
    app = create_app(make_service(settings, env.functions.values()), settings)
    app.add_api_route("/constant", _answer_constant, methods=["POST"], include_in_schema=False)
    # As `api.server` does it.
    uvicorn.run(
        app, host=HOST, port=port, loop="uvloop", http="httptools", ws="none", log_config=None, access_log=False,
        server_header=False,
    )  # fmt: skip


async def _answer_constant(request: Request) -> Response:
    await request.body()
    return Response(_CONSTANT, media_type="application/json")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
