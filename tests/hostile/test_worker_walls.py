"""The third wall on its own: code that has left the guest and runs in a worker process reaches nothing.

The attempts run in Python, as machine code in a worker's place would make the same system calls.
"""

import asyncio
import os
import re
import socket
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from sandbox.engines.cpython import launch, probes
from sandbox.engines.cpython.artifact import compiled_guest
from sandbox.engines.cpython.by_image import ImagesEngine
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.workers import landlock, process
from sandbox.engines.workers.walls import EVERY, Wall
from sandbox.errors import EngineCrashed, EngineUnavailable
from sandbox.limits import Limits
from sandbox.turns import Program
from service.assembly import make_service
from service.settings import Settings

KILLED, REFUSED = "killed", "refused"

# An attempt is refused with an error, or it ends the process: a filter that answered would let an attacker look for
# what it answers.
ATTEMPTS = {
    "read a file": ('open("/etc/passwd")', REFUSED),
    "list a directory": ('os.open("/", os.O_RDONLY)', REFUSED),
    "write a file": ('open("/tmp/isthmus-escaped", "w")', REFUSED),
    "look at a file": ('os.stat("/etc/passwd")', REFUSED),
    "write where standard error was": ('os.write(2, b"x")', REFUSED),
    "execute": ('os.execv("/bin/true", ["true"])', KILLED),
    "execute from a descriptor": ("os.execve(channel, ['x'], {})", KILLED),
    "fork": ("os.fork()", KILLED),
    "clone into a process": ("libc.syscall(CLONE, 17, 0, 0, 0, 0)", KILLED),
    "clone into a namespace": ("libc.syscall(CLONE, 0x3d0f00 | 0x40000000, 0, 0, 0, 0)", KILLED),
    "clone3": ("check(libc.syscall(435, 0, 0))", REFUSED),
    "TCP": ("socket.socket()", KILLED),
    "UDP": ("socket.socket(type=socket.SOCK_DGRAM)", KILLED),
    "unix": ("socket.socket(socket.AF_UNIX)", KILLED),
    "netlink": ("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", KILLED),
    "raw packets": ("socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", KILLED),
    "a pair of sockets": ("socket.socketpair()", KILLED),
    "pass a descriptor": ("socket.send_fds(own, [b'x'], [channel])", KILLED),
    "a datagram over the channel": ("own.sendto(b'x', '/tmp/nowhere')", KILLED),
    "ptrace": ("libc.ptrace(16, os.getppid(), 0, 0)", KILLED),
    "read another's memory": ("libc.process_vm_readv(parent, 0, 0, 0, 0, 0)", KILLED),
    "write another's memory": ("libc.process_vm_writev(parent, 0, 0, 0, 0, 0)", KILLED),
    "kill": ("os.kill(parent, 0)", KILLED),
    "slow others down": ("os.setpriority(os.PRIO_PROCESS, parent, 19)", KILLED),
    "a pipe": ("os.pipe()", KILLED),
    "duplicate a descriptor": ("os.dup(channel)", REFUSED),
    "a file in memory": ("os.memfd_create('x')", KILLED),
    "executable memory": ("mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)", KILLED),
    "make memory executable": ("libc.mprotect(PAGE, 4096, 7)", KILLED),
    "mount": ("libc.mount(0, 0, 0, 0, 0)", KILLED),
    "unshare": ("libc.unshare(0x10000000)", KILLED),
    "enter a namespace": ("libc.setns(channel, 0)", KILLED),
    "change the root": ("os.chroot('/')", KILLED),
    "become root": ("os.setuid(0)", KILLED),
    "capabilities": ("libc.syscall(126 if X86 else 91, 0, 0)", KILLED),
    "change a limit": ("check(libc.setrlimit(resource.RLIMIT_NOFILE, PAGE))", REFUSED),
    "be dumpable again": ("libc.prctl(4, 1, 0, 0, 0)", KILLED),
    "io_uring": ("libc.syscall(425, 1, 0)", KILLED),
    "bpf": ("libc.syscall(321 if X86 else 280, 0, 0, 0)", KILLED),
    "perf": ("libc.syscall(298 if X86 else 241, 0, 0, 0, 0, 0)", KILLED),
    "keys": ("libc.syscall(250 if X86 else 219, 0, 0, 0, 0, 0)", KILLED),
    "open by handle": ("libc.syscall(304 if X86 else 265, 0, 0, 0)", KILLED),
    "execveat": ("libc.syscall(322 if X86 else 281, channel, 0, 0, 0, 0)", KILLED),
    "userfaultfd": ("libc.syscall(323 if X86 else 282, 0)", KILLED),
    "a file descriptor of another process": ("libc.syscall(438, 0, 0, 0)", KILLED),
    "another process's clock": ("libc.syscall(228 if X86 else 113, ~parent << 3, PAGE)", KILLED),
    "the 32-bit calling convention": ("libc.syscall(0x40000000 + 39)", KILLED),
    "a system call that does not exist": ("libc.syscall(1000)", KILLED),
}

