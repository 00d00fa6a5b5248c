"""Opening a database, writing together, and what is left when a process is killed."""

import asyncio
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, Inspector, create_engine, inspect, text
from sqlalchemy.engine import make_url

from service.errors import StoreUnavailable
from service.operator_errors import DatabaseNotUsable, DatabaseTooNew
from service.store.database import Store, open_store
from service.store.entries import append_entries, read_entries
from service.store.keys import list_keys
from service.store.runs import find_any_run, insert_run
from service.store.schema import VERSIONS
from service.store.tables import metadata
from service.store.versions import v1
from tests.unit.service.store.rows import run_row

ROOT = Path(__file__).parents[4]
# Writes one entry after another, and says the number of each when it was told that it is there.
WRITER = """
import sys
from service.store.database import open_store
from service.store.entries import append_entries
from service.store.runs import insert_run
from tests.unit.service.store.rows import run_row

store = open_store(sys.argv[1])
store.write_now(lambda connection: insert_run(connection, run_row()))
for seq in range(1_000_000):
    store.write_now(lambda connection: append_entries(connection, "run_1", first=seq, texts=[f"{seq} " * 500]))
    print(seq, flush=True)
"""
OPENER = """
import sys
from service.store.database import open_store

print("there", flush=True)
sys.stdin.readline()
open_store(sys.argv[1]).close()
print("open", flush=True)
"""


def test_what_was_acknowledged_is_there_after_the_writer_was_killed(tmp_path: Path) -> None:
    """A killed service loses no accepted run, and its file opens without repair."""
    database = str(tmp_path / "isthmus.db")
    with _python(WRITER, database) as process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(100)]
        process.kill()
        acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]

    store = open_store(database)

    kept = store.read_now(lambda connection: read_entries(connection, "run_1"))
    assert [one.split(maxsplit=1)[0] for one in kept[: len(acknowledged)]] == [str(seq) for seq in acknowledged]
    assert store.write_now(lambda connection: connection.execute(text("PRAGMA integrity_check")).scalar()) == "ok"
    store.close()


def test_processes_that_open_a_database_at_once_make_it_once(database: str) -> None:
    """Two replicas start together; the second one waits and finds the schema there."""
    openers = [_python(OPENER, database) for _ in range(4)]
    try:
        for one in openers:
            assert one.stdout is not None
            assert one.stdout.readline() == "there\n"
        told = [one.communicate("\n", timeout=60)[0] for one in openers]
    finally:
        for one in openers:
            one.kill()
            one.wait()

    assert told == ["open\n"] * 4


def test_the_steps_lead_to_the_tables_that_statements_name(database: str, tmp_path: Path) -> None:
    """Two descriptions of one schema: whoever changes one has to change the other."""
    open_store(database).close()
    stepped = create_engine(database if "://" in database else f"sqlite:///{database}")
    kind = make_url(stepped.url).get_backend_name()
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.db'}") if kind == "sqlite" else stepped
    try:
        found = _described(inspect(stepped))
        with declared.begin() as connection:
            if kind == "postgresql":
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            metadata.create_all(connection)
        assert found == _described(inspect(declared))
        assert sorted(found) == sorted(metadata.tables)
    finally:
        stepped.dispose()
        declared.dispose()


def test_a_key_of_an_earlier_release_may_what_it_might(database: str) -> None:
    """There, a scope added to what every key could do; an upgrade takes nothing from keys that are in use."""
    engine = create_engine(database if "://" in database else f"sqlite:///{database}")
    with engine.begin() as connection:
        for statement in (*v1.STATEMENTS, "CREATE TABLE isthmus_schema (version INTEGER NOT NULL)"):
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO isthmus_schema (version) VALUES (1)"))
        connection.execute(text("INSERT INTO tenants VALUES ('acme', '{}', 1)"))
        for name, scopes in [("a", ""), ("b", "approve metrics")]:
            values = {"name": name, "scopes": scopes}
            connection.execute(text("INSERT INTO keys VALUES (:name, 'acme', 'd', :scopes, '', 1, NULL)"), values)
    engine.dispose()

    store = open_store(database)

    found = store.read_now(list_keys)
    store.close()
    assert [(one.id, sorted(one.scopes)) for one in found] == [("a", ["run"]), ("b", ["approve", "metrics", "run"])]


def test_a_database_of_a_later_release_is_refused(database: str) -> None:
    """An old release must not work on rows that it does not understand."""
    store = open_store(database)
    store.write_now(lambda connection: connection.execute(text("UPDATE isthmus_schema SET version = 99")))
    store.close()

    with pytest.raises(DatabaseTooNew) as refused:
        open_store(database)

    assert str(refused.value) == (
        f"ISTHMUS_DATABASE: the database has schema version 99, and this release knows {len(VERSIONS)}: start the "
        "release that wrote it, or a later one, or name another database"
    )


