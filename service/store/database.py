"""Access to the database: one thread that writes, a few that read, and an event loop that only waits.

SQLite takes one writer at a time anyway. All writes that wait go into one transaction, so that many runs at once share
the price of a commit.
"""

import asyncio
import contextlib
import functools
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from service.errors import StoreUnavailable
from service.operator_errors import DatabaseNotUsable
from service.store.lock import FileLock, lock
from service.store.schema import migrate
from service.store.writer import CLOSED, Writer, in_our_words

__all__ = ["Connection", "Store", "open_store"]
READERS = 4
BUSY_SECONDS = 10.0
_T = TypeVar("_T")


class Store:
    """An open database. Its methods may be called from any thread; `write` and `read` from any event loop."""

    def __init__(
        self, *, writing: Engine, reading: Engine, queueing: Callable[[], Engine], locked: FileLock | None = None
    ) -> None:
        self._engines = (writing, reading)
        self._reading = reading
        self._closed = False
        self._queueing = queueing
        self._locked = locked
        self._writer = Writer(writing)
        self._readers = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="isthmus-store-read")

    async def write(self, job: Callable[[Connection], _T]) -> _T:
        """Run a job in a transaction and return its value when that is committed.

        It takes place even if the caller stops waiting for it. It may be run again when others of its transaction
        failed, so it changes the database and nothing else.

        Raises:
            StoreUnavailable: the database cannot be written to now.
        """
        return await asyncio.shield(asyncio.wrap_future(self._writer.put(job)))

    async def read(self, query: Callable[[Connection], _T]) -> _T:
        """Run a query, which sees one state of the database, and return its value.

        Raises:
            StoreUnavailable: the database cannot be read now.
        """
        if self._closed:
            raise StoreUnavailable(CLOSED)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, query)

    def write_now(self, job: Callable[[Connection], _T]) -> _T:
        """Write from a thread that may wait; see `write`."""
        return self._writer.put(job).result()

    def read_now(self, query: Callable[[Connection], _T]) -> _T:
        """Read on the thread of the caller; see `read`."""
        try:
            with self._reading.connect() as connection:
                return query(connection)
        except SQLAlchemyError as error:
            raise in_our_words(error) from error

    def queue_engine(self) -> Engine:
        """Return an engine for a queue that keeps tables of its own beside those of the store."""
        return self._queueing()

    def close(self) -> None:
        """Finish what was begun and let go of the database; may be called again."""
        self._closed = True
        self._writer.close()
        self._readers.shutdown()
        for engine in self._engines:
            engine.dispose()
        if self._locked is not None:
            self._locked.release()


def open_store(database: str, *, full_sync: bool = False, alone: bool = False) -> Store:
    """Open a database, make it when there is none, and bring its schema up to date.

    Args:
        database: the path of an SQLite file, or a URL: `sqlite:///...`, `postgresql://user@host/name`.
        full_sync: whether SQLite waits at each commit until the disk has it. Without, what was committed survives a
            killed process, and the last of it may be lost when the machine loses power.
        alone: whether no other process may open this SQLite file in this way, until the store is closed. Means
            nothing for PostgreSQL.

    Raises:
        DatabaseInUse: it is to be opened alone, and another process has opened it so.
        DatabaseNotUsable: it cannot be opened, made or written to.
        DatabaseTooNew: a later release has written it.
    """
    url = _url(database)
    try:
        with contextlib.ExitStack() as undo:
            locked = _locked(url) if alone else None
            undo.callback(locked.release if locked else lambda: None)
            writing, reading = _engines(url, full_sync=full_sync)
            undo.callback(writing.dispose)
            with writing.begin() as connection:
                migrate(connection)
            undo.pop_all()
    except (SQLAlchemyError, OSError, sqlite3.Error) as error:
        raise DatabaseNotUsable(_shown(url), _reason(error)) from error
    queueing = functools.partial(_queue_engine, url, full_sync=full_sync)
    return Store(writing=writing, reading=reading, queueing=queueing, locked=locked)


def _url(database: str) -> URL:
    try:
        url = make_url(database) if "://" in database else URL.create("sqlite", database=database)
    except (ArgumentError, ValueError):
        raise DatabaseNotUsable("the address", "it is no URL; write sqlite:///path or postgresql://...") from None
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise DatabaseNotUsable(_shown(url), "it names no file, and what is kept must outlive the process")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseNotUsable(_shown(url), "it is neither SQLite nor PostgreSQL")
    return url


def _locked(url: URL) -> FileLock | None:
    """Lock the database before anything is done to it."""
    if url.get_backend_name() != "sqlite":
        return None
    return lock(_file(url))


def _file(url: URL) -> Path:
    """Return the path of a database, in a folder that is there or was made."""
    path = Path(url.database or "")
    # What is in its way is named by the next step.
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _engines(url: URL, *, full_sync: bool) -> tuple[Engine, Engine]:
    """Return an engine for the one thread that writes and another for those that read."""
    if url.get_backend_name() != "sqlite":
        try:
            engine = create_engine(url, pool_pre_ping=True, pool_size=READERS + 1, hide_parameters=True)
        except (ImportError, NoSuchModuleError):
            reason = "its driver is not installed: pip install 'isthmus[postgres]'"
            raise DatabaseNotUsable(_shown(url), reason) from None
        return engine, engine.execution_options(isolation_level="REPEATABLE READ")
    path = _file(url)
    # It holds programs and their values; SQLite gives its side files the rights of this one.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    _set_wal(path)
    return (
        _sqlite(url, begin="BEGIN IMMEDIATE", pool_size=1, full_sync=full_sync),
        _sqlite(url, begin="BEGIN", pool_size=READERS, full_sync=full_sync),
    )


def _queue_engine(url: URL, *, full_sync: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=READERS, hide_parameters=True)
    engine = create_engine(url, pool_size=READERS, hide_parameters=True, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # It begins some of its transactions with words of its own, which Python's module must not be in the way of.
        connection.isolation_level = "IMMEDIATE"
        connection.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA synchronous = {'FULL' if full_sync else 'NORMAL'}")

    return engine


def _sqlite(url: URL, *, begin: str, pool_size: int, full_sync: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        # An error's text shows up in logs.
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # Python's module would begin transactions on its own, and only before some statements.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA synchronous = {'FULL' if full_sync else 'NORMAL'}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _set_wal(path: Path) -> None:
    """Let readers and a writer work at once; the file keeps the setting."""
    deadline = time.monotonic() + BUSY_SECONDS
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                # Another process does the same, and SQLite does not wait here.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def _shown(url: URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(getattr(cause, "strerror", None) or cause).partition("\n")[0]