ESCAPED = """
import ctypes, mmap, os, platform, resource, socket
attempt, channel = sys.argv[4], int(sys.argv[2])
X86 = platform.machine() == "x86_64"
CLONE = 56 if X86 else 220
libc, parent = ctypes.CDLL(None, use_errno=True), os.getppid()
own = socket.socket(fileno=channel)
page = mmap.mmap(-1, 4096)
PAGE = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(page)))
def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
def escape():
    try:
        eval(attempt)
    except OSError:
        own.sendall(b"refused")
    except BaseException as other:
        own.sendall(repr(other).encode())
    else:
        own.sendall(b"reached")
    os._exit(0)
"""
# A process that locks itself down as a worker does; and a real worker, whose first word is the attempt instead.
ALIKE = f"""{process.IMPORT_ALONE}{ESCAPED}
from sandbox.engines.workers import hardening
hardening.lock_down(keep=[channel])
escape()
"""
REAL = f"""{process.IMPORT_ALONE}{ESCAPED}
from sandbox.engines.cpython import worker
worker.Worker.serve = lambda self, fresh_bytes, in_force: escape()
worker.main(channel, sys.argv[3])
"""


def escape(code: str, attempt: str) -> str:
    """Return what became of an attempt in a process that `code` starts."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = process.python_alone(code, str(theirs.fileno()), str(compiled_guest()), attempt)
        done = subprocess.run(
            command, pass_fds=[theirs.fileno()], env={}, stderr=subprocess.PIPE, timeout=60, check=False
        )
        theirs.close()
        said = ours.recv(1000).decode() or done.stderr.decode()[-500:]
    return KILLED if done.returncode == -31 else said


LACKS_WALLS = probes.probe_walls(process.python_alone, process.IMPORT_ALONE) != dict.fromkeys(Wall, "refused")
every_wall = pytest.mark.skipif(
    LACKS_WALLS,
    reason="this kernel lacks a wall; `isthmus doctor` says which",
)


@every_wall
@pytest.mark.parametrize("name", ATTEMPTS)
def test_whoever_left_the_guest_reaches_nothing(name: str) -> None:
    """Files, network, processes, kernel interfaces: each is a way on, and none is open."""
    attempt, expected = ATTEMPTS[name]

    assert escape(ALIKE, attempt) == expected


@every_wall
@pytest.mark.parametrize(
    "name", ["read a file", "execute", "fork", "UDP", "read another's memory", "executable memory", "become root"]
)
def test_a_real_worker_reaches_nothing(name: str) -> None:
    """With the guest loaded and one isolate behind it, after all that a worker does before its first program."""
    attempt, expected = ATTEMPTS[name]

    assert escape(REAL, attempt) == expected


@every_wall
def test_the_attempts_succeed_without_walls() -> None:
    """An attempt that fails everywhere would prove nothing."""
    code = ALIKE.replace("hardening.lock_down(keep=[channel])", "")
    harmless = ["read a file", "list a directory", "look at a file", "TCP", "UDP", "unix", "a pair of sockets", "kill"]
    harmless += ["a pipe", "duplicate a descriptor", "a file in memory", "executable memory", "change a limit"]

    assert {name: escape(code, ATTEMPTS[name][0]) for name in harmless} == dict.fromkeys(harmless, "reached")


def alone(raise_wall: str, attempt: str) -> str:
    """Return what became of an attempt behind one wall alone."""
    steps = f"hardening.{raise_wall}"
    return escape(ALIKE.replace("hardening.lock_down(keep=[channel])", steps), attempt)


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
@pytest.mark.parametrize("name", ["read a file", "list a directory", "write a file"])
def test_landlock_alone_refuses_files(name: str) -> None:
    """Should the filter of system calls have a hole, files stay out of reach."""
    attempt = ATTEMPTS[name][0]

    assert alone("renounce(); hardening.landlock.deny_everything()", attempt) == REFUSED


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_landlock_alone_refuses_to_execute() -> None:
    """A program from the disk would bring everything with it that a worker has not."""
    assert alone("renounce(); hardening.landlock.deny_everything()", 'os.execv("/bin/true", ["true"])') == REFUSED


@pytest.mark.skipif(landlock.version() < 4, reason="this kernel's Landlock knows no network")
def test_landlock_alone_refuses_tcp() -> None:
    """A worker needs no network: its one channel is open before."""
    attempt = "socket.socket().connect(('127.0.0.1', 9))"

    assert alone("renounce(); hardening.landlock.deny_everything()", attempt) == REFUSED


@pytest.mark.parametrize("name", ["read a file", "TCP", "a pipe", "a file in memory", "duplicate a descriptor"])
def test_limits_alone_refuse_descriptors(name: str) -> None:
    """Nothing can be opened where nothing can be numbered."""
    assert alone("limit_resources()", ATTEMPTS[name][0]) == REFUSED


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
def test_there_is_no_way_back_to_root() -> None:
    """A worker that was started as root has given that up for good."""
    assert alone("become_nobody()", "os.setuid(0)") == REFUSED


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gets through everywhere")
def test_each_probe_gets_through_where_its_wall_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor must not call a wall sound because its probe fails for another reason."""
    monkeypatch.setenv("ISTHMUS", "probe")
    for wall, (_, attempt) in [*probes.PROBES.items()]:
        monkeypatch.setitem(probes.PROBES, wall, (partial(Wall, wall), attempt))

    assert {wall: probes._try(wall) for wall in Wall} == dict.fromkeys(Wall, probes._REACHED)


