"""The service that is measured, in a process of its own: the real app, and one route that answers a constant."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.routes import orchestrate
from api.server import serve
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
_OTHERWISE = ("ISTHMUS_API_KEY", "ISTHMUS_WORKERS", "ISTHMUS_LIMITS", "ISTHMUS_CEILING", "ISTHMUS_MAX_RUNNING")


class NotReady(Exception):
    """The service did not start; the text is the end of what it printed."""


@contextlib.contextmanager
def running(module: str = "bench.service") -> Iterator[int]:
    """Run the service, or the module of another one, while the block takes; give its port."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
    # A key in the environment would lock the load generator out.
    environment = {name: value for name, value in os.environ.items() if name not in _OTHERWISE}
    command = [sys.executable, "-m", module, str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_ready(process, port, log)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=_READY_SECONDS)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.02)
    log.seek(0)
    raise NotReady(log.read()[-4_000:].decode(errors="replace"))


def _serve(port: int) -> None:
    settings = read_settings()
    # Beside `/orchestrate`, so that it is served by the same app with the same settings and checks.
    orchestrate.router.add_api_route("/constant", _answer_constant, methods=["POST"], route_class_override=APIRoute)
    serve(make_service(settings, env.functions.values()), settings, host=HOST, port=port, version="bench")


async def _answer_constant(request: Request) -> Response:
    await request.body()
    return Response(_CONSTANT, media_type="application/json")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
