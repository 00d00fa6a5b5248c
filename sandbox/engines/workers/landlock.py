"""Landlock: the kernel refuses this process files, TCP, and signals to others, but for files that a rule allows."""

import contextlib
import ctypes
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox.engines.workers.walls import Wall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_DIRECTORY = 1, 4, 8
READ = _READ_FILE | _READ_DIRECTORY
RUN = READ | _EXECUTE
_CREATE_RULESET_VERSION = 1
# Rights that this module knows, and how long a ruleset is in the versions that brought them.
_FILE_RIGHTS, _TCP_RIGHTS, _SCOPES = 13, 2, 2
_FILES_ONLY_BYTES, _WITH_TCP_BYTES, _WITH_SCOPES_BYTES = 8, 16, 24
_TCP_VERSION, _SCOPES_VERSION = 4, 6
_MOST_RIGHTS = 63

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("beneath", ctypes.c_int32))


def version() -> int:
    """Return the kernel's version of Landlock, 0 when it has none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)))


@contextmanager
def opened(allowed: Mapping[str, int]) -> Iterator[dict[int, int]]:
    """Open files and directories for `deny_everything`; yield descriptor -> rights of those that are there."""
    descriptors: dict[int, int] = {}
    try:
        for path, rights in allowed.items():
            with contextlib.suppress(OSError):
                # What is no directory cannot be listed, and the kernel refuses a rule that says so.
                fitting = rights if Path(path).is_dir() else rights & ~_READ_DIRECTORY
                descriptors[os.open(path, os.O_PATH | os.O_CLOEXEC)] = fitting
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def deny_everything(allowed: Mapping[int, int] | None = None) -> Wall:
    """Deny what this kernel can deny, for the calling thread and all that it starts; return what that is.

    The process must not be able to gain privileges, else the kernel refuses.

    Args:
        allowed: open files and directories -> what may be done with them and what is below: `READ` or `RUN`.
    """
    known = version()
    if not known:
        return Wall(0)
    has_tcp, has_scopes = known >= _TCP_VERSION, known >= _SCOPES_VERSION
    size = _WITH_SCOPES_BYTES if has_scopes else _WITH_TCP_BYTES if has_tcp else _FILES_ONLY_BYTES
    # A newer kernel may know more rights than are counted here: asking for one more, until it refuses, finds them.
    files = _widest("files", _FILE_RIGHTS, size)
    tcp = _widest("tcp", _TCP_RIGHTS, size) if has_tcp else 0
    scopes = _widest("scopes", _SCOPES, size) if has_scopes else 0
    descriptor = _ruleset(_Ruleset(files, tcp, scopes), size)
    if descriptor < 0:
        return Wall(0)
    for beneath, rights in (allowed or {}).items():
        _libc.syscall(_ADD_RULE, descriptor, _PATH_BENEATH, ctypes.byref(_Beneath(rights, beneath)), 0)
    restricted = _libc.syscall(_RESTRICT_SELF, descriptor, 0) == 0
    os.close(descriptor)
    if not restricted:
        return Wall(0)
    return Wall.FILES | (Wall.NETWORK if tcp else Wall(0)) | (Wall.SIGNALS if scopes else Wall(0))


def _widest(field: str, count: int, size: int) -> int:
    """Return the largest set of rights of one kind that the kernel takes, from the first `count` up."""
    taken = 0
    for bits in range(count, _MOST_RIGHTS):
        rights = (1 << bits) - 1
        descriptor = _ruleset(_Ruleset(**{field: rights}), size)
        if descriptor < 0:
            break
        os.close(descriptor)
        taken = rights
    return taken


def _ruleset(rules: _Ruleset, size: int) -> int:
    return int(_libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0))