async def opened() -> CPythonEngine:
    """Return an open engine with one worker."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    return engine


async def ask_kernel(ask: Callable[[Path], object]) -> object:
    """Return what the kernel says about a worker that has just started."""
    engine = await opened()
    (number,) = engine.processes()
    answer = await asyncio.to_thread(ask, Path(f"/proc/{number}"))
    await engine.close()
    return answer


@every_wall
async def test_the_kernel_confirms_what_a_worker_gave_up() -> None:
    """Not what the worker says about itself: what `/proc` says."""
    status = str(await ask_kernel(lambda folder: (folder / "status").read_text()))
    fields = dict(re.findall(r"^(\w+):\t(.+)$", status, re.MULTILINE))

    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"
    assert {fields[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Amb")} == {"0" * 16}
    assert "0" not in fields["Uid"].split() + fields["Gid"].split() + fields.get("Groups", "").split()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a process that is not dumpable")
async def test_a_worker_holds_nothing_but_its_channel_and_the_guest() -> None:
    """What a worker inherits, whoever escapes into it has."""
    secret = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(secret, True)  # noqa: FBT003
    held = await ask_kernel(lambda folder: sorted(str(one.readlink()) for one in (folder / "fd").iterdir()))
    os.close(secret)

    assert isinstance(held, list)
    guest, channel = held
    assert guest == str(compiled_guest())
    assert channel.startswith("socket:")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a process that is not dumpable")
async def test_a_worker_has_no_environment() -> None:
    """Keys and addresses stand in the service's."""
    assert await ask_kernel(lambda folder: (folder / "environ").read_bytes()) == b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a process that is not dumpable")
async def test_no_memory_of_a_worker_can_be_written_and_run() -> None:
    """No memory can be written and run: what was there before is all the code there is."""
    maps = str(await ask_kernel(lambda folder: (folder / "maps").read_text()))

    assert [line for line in maps.splitlines() if set("wx") <= set(line.split()[1])] == []


