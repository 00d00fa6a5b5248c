"""The default store: a SQLite file, through SQLAlchemy's Core.

It stands in no run's way. What goes wrong with the file is logged in one line, and the program is run; a file that is
no database any more is taken away, and begun anew. Several processes share it: WAL, and a bound on waiting for a lock.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sql
from sqlalchemy.dialects.sqlite import insert

from sandbox.cache.claims import Claims
from sandbox.cache.store import Claim, Kept

_LOG = logging.getLogger("sandbox")
# How long a lock of another process's may be waited for.
_BUSY_SECONDS = 1.0
# Of what the file may take, one result may take this part, and this part goes when it is full.
_LARGEST = 8
_EVICTED = 8

_METADATA = sql.MetaData()
_RESULTS = sql.Table(
    "results",
    _METADATA,
    sql.Column("key", sql.Text, primary_key=True),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("kept_at", sql.Float, nullable=False, index=True),
    sql.Column("seed", sql.BigInteger),
)
_T = TypeVar("_T")


class SqliteStore:
    """Results in one file, the oldest of which go when it is full. Nothing is opened before the first use."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        """Make a store.

        Args:
            path: the file; its directory is made when it is not there.
            max_bytes: what it may take. A result that would take more than an eighth of it is not kept.
        """
        self._path = path
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._engine: sql.Engine | None = None
        self._file: int | None = None
        self._claims = Claims(path.with_suffix(".claims"))

    def get(self, key: str) -> Kept | None:
        """Return what is kept, None also when the file cannot be read."""

        def read(connection: sql.Connection) -> Kept | None:
            row = connection.execute(
                sql.select(_RESULTS.c.text, _RESULTS.c.kept_at, _RESULTS.c.seed).where(_RESULTS.c.key == key)
            ).one_or_none()
            return None if row is None or not _is_sound(row) else Kept(text=row[0], kept_at=row[1], seed=row[2])

        return self._try(read)

    def put(self, key: str, kept: Kept) -> None:
        """Keep a result, as far as that is possible."""
        if len(kept.text.encode()) > self._max_bytes // _LARGEST:
            return
        fields = {"text": kept.text, "kept_at": kept.kept_at, "seed": kept.seed}
        statement = insert(_RESULTS).values(key=key, **fields)

        def write(connection: sql.Connection) -> None:
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=fields))
            self._evict(connection)

        self._try(write)

    def claim(self, key: str) -> Claim | None:
        """Return the right to compute a result, None while another thread or process has it."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._claims.claim(key)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()

    def _try(self, work: Callable[[sql.Connection], _T]) -> _T | None:
        try:
            with self._connection() as connection:
                return work(connection)
        except (sql.exc.SQLAlchemyError, OSError, ValueError) as error:
            # A locked or full file is an OperationalError; one that is no database is only its base class.
            broken = type(error) is sql.exc.DatabaseError
            _LOG.warning("results cannot be kept or read now: %s", type(getattr(error, "orig", error)).__name__)
            if broken:
                self._begin_anew()
            return None

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sql.Connection]:
        with self._lock:
            if self._engine is None:
                self._engine = self._opened()
            engine = self._engine
        with engine.connect() as connection:
            yield connection

    def _opened(self) -> sql.Engine:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        self._file = self._path.stat().st_ino
        engine = sql.create_engine(
            sql.URL.create("sqlite", database=str(self._path)),
            # Each statement is a transaction of its own.
            isolation_level="AUTOCOMMIT",
            connect_args={"timeout": _BUSY_SECONDS},
        )
        sql.event.listen(engine, "connect", _prepare)
        _METADATA.create_all(engine)
        return engine

    def _evict(self, connection: sql.Connection) -> None:
        while self._size(connection) > self._max_bytes:
            count = connection.execute(sql.select(sql.func.count()).select_from(_RESULTS)).scalar_one()
            oldest = sql.select(_RESULTS.c.key).order_by(_RESULTS.c.kept_at).limit(count // _EVICTED + 1)
            if not connection.execute(sql.delete(_RESULTS).where(_RESULTS.c.key.in_(oldest))).rowcount:
                return

    def _size(self, connection: sql.Connection) -> int:
        """Return how many bytes of the file hold something."""
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def _begin_anew(self) -> None:
        """Take a broken file away, unless another process did."""
        self.close()
        with contextlib.suppress(OSError):
            if self._path.stat().st_ino == self._file:
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)


def _is_sound(row: Sequence[Any]) -> bool:
    """Say whether a row holds what was written: SQLite does not hold columns to their types."""
    text, kept_at, seed = row
    return type(text) is str and type(kept_at) is float and type(seed) in (int, type(None))


def _prepare(connection: Any, _record: Any) -> None:
    # Survives a killed process; after a power cut, results may be missing.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
