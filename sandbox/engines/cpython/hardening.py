"""What a worker process gives up once it is ready: the third wall, behind language policy and WebAssembly.

In force: an unprivileged user where it was started as root, no new privileges, no core files, and, where the kernel has
Landlock, no access to any file (reading, writing, executing) and no TCP. Not yet in force: a filter of system calls.
"""

import contextlib
import ctypes
import os
import resource
from pathlib import Path

_NOBODY = 65534
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_DUMPABLE = 4
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_CREATE_RULESET_VERSION = 1
# Rights that a ruleset can deny, by the version of Landlock that brought them.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
_TCP_RIGHTS = 0b11
_SCOPES = 0b11

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def lock_down() -> None:
    """Give up privileges, files and network, as far as this kernel offers it."""
    with contextlib.suppress(OSError):
        # When memory runs out, a worker goes before the service: its runs are replayed.
        Path("/proc/self/oom_score_adj").write_text("1000")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    _deny_files_and_network()


def landlock_version() -> int:
    """Return the kernel's version of Landlock, 0 when it has none."""
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)))


def _deny_files_and_network() -> None:
    version = landlock_version()
    if not version:
        return
    count = max(bits for since, bits in _FILE_RIGHTS.items() if since <= version)
    rules = _Ruleset((1 << count) - 1, _TCP_RIGHTS if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    descriptor = _libc.syscall(_LANDLOCK_CREATE_RULESET, ctypes.byref(rules), size, 0)
    if descriptor < 0:
        return
    _libc.syscall(_LANDLOCK_RESTRICT_SELF, descriptor, 0)
    os.close(descriptor)