async def test_a_worker_imports_nothing_that_it_does_not_need() -> None:
    """Neither the service's event loop nor the library around the engine: less to abuse, and 7 MB less memory."""
    listing = f"{process.IMPORT_ALONE}import sandbox.engines.cpython.worker; print(*sorted(sys.modules))"
    done = await asyncio.create_subprocess_exec(*process.python_alone(listing), stdout=subprocess.PIPE)
    printed, _ = await done.communicate()

    loaded = {name.partition(".")[0] for name in printed.decode().split()}
    assert loaded.isdisjoint({"uvloop", "asyncio", "ssl", "pydantic", "fastapi", "RestrictedPython", "subprocess"})


async def test_every_wall_is_reported() -> None:
    """A worker says what stands around it, before it runs any program."""
    engine = await opened()
    in_force = engine.in_force()
    await engine.close()

    assert in_force == EVERY or LACKS_WALLS


WITHOUT_SECCOMP = "from sandbox.engines.workers import syscalls; syscalls.MACHINES.clear(); "


def lacking_seccomp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers start as on a machine whose system calls nobody has written down."""
    start = launch._START.replace(process.IMPORT_ALONE, process.IMPORT_ALONE + WITHOUT_SECCOMP)
    monkeypatch.setattr(launch, "_START", start)


async def test_a_missing_wall_is_named_and_the_service_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old kernel is better served with a warning than not at all."""
    lacking_seccomp(monkeypatch)
    said: list[str] = []
    engine = CPythonEngine(workers=2, say=said.append)
    await engine.open()
    in_force = engine.in_force()
    await engine.close()

    assert Wall.SYSTEM_CALLS not in in_force
    assert said == [
        "warning: the worker processes lack walls: system calls: seccomp filters are needed, on x86-64 or ARM "
        "(aarch64); ISTHMUS_REQUIRE_WALLS=true refuses to start so"
    ]


async def test_a_wall_that_is_required_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for walls gets them or no service; no worker stays behind."""
    lacking_seccomp(monkeypatch)
    engine = CPythonEngine(workers=2, require_walls=True)

    with pytest.raises(EngineUnavailable, match=r"lack walls: system calls.*ISTHMUS_REQUIRE_WALLS=false"):
        await engine.open()
    assert engine.processes() == []


def test_a_process_with_threads_is_not_locked_down() -> None:
    """Landlock binds the thread that asks for it: another one would keep its files."""
    thread = "import threading; threading.Thread(target=own.recv, args=[1], daemon=True).start()\n"
    code = ALIKE.replace("hardening.lock_down", f"{thread}hardening.lock_down")

    assert "MisuseError" in escape(code, "None")


async def test_a_worker_that_its_filter_ended_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody broke out, or the list is too short for this machine: an operator has to hear of both."""
    forks = f"{process.IMPORT_ALONE}import os; from sandbox.engines.cpython import worker; "
    forks += "worker.Worker._run = lambda *_: os.fork(); "
    monkeypatch.setattr(launch, "_START", launch._START.replace(process.IMPORT_ALONE, forks))
    said: list[str] = []
    engine = CPythonEngine(workers=1, say=said.append)
    await engine.open()
    execution = engine.execution(Program(source="1"), limits=Limits(), seed=7)

    with pytest.raises(EngineCrashed):
        await execution.start({}, now=0)
    await engine.close()

    assert said == [
        "a worker process ended: it made a system call that is not on its list, so either a program broke out or the "
        "list is too short; its runs go on in another one"
    ]


@pytest.mark.parametrize(("status", "words"), [(-9, "signal 9"), (70, "exit status 70"), (0, "exit status 0")])
def test_how_a_worker_ended_is_said_in_words(status: int, words: str) -> None:
    """A signal is mostly the kernel's, for want of memory; a status is the worker's own."""
    assert process.ending(status) == words


def test_requiring_walls_is_a_setting() -> None:
    """`ISTHMUS_REQUIRE_WALLS=true` reaches the engine."""
    service = make_service(Settings(require_walls=True), [])

    engine = service._engines.named("cpython")
    assert isinstance(engine, ImagesEngine)
    assert engine._shipped._require_walls is True
