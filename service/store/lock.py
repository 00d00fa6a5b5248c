"""One service on an SQLite file: it takes the runs that it finds there for those of a service that ended.

A lock of the kernel on a file beside the database: whoever holds it cannot die holding it, not even by SIGKILL. Only
services take it; whatever else reads or writes rows does that beside them, as SQLite lets it.
"""

import contextlib
import fcntl
import os
import threading
from pathlib import Path

from service.operator_errors import DatabaseInUse

_PID_DIGITS = 20


class FileLock:
    """A lock that is held until it is released, or the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor
        self._releasing = threading.Lock()

    def release(self) -> None:
        """Let others have the database; may be called again. The file stays: to remove it could take another's."""
        with self._releasing:
            descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
            os.close(descriptor)


def lock(database: Path) -> FileLock:
    """Lock a database for this service, by `<database>.lock`, which then holds the id of this process.

    Raises:
        DatabaseInUse: a service has locked it.
        OSError: there can be no such file, or no lock on it.
    """
    # By whichever of its names: SQLite follows links as well.
    database = database.resolve()
    path = database.with_name(f"{database.name}.lock")
    # Not inherited, so that no worker holds it on; and no link, which somebody else could have laid.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        holder = os.pread(descriptor, _PID_DIGITS, 0).strip()
        os.close(descriptor)
        raise DatabaseInUse(str(database), int(holder) if holder.isdigit() else None) from None
    except BaseException:
        os.close(descriptor)
        raise
    return FileLock(descriptor)
