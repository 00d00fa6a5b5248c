"""Tries one forbidden thing per wall of a worker, in processes that stand behind that wall alone.

This is how `isthmus doctor` knows that a wall holds: not because it was asked for, but because something was refused.
Each probe is a child of its own: walls are for good, and some of them end the process.
"""

import contextlib
import ctypes
import errno
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

from sandbox.engines.workers import hardening, landlock, syscalls
from sandbox.engines.workers.walls import Wall

_START = "from sandbox.engines.cpython.probes import main; main()"
_SECONDS = 30
_REFUSED, _REACHED, _NOT_THERE = 10, 11, 12
_WORDS = {_REFUSED: "refused", _REACHED: "reached", _NOT_THERE: "missing"}
_ENDINGS = (-signal.SIGSYS, -signal.SIGSEGV)
_REFUSALS = {None, errno.EACCES, errno.EPERM, errno.EMFILE, errno.EBADF}
_PR_GET_NO_NEW_PRIVS = 39
_FIRST_PORT = 1
_PAGE: list[mmap.mmap] = []


def _change_user() -> None:
    os.setuid(0)


def _look_into_parent() -> None:
    parent = os.getpid()
    child = os.fork()
    if child:
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == _REFUSED:
            raise PermissionError
        return
    with contextlib.suppress(PermissionError), open(f"/proc/{parent}/mem", "rb"):  # noqa: PTH123 - it is no file
        os._exit(_REACHED)
    os._exit(_REFUSED)


def _gain_privileges() -> None:
    if ctypes.CDLL(None).prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1:
        raise PermissionError


def _open_file() -> None:
    with open(sys.executable, "rb"):  # noqa: PTH123
        pass


def _connect() -> None:
    with socket.socket() as tcp, contextlib.suppress(ConnectionError):
        tcp.connect(("127.0.0.1", _FIRST_PORT))


def _send_datagram() -> None:
    socket.socket(type=socket.SOCK_DGRAM).close()


def _signal_parent() -> None:
    os.kill(os.getppid(), 0)


def _use_standard_input() -> None:
    os.fstat(0)


def _read_environment() -> None:
    if not os.environ:
        raise PermissionError


def _write_code() -> None:
    for page in _PAGE:
        page[0] = 1


def _landlocked() -> Wall:
    hardening.renounce()
    return landlock.deny_everything()


def _filtered() -> Wall:
    hardening.renounce()
    return Wall.SYSTEM_CALLS if syscalls.refuse_all_others() else Wall(0)


def _sealed() -> Wall:
    _PAGE.append(mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))
    return hardening.seal_code()


def _unattached() -> Wall:
    hardening.become_nobody()
    return hardening.renounce()


# Each wall alone, and what it has to refuse. Who is not root has nothing to change back to: the user is the wall.
PROBES: dict[Wall, tuple[Callable[[], Wall], Callable[[], None]]] = {
    Wall.USER: (hardening.become_nobody, _change_user),
    Wall.PRIVILEGES: (hardening.renounce, _gain_privileges),
    Wall.ATTACHING: (_unattached, _look_into_parent),
    Wall.RESOURCES: (hardening.limit_resources, _open_file),
    Wall.ENVIRONMENT: (hardening.empty_environment, _read_environment),
    Wall.DESCRIPTORS: (hardening.keep_only, _use_standard_input),
    Wall.FILES: (_landlocked, _open_file),
    Wall.NETWORK: (_landlocked, _connect),
    Wall.SIGNALS: (_landlocked, _signal_parent),
    Wall.CODE: (_sealed, _write_code),
    Wall.SYSTEM_CALLS: (_filtered, _send_datagram),
}


def probe_walls(command: Callable[..., list[str]], import_alone: str) -> dict[Wall, str]:
    """Return for each wall `refused`, `reached` or `missing`."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        command(import_alone + _START), capture_output=True, env={"ISTHMUS": "probe"}, timeout=_SECONDS, check=True
    )
    words = json.loads(done.stdout)
    return {wall: str(words[wall.name]) for wall in Wall}


def main() -> None:
    """Try everything, and print what became of it."""
    words = {str(wall.name): _WORDS.get(_try(wall), "reached") for wall in PROBES}
    sys.stdout.write(json.dumps(words))


def _try(wall: Wall) -> int:
    child = os.fork()
    if child == 0:
        _stand_behind(wall)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return _REFUSED if code in _ENDINGS else code


def _stand_behind(wall: Wall) -> None:
    raise_wall, attempt = PROBES[wall]
    try:
        if wall not in raise_wall():
            os._exit(_NOT_THERE)
        attempt()
    except OSError as error:
        # A PermissionError that a probe raises itself bears no number.
        os._exit(_REFUSED if error.errno in _REFUSALS else _REACHED)
    finally:
        os._exit(_REACHED)
