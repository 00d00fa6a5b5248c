"""The checker reads untrusted text: whoever wins it finds no file, no network, no process, and little time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.checker.process import find_checker
from sandbox.engines.workers.process import IMPORT_ALONE, python_alone

# What Python itself needs to try a thing and say what came of it was loaded before.
CONFINED = f"""{IMPORT_ALONE}
import os, socket
from sandbox.checker.launch import confine
def tried(attempt):
    try:
        attempt()
    except OSError as error:
        return os.write(1, error.strerror.encode())
    os.write(1, b"it worked")
confine(sys.argv[2], sys.argv[3])
"""
REFUSED = b"Permission denied"
MISSING = b"Function not implemented"


@pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")
@pytest.mark.parametrize(
    ("attempt", "came_of_it"),
    [
        ("open('given')", b"it worked"),
        ("open('/etc/passwd')", REFUSED),
        ("open('/proc/self/environ')", REFUSED),
        ("os.listdir('..')", REFUSED),
        ("open('new', 'w')", REFUSED),
        ("open('given', 'a')", REFUSED),
        ("os.unlink('given')", MISSING),
        ("socket.socket()", MISSING),
        ("socket.socketpair()", MISSING),
        ("os.kill(os.getppid(), 9)", MISSING),
        ("os.execve('/bin/sh', ['sh'], {})", REFUSED),
    ],
)
def test_the_checker_can_read_its_own_files_and_nothing_else(tmp_path: Path, attempt: str, came_of_it: bytes) -> None:
    """A foreign program with untrusted text has the walls of a worker, as far as it can live with them."""
    (tmp_path / "given").write_text("")
    if os.geteuid() == 0:
        for path in [tmp_path, tmp_path / "given"]:
            os.chown(path, 65534, 65534)

    ran = subprocess.run(
        python_alone(f"{CONFINED}\ntried(lambda: {attempt})", str(find_checker()), str(tmp_path)),
        env={},
        capture_output=True,
        check=False,
    )

    assert (ran.stdout, ran.stderr) == (came_of_it, b"")


def test_the_checker_cannot_start_a_process(tmp_path: Path) -> None:
    """Threads it may have; what is no thread ends it."""
    ran = subprocess.run(
        python_alone(f"{CONFINED}\ntried(os.fork)", str(find_checker()), str(tmp_path)),
        env={},
        capture_output=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (-31, b"")
