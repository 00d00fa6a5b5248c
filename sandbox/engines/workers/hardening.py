"""What a worker process gives up once it is ready: the third wall, behind language policy and WebAssembly.

The order matters. Descriptors are closed while it may still do that, the user changes before the right to change it
goes, Landlock needs one more descriptor and comes before the limit on them, the filter of system calls is last.
Everything is for good. Where the kernel lacks a wall the process goes on without, and says so: see `walls`.
"""

import contextlib
import ctypes
import os
import re
import resource
import threading
from collections.abc import Iterable
from pathlib import Path

from sandbox.engines.workers import landlock, syscalls
from sandbox.engines.workers.walls import Wall
from sandbox.errors import MisuseError

_NOBODY = 65534
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITIES_VERSION = 0x2008_0522
_PROT_READ, _PROT_EXEC = 1, 4
_WRITABLE_CODE = re.compile("^([0-9a-f]+)-([0-9a-f]+) .wx", re.MULTILINE)
_HIGHEST_DESCRIPTOR = 2**31 - 1
_CLOSE_RANGE = 436
# What it already has stays usable: descriptors are counted when they are made.
_NONE_OF = (
    resource.RLIMIT_CORE,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_MEMLOCK,
    resource.RLIMIT_MSGQUEUE,
    resource.RLIMIT_RTPRIO,
)

_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


def lock_down(*, keep: Iterable[int]) -> Wall:
    """Give up everything but the descriptors `keep`, as far as this kernel offers it; return what is in force.

    Raises:
        MisuseError: the process has several threads; all but this one would keep their files.
    """
    if threading.active_count() > 1:
        raise MisuseError("lock_down binds one thread, and there are several")
    with contextlib.suppress(OSError):
        # When memory runs out, a worker goes before the service: its runs are replayed.
        Path("/proc/self/oom_score_adj").write_text("1000")
    return (
        keep_only(*sorted(keep))
        | seal_code()
        | empty_environment()
        | become_nobody()
        | renounce()
        | landlock.deny_everything()
        | limit_resources()
        | (Wall.SYSTEM_CALLS if syscalls.refuse_all_others() else Wall(0))
    )


def keep_only(*kept: int) -> Wall:
    """Close all other descriptors, standard input and output among them: nothing can take their numbers later."""
    begins = [0, *(one + 1 for one in kept)]
    ends = [*(one - 1 for one in kept), _HIGHEST_DESCRIPTOR]
    closed = [
        _libc.syscall(_CLOSE_RANGE, first, last, 0) == 0
        for first, last in zip(begins, ends, strict=True)
        if first <= last
    ]
    return Wall.DESCRIPTORS if all(closed) else Wall(0)


def empty_environment() -> Wall:
    """Forget what the process was started with; the engine starts it with nothing."""
    os.environ.clear()
    return Wall.ENVIRONMENT


def become_nobody() -> Wall:
    """Leave root and every capability behind."""
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    none = (ctypes.c_uint32 * 6)()
    header = _CapabilityHeader(_CAPABILITIES_VERSION, 0)
    dropped = _libc.capset(ctypes.byref(header), ctypes.byref(none)) == 0
    return Wall.USER if dropped and 0 not in os.getresuid() else Wall(0)


def renounce() -> Wall:
    """Do without privileges that a file could give, and without being looked into by other processes."""
    renounced = Wall(0)
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        renounced |= Wall.PRIVILEGES
    if _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0:
        renounced |= Wall.ATTACHING
    return renounced


def seal_code() -> Wall:
    """Make memory that can be written and run read-only: what ctypes made for the functions that the guest calls.

    The filter of system calls then lets no further memory become executable.
    """
    try:
        maps = Path("/proc/self/maps").read_text()
    except OSError:
        return Wall(0)
    for begin, end in _WRITABLE_CODE.findall(maps):
        first, last = int(begin, 16), int(end, 16)
        if _libc.mprotect(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _PROT_READ | _PROT_EXEC):
            return Wall(0)
    return Wall.CODE


def limit_resources() -> Wall:
    """Make no new descriptor, file, core or lock on memory possible.

    Threads are not limited: the kernel counts them for the whole user, and forking is refused by the filter.
    """
    try:
        for one in _NONE_OF:
            resource.setrlimit(one, (0, 0))
    except (OSError, ValueError):
        return Wall(0)
    return Wall.RESOURCES
