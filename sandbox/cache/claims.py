"""Claims: of equal runs at the same time one computes the result, among all threads and processes of this machine.

Across processes a claim is a lock of the kernel's on one byte of a file, at a place made of the key. It belongs to the
open file, not to the process, so that two stores of one process keep out each other; and it ends with the process.
"""

import contextlib
import errno
import fcntl
import os
import struct
import threading
from pathlib import Path

# The digits of a key that make a place: below 2**60, as an offset must be below 2**63.
_DIGITS = 15


class Claims:
    """The claims of one store."""

    def __init__(self, path: Path | None) -> None:
        """`path` is the file; without one, only the threads of this process keep out each other."""
        self._path = path
        self._lock = threading.Lock()
        self._held: set[str] = set()

    def claim(self, key: str) -> "HeldClaim | None":
        """Return a claim, None while somebody else has one for this key."""
        with self._lock:
            if key in self._held:
                return None
            self._held.add(key)
        try:
            descriptor = self._locked(key)
        except BlockingIOError:
            self.drop(key)
            return None
        return HeldClaim(self, key, descriptor)

    def drop(self, key: str) -> None:
        """Forget a claim."""
        with self._lock:
            self._held.discard(key)

    def _locked(self, key: str) -> int | None:
        """Return the open file that holds the lock, None where files cannot be locked.

        Raises:
            BlockingIOError: another one holds it.
        """
        if self._path is None:
            return None
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return None
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _flock(key, fcntl.F_WRLCK))
        except OSError as error:
            os.close(descriptor)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                raise BlockingIOError from None
            return None
        return descriptor


class HeldClaim:
    """A claim that is held."""

    def __init__(self, claims: Claims, key: str, descriptor: int | None) -> None:
        self._claims = claims
        self._key = key
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it up."""
        if self._descriptor is not None:
            # Unlocked first: a process that was forked meanwhile has the open file as well.
            with contextlib.suppress(OSError):
                fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _flock(self._key, fcntl.F_UNLCK))
            os.close(self._descriptor)
            self._descriptor = None
        self._claims.drop(self._key)


def _flock(key: str, kind: int) -> bytes:
    """Return the kernel's `struct flock` for one byte."""
    place = int(key.removeprefix("sha256:")[:_DIGITS], 16)
    return struct.pack("hhqqi", kind, os.SEEK_SET, place, 1, 0)
