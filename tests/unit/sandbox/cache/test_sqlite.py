"""The default store: what it keeps, what it drops, and that nothing of its own fails anybody."""

import logging
import sqlite3
from pathlib import Path

import pytest

from sandbox.cache import Kept
from sandbox.cache.sqlite import SqliteStore
from sandbox.limits import KIB, MIB

KEY, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
KEPT = Kept(text='"é"', kept_at=1.5, seed=2**53 - 1)


def store(folder: Path, *, max_bytes: int = MIB) -> SqliteStore:
    """A store of a file in a folder that may not be there yet."""
    return SqliteStore(folder / "new" / "results.sqlite", max_bytes=max_bytes)


def test_what_was_kept_is_there_for_other_stores_of_the_file(tmp_path: Path) -> None:
    """Another store is what another process has; keeping once more replaces."""
    first, second = store(tmp_path), store(tmp_path)

    first.put(KEY, Kept(text="1", kept_at=1.0))
    first.put(KEY, KEPT)

    assert (second.get(KEY), second.get(OTHER)) == (KEPT, None)


def test_nothing_is_opened_before_the_first_use(tmp_path: Path) -> None:
    """A program without cache leaves no file behind."""
    store(tmp_path)

    assert [*tmp_path.iterdir()] == []


def test_the_oldest_results_go_when_the_file_is_full(tmp_path: Path) -> None:
    """The file stays within its bound, and the newest result is there."""
    small = store(tmp_path, max_bytes=256 * KIB)
    keys = [f"sha256:{number:064x}" for number in range(60)]

    for number, key in enumerate(keys):
        small.put(key, Kept(text="1" * 10_000, kept_at=float(number)))
    found = [small.get(key) is not None for key in keys]

    assert found == sorted(found)
    assert 15 <= sum(found) <= 26
    assert (tmp_path / "new" / "results.sqlite").stat().st_size < 320 * KIB


def test_a_result_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    """It would take the place of everybody else's."""
    small = store(tmp_path, max_bytes=256 * KIB)

    small.put(KEY, Kept(text="1" * 40_000, kept_at=1.0))

    assert small.get(KEY) is None


def test_a_file_that_is_no_database_is_begun_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever finds it has nothing; the next result is kept again. The log names no path."""
    broken = store(tmp_path)
    path = tmp_path / "new" / "results.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 500)

    assert broken.get(KEY) is None
    broken.put(KEY, KEPT)
    assert broken.get(KEY) == KEPT
    assert [record.getMessage() for record in caplog.records] == ["results cannot be kept or read now: DatabaseError"]


def test_a_file_that_breaks_while_it_is_open_is_begun_anew(tmp_path: Path) -> None:
    """A page of it is overwritten, as a broken disk would."""
    broken = store(tmp_path, max_bytes=64 * MIB)
    for number in range(200):
        broken.put(f"sha256:{number:064x}", Kept(text="1" * 1000, kept_at=1.0))
    broken.close()
    path = tmp_path / "new" / "results.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))

    assert broken.get(KEY) is None
    broken.put(KEY, KEPT)
    assert broken.get(KEY) == KEPT


def test_a_locked_file_is_read_and_not_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody else's long transaction is waited for a second, and costs no run."""
    first = store(tmp_path)
    first.put(KEY, KEPT)
    holder = sqlite3.connect(tmp_path / "new" / "results.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with caplog.at_level(logging.WARNING):
        first.put(OTHER, KEPT)
    found = (first.get(KEY), first.get(OTHER))
    holder.execute("ROLLBACK")
    holder.close()
    first.put(OTHER, KEPT)

    assert found == (KEPT, None)
    assert first.get(OTHER) == KEPT
    assert [record.getMessage() for record in caplog.records] == [
        "results cannot be kept or read now: OperationalError"
    ]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    """The path is below a file."""
    (tmp_path / "new").write_text("")
    nowhere = store(tmp_path)

    nowhere.put(KEY, KEPT)

    assert nowhere.get(KEY) is None
    claim = nowhere.claim(KEY)
    assert claim is not None
    assert nowhere.claim(KEY) is None


def test_a_row_of_other_types_is_not_there(tmp_path: Path) -> None:
    """SQLite does not hold columns to their types, and somebody may have written to the file."""
    first = store(tmp_path)
    first.put(KEY, KEPT)
    with sqlite3.connect(tmp_path / "new" / "results.sqlite") as connection:
        connection.execute("UPDATE results SET text = x'00'")
    connection.close()

    assert first.get(KEY) is None


def test_one_store_at_a_time_has_a_claim(tmp_path: Path) -> None:
    """By key; released ones are free again."""
    first, second = store(tmp_path), store(tmp_path)
    claim = first.claim(KEY)
    assert claim is not None

    assert (first.claim(KEY), second.claim(KEY)) == (None, None)
    assert second.claim(OTHER) is not None
    claim.release()
    assert second.claim(KEY) is not None
