"""The third wall on its own: code that has left the guest and runs in a worker process reaches nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.engines.cpython import hardening
from sandbox.engines.cpython.engine import CPythonEngine

ESCAPED = """
import os, socket, sys
from sandbox.engines.cpython.hardening import lock_down
probe = sys.argv[1]
open("/etc/passwd").close()
lock_down()
try:
    if probe == "read":
        open("/etc/passwd")
    elif probe == "list":
        os.listdir("/")
    elif probe == "write":
        open("/tmp/isthmus-escaped", "w")
    elif probe == "execute":
        os.execv("/bin/true", ["true"])
    elif probe == "connect":
        socket.socket().connect(("127.0.0.1", 9))
    elif probe == "privilege":
        os.setuid(0)
        if os.getuid() != 0:
            raise PermissionError
except PermissionError:
    print("refused")
else:
    print("reached it")
"""


def probe(what: str) -> str:
    """Return what an escaped program reports that tries `what`."""
    done = subprocess.run([sys.executable, "-c", ESCAPED, what], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(not hardening.landlock_version(), reason="this kernel has no Landlock")
@pytest.mark.parametrize("what", ["read", "list", "write", "execute"])
def test_files_are_out_of_reach(what: str) -> None:
    """Nothing can be read, listed, written or executed."""
    assert probe(what) == "refused"


@pytest.mark.skipif(hardening.landlock_version() < 4, reason="this kernel's Landlock knows no network")
def test_tcp_is_out_of_reach() -> None:
    """A worker needs no network: its one channel is open before."""
    assert probe("connect") == "refused"


def test_there_is_no_way_back_to_root() -> None:
    """A worker that was started as root has given that up for good."""
    assert probe("privilege") == "refused"


def read_process(process: int) -> tuple[bytes, str]:
    """Return environment and status of a process, as the kernel tells them."""
    folder = Path(f"/proc/{process}")
    return (folder / "environ").read_bytes(), (folder / "status").read_text()


async def test_a_worker_has_an_empty_environment_and_one_channel() -> None:
    """What a worker inherits, whoever escapes into it has."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    (process,) = engine.processes()
    environment, status = read_process(process)
    await engine.close()

    assert environment == b""
    assert "NoNewPrivs:\t1" in status
