"""The one thread that writes: takes all jobs that wait into one transaction, and answers each after the commit."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, exc

from service.errors import StoreUnavailable

MAX_TOGETHER = 500
CLOSED = "it was closed"
# A statement that cannot be right, however the database is.
_OURS = (exc.DataError, exc.IntegrityError, exc.ProgrammingError)
_T = TypeVar("_T")
_Job = tuple[Callable[[Connection], Any], "Future[Any]"]


class Writer:
    """Writes until it is closed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="isthmus-store-write", daemon=True)
        self._thread.start()

    def put(self, job: Callable[[Connection], _T]) -> "Future[_T]":
        """Queue a job; the future has its value when it is committed.

        Raises:
            StoreUnavailable: the writer was closed.
        """
        future: Future[_T] = Future()
        # A job that begins cannot be cancelled: nobody may take back what others of its transaction go with.
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                raise StoreUnavailable(CLOSED)
            self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Write what is queued, and end."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            together, is_last = self._waiting(job)
            self._commit(together)
            if is_last:
                return
            # Not kept alive while there is nothing to do.
            del job, together

    def _waiting(self, first: _Job) -> tuple[list[_Job], bool]:
        """Return the jobs that wait, and whether the writer was closed after them."""
        jobs = [first]
        while len(jobs) < MAX_TOGETHER:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return jobs, True
            jobs.append(job)
        return jobs, False

    def _commit(self, jobs: Sequence[_Job]) -> None:
        try:
            values = self._transact(jobs)
        except Exception as error:  # noqa: BLE001 - whoever waits for the job is told; the thread serves the others
            if len(jobs) > 1:
                # One of them failed and took the others back with it: each on its own.
                for job in jobs:
                    self._commit([job])
            else:
                jobs[0][1].set_exception(in_our_words(error))
        else:
            for (_, future), value in zip(jobs, values, strict=True):
                future.set_result(value)

    def _transact(self, jobs: Sequence[_Job]) -> list[Any]:
        try:
            return self._once(jobs)
        except (exc.IntegrityError, exc.OperationalError):
            # Another replica inserted the same row, or held what this one waited for: now it sees what that one did.
            if len(jobs) > 1:
                raise
            return self._once(jobs)

    def _once(self, jobs: Sequence[_Job]) -> list[Any]:
        with self._engine.begin() as connection:
            return [job(connection) for job, _ in jobs]


def in_our_words(error: Exception) -> Exception:
    """Return what a caller is told of an error: of a database that failed, its code, for its words may hold values."""
    if isinstance(error, _OURS) or not isinstance(error, exc.DBAPIError | exc.TimeoutError):
        return error
    cause = getattr(error, "orig", None) or error
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or type(cause).__name__
    told = StoreUnavailable(str(name))
    told.__cause__ = error
    return told
