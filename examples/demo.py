"""`python -m examples.demo`: starts the service, POSTs the programs of the catalogue to it, and shows what happens.

The service is the installed one in a process of its own, and the client is the standard library: what is shown here
is what any caller gets. The exit status is 1 when an answer is not the expected one.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from examples import display
from examples.catalogue import EXAMPLES, Example

_ROOT = Path(__file__).parent.parent
_HOST = "127.0.0.1"
_FUNCTIONS = "examples.shop:env"
# The first start on a machine may have to compile the guest.
_READY_SECONDS = 120
_STOP_SECONDS = 10
_REQUEST_SECONDS = 60


class ServiceNotReady(Exception):
    """The service did not start; the text is the end of what it printed."""


def main() -> int:
    """Run the demo and return the exit status."""
    port = free_port()
    display.headline(f"{len(EXAMPLES)} programs for a service with the functions of examples/shop.py")
    begin = time.monotonic()
    try:
        with service(port):
            wrong = sum(_show(example, port) for example in EXAMPLES)
    except ServiceNotReady as error:
        display.problem(f"The service did not become ready. It printed:\n{error}")
        return 1
    display.summary(total=len(EXAMPLES), wrong=wrong, seconds=time.monotonic() - begin)
    return 1 if wrong else 0


@contextmanager
def service(port: int) -> Iterator[None]:
    """Serve the shop on a port of this machine while the block takes.

    Raises:
        ServiceNotReady: it did not start.
    """
    command = ["-m", "api", "serve", "--functions", _FUNCTIONS, "--port", str(port)]
    display.command(" ".join(["python", *command]))
    begin = time.monotonic()
    # A key in the caller's environment would lock this demo out.
    environment = {name: value for name, value in os.environ.items() if name != "ISTHMUS_API_KEY"}
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryDirectory() as directory:
        environment["ISTHMUS_DATABASE"] = str(Path(directory) / "isthmus.db")
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, *command], cwd=_ROOT, env=environment, stdout=printed, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_ready(process, port, printed)
            display.note(f"ready after {time.monotonic() - begin:.1f} s")
            yield
        finally:
            _stop(process)
    display.note(f"service stopped, exit status {process.returncode}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def post(port: int, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """POST a JSON body; return status and answer."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=_REQUEST_SECONDS)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def holds(actual: Any, expected: Any) -> bool:
    """Say whether `actual` has what is expected: of objects the named members, of all else the whole value."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(name in actual and holds(actual[name], value) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(actual) == len(expected) and all(map(holds, actual, expected))
    return bool(actual == expected)


def _show(example: Example, port: int) -> bool:
    """Run one program, print what there is to see, and return whether its answer is wrong."""
    display.program(example, port)
    status, answer = post(port, "/orchestrate", example.body())
    display.answer(status, answer)
    # The output is compared as a whole: a member that nobody expects would be wrong there.
    right = status == 200 and holds(answer, example.expected) and answer["output"] == example.expected["output"]
    if not right:
        display.problem(f"expected {json.dumps(example.expected)}")
    return not right


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, printed: IO[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _is_ready(port):
            return
        time.sleep(0.02)
    printed.seek(0)
    raise ServiceNotReady(printed.read()[-4_000:].decode(errors="replace"))


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(_HOST, port, timeout=_REQUEST_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