@pytest.mark.parametrize(
    ("database", "reason"),
    [
        ("{tmp}/text", "file is not a database"),
        ("{tmp}", "Is a directory"),
        ("{tmp}/text/isthmus.db", "Not a directory"),
        ("sqlite://", "it names no file, and what is kept must outlive the process"),
        (":memory:", "it names no file, and what is kept must outlive the process"),
        ("mysql://root:secret@host/name", "it is neither SQLite nor PostgreSQL"),
        ("://", "it is no URL; write sqlite:///path or postgresql://..."),
    ],
)
def test_a_database_that_cannot_be_used_names_the_setting(tmp_path: Path, database: str, reason: str) -> None:
    """The operator reads one line and knows what to change; a password is not in it."""
    (tmp_path / "text").write_text("no database " * 200)

    with pytest.raises(DatabaseNotUsable) as refused:
        open_store(database.format(tmp=tmp_path))

    message = str(refused.value)
    assert message.startswith("ISTHMUS_DATABASE: cannot use ")
    assert reason in message
    assert "secret" not in message


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    """It holds programs and their values."""
    before = os.umask(0)
    try:
        store = open_store(str(tmp_path / "made" / "isthmus.db"))
        store.write_now(lambda connection: insert_run(connection, run_row()))
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "made").iterdir()}
        store.close()
    finally:
        os.umask(before)

    assert modes == {"isthmus.db": 0o600, "isthmus.db-wal": 0o600, "isthmus.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o700


@pytest.mark.parametrize(("full_sync", "mode"), [(False, 1), (True, 2)])
def test_a_commit_waits_for_the_disk_where_that_is_asked_for(tmp_path: Path, full_sync: bool, mode: int) -> None:  # noqa: FBT001
    """Against a loss of power; SQLite calls the two NORMAL and FULL."""
    store = open_store(str(tmp_path / "isthmus.db"), full_sync=full_sync)

    found = store.write_now(lambda connection: connection.execute(text("PRAGMA synchronous")).scalar())

    store.close()
    assert found == mode


async def test_a_write_that_fails_takes_no_other_with_it(store: Store) -> None:
    """Runs share transactions, and must not share each other's faults."""
    started, go_on = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        started.set()
        go_on.wait()

    def fail(connection: Connection) -> None:
        insert_run(connection, run_row("run_bad"))
        raise LookupError

    holding = asyncio.ensure_future(store.write(hold))
    await asyncio.to_thread(started.wait)
    together = asyncio.gather(
        store.write(lambda connection: insert_run(connection, run_row("run_a"))),
        store.write(fail),
        store.write(lambda connection: insert_run(connection, run_row("run_b"))),
        return_exceptions=True,
    )
    await asyncio.sleep(0)
    go_on.set()
    outcomes = await together
    await holding

    assert [type(one) for one in outcomes] == [bool, LookupError, bool]
    found = await store.read(lambda one: [find_any_run(one, run_id) for run_id in ("run_a", "run_bad", "run_b")])
    assert found == [run_row("run_a"), None, run_row("run_b")]


async def test_writes_that_wait_share_a_transaction(store: Store) -> None:
    """A hundred runs at once cost one commit, not a hundred."""
    started, go_on = threading.Event(), threading.Event()
    seen: list[Connection] = []

    def hold(_connection: Connection) -> None:
        started.set()
        go_on.wait()

    holding = asyncio.ensure_future(store.write(hold))
    await asyncio.to_thread(started.wait)
    together = asyncio.gather(*(store.write(seen.append) for _ in range(100)))
    await asyncio.sleep(0)
    go_on.set()
    await together
    await holding

    assert len(seen) == 100
    assert len({id(one) for one in seen}) == 1


async def test_a_write_takes_place_though_its_caller_went_away(store: Store) -> None:
    """A closed connection cancels the request, and must not lose what the run did."""
    started, go_on = threading.Event(), threading.Event()

    def insert(connection: Connection) -> None:
        started.set()
        go_on.wait()
        insert_run(connection, run_row())

    request = asyncio.ensure_future(store.write(insert))
    await asyncio.to_thread(started.wait)
    request.cancel()
    await asyncio.wait([request])
    go_on.set()

    assert request.cancelled()
    await store.write(lambda _connection: None)
    assert await store.read(lambda connection: find_any_run(connection, "run_1")) == run_row()


async def test_a_query_sees_one_state_of_the_database(store: Store) -> None:
    """A run and its journal are read by two statements, between which a driver may write."""
    await store.write(lambda connection: insert_run(connection, run_row()))

    def query(connection: Connection) -> list[str]:
        find_any_run(connection, "run_1")
        store.write_now(lambda writing: append_entries(writing, "run_1", first=0, texts=["header"]))
        return read_entries(connection, "run_1")

    assert await store.read(query) == []


async def test_a_closed_store_says_so(store: Store) -> None:
    """Whoever comes too late while a service ends is told, and nobody waits for ever."""
    store.close()

    message = "the database cannot be used now (it was closed); send the request again later"
    with pytest.raises(StoreUnavailable, match=re.escape(message)):
        await store.write(lambda _connection: None)
    with pytest.raises(StoreUnavailable, match=re.escape(message)):
        await store.read(lambda _connection: None)


async def test_a_database_that_fails_is_no_fault_of_the_caller(tmp_path: Path) -> None:
    """A full or vanished disk is answered as something that passes, without the database's own words."""
    store = open_store(str(tmp_path / "isthmus.db"))
    full = await store.write(lambda connection: connection.execute(text("PRAGMA page_count")).scalar())
    await store.write(lambda connection: connection.execute(text(f"PRAGMA max_page_count = {full}")))

    with pytest.raises(StoreUnavailable) as refused:
        await store.write(lambda connection: insert_run(connection, run_row(stdout="x" * 100_000)))

    assert str(refused.value) == "the database cannot be used now (SQLITE_FULL); send the request again later"
    await store.write(lambda connection: connection.execute(text("PRAGMA max_page_count = 100000")))
    await store.write(lambda connection: insert_run(connection, run_row()))
    store.close()


def _python(program: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def _described(found: Inspector) -> dict[str, object]:
    names = [name for name in found.get_table_names() if name != "isthmus_schema"]
    return {
        name: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted(
                (
                    one["name"] or "",
                    one["column_names"],
                    {name: str(text) for name, text in one.get("dialect_options", {}).items()},
                )
                for one in found.get_indexes(name)
            ),
            sorted(
                (one["constrained_columns"], one["referred_table"], one["referred_columns"], str(one["options"]))
                for one in found.get_foreign_keys(name)
            ),
        )
        for name in names
    }
