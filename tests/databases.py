"""Databases for tests: an SQLite file, and a PostgreSQL of its own where its programs are installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL that listens on a socket only, and give the URL of its database."""
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("the programs of PostgreSQL are not installed")
    user = pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("nobody")
    # A short path: that of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        os.chown(base, user.pw_uid, user.pw_gid)
        _start(base, user)
        try:
            yield f"postgresql://isthmus@/postgres?host={base}"
        finally:
            _call(user, "pg_ctl", "-D", str(base / "data"), "-m", "immediate", "stop")


def _start(base: Path, user: pwd.struct_passwd) -> None:
    cluster = str(base / "data")
    _call(user, "initdb", "-D", cluster, "-U", "isthmus", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={base} -c fsync=off"
    _call(user, "pg_ctl", "-D", cluster, "-o", options, "-l", str(base / "log"), "-w", "start")


def _call(user: pwd.struct_passwd, *command: str) -> None:
    # PostgreSQL does not run as root.
    as_user = {} if os.getuid() else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **as_user  # type: ignore[call-overload]  # three keywords, or none
    )  # fmt: skip
