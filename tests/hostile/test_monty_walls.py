"""Whoever breaks out of the interpreter of `monty`, or wins the worker beside it, finds no file, network or process."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.engines.monty.confining import WALLS
from sandbox.engines.monty.engine import MontyEngine
from sandbox.engines.workers import walls
from sandbox.engines.workers.process import IMPORT_ALONE, python_alone
from sandbox.limits import Limits
from sandbox.turns import LimitExceeded, Program, Returned
from tests.play import NOW, play_on

# What Python itself needs to try a thing and say what came of it was loaded before.
CONFINED = f"""{IMPORT_ALONE}
import os, signal, socket
from sandbox.engines.monty.confining import confine
def tried(attempt):
    try:
        attempt()
    except OSError as error:
        return os.write(int(sys.argv[2]), error.strerror.encode())
    os.write(int(sys.argv[2]), b"it worked")
confine(int(sys.argv[2]), sys.argv[3])
"""
REFUSED = b"Permission denied"
FORBIDDEN = b"Operation not permitted"
MISSING = b"Function not implemented"
# As many numbers that share a hash take a minute to be put into a set.
COLLIDING = "{n * (2**61 - 1) for n in range(100_000)}"


@pytest.fixture
async def monty() -> AsyncIterator[MontyEngine]:
    """The engine, opened, with one worker."""
    opened = MontyEngine(workers=1)
    await opened.open()
    yield opened
    await opened.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")
@pytest.mark.parametrize(
    ("attempt", "came_of_it"),
    [
        ("os.getpid()", b"it worked"),
        ("open('/etc/passwd')", REFUSED),
        ("open('/proc/self/environ')", REFUSED),
        ("os.listdir('/')", REFUSED),
        ("open('/tmp/new', 'w')", REFUSED),
        ("os.unlink('/etc/passwd')", MISSING),
        ("socket.socket()", MISSING),
        ("os.kill(1, signal.SIGTERM)", FORBIDDEN),
        ("os.execve('/bin/sh', ['sh'], {})", REFUSED),
        ("os.setuid(0)", MISSING),
    ],
)
def test_a_worker_can_compute_and_nothing_else(attempt: str, came_of_it: bytes) -> None:
    """The interpreter is a foreign program with untrusted text; what it is started in, it stays in."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        code = f"{CONFINED}\ntried(lambda: {attempt})"
        command = python_alone(code, str(theirs.fileno()), "/bin/true")
        subprocess.run(command, pass_fds=[theirs.fileno()], env={}, check=False)
        theirs.close()

        assert ours.recv(100) == came_of_it


async def test_workers_stand_behind_their_walls(monty: MontyEngine) -> None:
    """What the kernel offers is in force before a program comes, for the interpreter as well."""
    group = monty.processes()[0]
    statuses = [await asyncio.to_thread(status_of, one) for one in members(group)]

    assert [wall for wall in walls.missing(monty.in_force()) if wall in WALLS] == []
    assert len(statuses) == 2
    for status in statuses:
        assert (status["NoNewPrivs"], status["Seccomp"], int(status["CapEff"], 16)) == ("1", "2", 0)
        assert "0" not in status["Uid"].split()


async def test_a_value_that_takes_for_ever_to_be_read_takes_its_worker_down_and_no_other(monty: MontyEngine) -> None:
    """The interpreter's values become objects in a process of its own: the kernel ends it when its time is used up."""
    began = time.process_time()

    played = await play_on(monty, COLLIDING, cpu_seconds=0.2)

    assert isinstance(played.end, LimitExceeded)
    assert (played.end.limit, played.end.allowed) == ("cpu_seconds", 0.2)
    assert time.process_time() - began < 1.0
    assert (await play_on(monty, "1 + 1")).value == 2


async def test_a_killed_interpreter_is_replaced(monty: MontyEngine) -> None:
    """A panic, or the kernel short of memory, costs the run that was under way there, and no other one."""
    execution = monty.execution(Program(source="f()"), limits=Limits(), seed=1)
    turn = asyncio.create_task(execution.start({}, now=NOW))
    await turn
    group = monty.processes()[0]
    (interpreter,) = [one for one in members(group) if one != group]

    os.kill(interpreter, signal.SIGKILL)

    ended = await monty.execution(Program(source="1 + 1"), limits=Limits(), seed=1).start({}, now=NOW)
    assert isinstance(ended, Returned)
    assert ended.value == 2


def members(group: int) -> list[int]:
    """Return the processes of a group."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            found.append(int(folder.name))
    return found


def status_of(number: int) -> dict[str, str]:
    """Return what the kernel says of a process."""
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
