"""A receiver of webhooks in the test's process, which takes messages or does not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.acceptance.serving import until


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiving:
    """A receiver, and what it was sent."""

    url: str = ""
    messages: list[Message] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """What the next messages are answered with; 204 when there are none left."""

    def wait_for(self, count: int) -> list[Message]:
        """Return the messages as soon as there are so many."""
        until(lambda: len(self.messages) >= count)
        return self.messages


@contextmanager
def receiving() -> Iterator[Receiving]:
    """Receive on a free port of this machine."""
    here = Receiving()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = here.statuses.pop(0) if here.statuses else 204
            self.send_response(status)
            if status in (301, 302, 307, 308):
                self.send_header("location", f"{here.url}/elsewhere")
            self.send_header("set-cookie", "remembered=yes; Path=/")
            self.send_header("content-length", "0")
            self.end_headers()
            here.messages.append(Message(path=self.path, headers=headers, body=body))

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        here.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()
