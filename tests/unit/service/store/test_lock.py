"""One service on an SQLite file, whatever it is called, and no hold on it that outlives the service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.operator_errors import DatabaseInUse, DatabaseNotUsable
from service.store.database import open_store

ROOT = Path(__file__).parents[4]
# Holds a database, with a child that outlives it, until it is killed.
HOLDER = """
import subprocess, sys
from service.store.database import open_store

store = open_store(sys.argv[1], alone=True)
child = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, close_fds=False)
print(child.pid, flush=True)
sys.stdin.readline()
"""


def test_a_file_that_a_service_has_locked_is_refused_by_any_name(tmp_path: Path) -> None:
    """A second service would go on with runs that the first one drives, and make their calls again."""
    database, link = tmp_path / "isthmus.db", tmp_path / "link.db"
    store = open_store(str(database), alone=True)
    link.symlink_to(database)

    with pytest.raises(DatabaseInUse) as refused:
        open_store(f"sqlite:///{link}", alone=True)

    store.close()
    assert str(refused.value) == (
        f"ISTHMUS_DATABASE: a service, process {os.getpid()}, uses {database} now, and a second one would take its "
        "runs for those of a service that was killed: end that one first, or give this one a database of its own, "
        "another file or postgresql://user:password@host/name"
    )
    open_store(str(link), alone=True).close()


def test_whatever_is_no_service_works_beside_one(tmp_path: Path) -> None:
    """Keys are made and tenants changed while the service runs."""
    database = str(tmp_path / "isthmus.db")
    store = open_store(database, alone=True)

    open_store(database).close()

    store.close()


def test_a_lock_ends_with_a_killed_process_though_its_children_live(tmp_path: Path) -> None:
    """Workers outlive a service by a moment: a restart must not wait for them, or find a stale lock."""
    database = str(tmp_path / "isthmus.db")
    arguments = [sys.executable, "-c", HOLDER, database]
    with subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        with pytest.raises(DatabaseInUse, match=f"a service, process {holder.pid}, uses {database} now"):
            open_store(database, alone=True)
        holder.kill()
    try:
        open_store(database, alone=True).close()
    finally:
        os.kill(child, 9)


def test_postgresql_is_locked_by_nobody(postgres_url: str) -> None:
    """It may be on another machine: no file of this machine stands for it."""
    stores = [open_store(postgres_url, alone=True) for _ in range(2)]

    for store in stores:
        store.close()


@pytest.mark.parametrize("content", ["", "x\n", "²\n"])
def test_a_lock_file_that_names_nobody_is_no_reason_to_fail_otherwise(tmp_path: Path, content: str) -> None:
    """The id is written after the lock was taken, and anybody who may write there can write something else."""
    database = str(tmp_path / "isthmus.db")
    store = open_store(database, alone=True)
    (tmp_path / "isthmus.db.lock").write_text(content)

    with pytest.raises(DatabaseInUse, match=f"a service uses {database} now"):
        open_store(database, alone=True)

    store.close()


def test_a_link_in_the_place_of_the_lock_file_is_not_followed(tmp_path: Path) -> None:
    """In a folder that others may write to, it would have the service empty a file of its own."""
    target, database = tmp_path / "precious", str(tmp_path / "isthmus.db")
    target.write_text("text")
    (tmp_path / "isthmus.db.lock").symlink_to(target)

    with pytest.raises(DatabaseNotUsable, match="Too many levels of symbolic links"):
        open_store(database, alone=True)

    assert target.read_text() == "text"


def test_a_database_that_cannot_be_opened_is_not_held(tmp_path: Path) -> None:
    """A service that did not start is in nobody's way."""
    database = tmp_path / "isthmus.db"
    database.write_text("no database at all, but a text of some length")

    for _ in range(2):
        with pytest.raises(DatabaseNotUsable, match="file is not a database"):
            open_store(str(database), alone=True)
