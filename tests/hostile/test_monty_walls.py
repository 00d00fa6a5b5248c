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

from sandbox.engines.monty import launch
from sandbox.engines.monty.confinement import WALLS
from sandbox.engines.monty.engine import MontyEngine
from sandbox.engines.table import make_engine
from sandbox.engines.workers import walls
from sandbox.engines.workers.process import IMPORT_ALONE, python_alone
from sandbox.errors import EngineUnavailable
from sandbox.limits import Limits
from sandbox.turns import LimitExceeded, Program, Returned
from tests.play import NOW, play_on

# What Python itself needs to try a thing and say what came of it was loaded before.
CONFINED = f"""{IMPORT_ALONE}
import os, signal, socket
from sandbox.engines.monty.confinement import confine
def tried(attempt):
    try:
        attempt()
    except OSError as error:
        return os.write(int(sys.argv[2]), error.strerror.encode())
    os.write(int(sys.argv[2]), b"it worked")
confine(int(sys.argv[2]), binary=sys.argv[3])
"""
REFUSED = b"Permission denied"
FORBIDDEN = b"Operation not permitted"
MISSING = b"Function not implemented"
HOLDS = """
import asyncio, sys
from sandbox.engines.monty.engine import MontyEngine
from sandbox.limits import Limits
from sandbox.turns import Program

async def main():
    engine = MontyEngine(workers=1)
    await engine.open()
    execution = engine.execution(Program(source=sys.argv[1]), limits=Limits(cpu_seconds=60), seed=1)
    print(*engine.processes(), flush=True)
    await execution.start({}, now=0)

asyncio.run(main())
"""
ROOT = Path(__file__).parent.parent.parent
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


async def test_a_wall_that_is_required_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for walls gets them around the workers of every engine; no worker stays behind."""
    lacking = f"{IMPORT_ALONE}from sandbox.engines.workers import syscalls; syscalls.MACHINES.clear(); "
    monkeypatch.setattr(launch, "_START", launch._START.replace(IMPORT_ALONE, lacking))
    engine = make_engine("monty", workers=1, require_walls=True)
    assert isinstance(engine, MontyEngine)

    with pytest.raises(EngineUnavailable, match=r"lack walls: system calls.*ISTHMUS_REQUIRE_WALLS=false"):
        await engine.open()
    assert engine.processes() == []


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
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(folder.name))
    return found


def cpu_of_group(group: int) -> float:
    """Return the processor time of the processes of a group, in seconds."""
    ticks = 0
    for one in members(group):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def status_of(number: int) -> dict[str, str]:
    """Return what the kernel says of a process."""
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@pytest.mark.parametrize("source", ["while True:\n    pass", COLLIDING], ids=["computing", "read"])
def test_a_worker_and_its_interpreter_end_with_a_service_that_is_killed(source: str) -> None:
    """Also while the one makes an object of what the other gave, and neither looks at anything else."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, source], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as service:
        assert service.stdout is not None
        worker = int(service.stdout.readline())
        # As long as one of the two uses up its own processor time, it is not asleep.
        used = cpu_of_group(worker)
        while cpu_of_group(worker) < used + 0.3:
            time.sleep(0.01)

        service.kill()

        patience = time.monotonic() + 5
        while (left := members(worker)) and time.monotonic() < patience:
            time.sleep(0.01)
        assert left == []
