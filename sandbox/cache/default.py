"""The store that templates use unless they are told another: made when the first result is kept or looked for."""

import os
from pathlib import Path

from sandbox.cache.store import CacheStore, Claim, Kept
from sandbox.folders import cache_folders
from sandbox.limits import MIB
from sandbox.threads import generation

MAX_BYTES = 256 * MIB
# The number is that of the format: what another version wrote is not looked at.
_FILE = "results-1.sqlite"
_CHOSEN: list[CacheStore] = []


def make_store(path: Path | None = None, *, max_bytes: int = MAX_BYTES) -> CacheStore:
    """Return a store in a SQLite file, which is opened at its first use.

    Args:
        path: the file; by default `results-1.sqlite` in the cache directory (`ISTHMUS_CACHE_DIR`, else the user's).
        max_bytes: what it may take; the oldest results go when it is full.
    """
    return _OnFirstUse(path, max_bytes)


def use_cache_store(store: CacheStore | None) -> None:
    """Have all templates of this process keep their results there; None is the default again."""
    _CHOSEN[:] = [] if store is None else [store]


def cache_store() -> CacheStore:
    """Return the store of this process."""
    return _CHOSEN[0] if _CHOSEN else _DEFAULT


class _OnFirstUse:
    """A store that imports and opens nothing before somebody asks it something."""

    def __init__(self, path: Path | None, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        # By generation: what a parent opened is not its child's.
        self._made: dict[int, CacheStore] = {}

    def get(self, key: str) -> Kept | None:
        return self._store().get(key)

    def put(self, key: str, kept: Kept) -> None:
        self._store().put(key, kept)

    def claim(self, key: str) -> Claim | None:
        return self._store().claim(key)

    def _store(self) -> CacheStore:
        made = self._made.get(generation())
        if made is None:
            from sandbox.cache.sqlite import SqliteStore

            made = SqliteStore(self._path or _place(), max_bytes=self._max_bytes)
        return self._made.setdefault(generation(), made)


_DEFAULT = make_store()


def _place() -> Path:
    """Return where results lie; where no directory can be written to, the store will find that out and keep nothing."""
    folders = [*cache_folders()]
    writable = [one for one in folders if os.access(one, os.W_OK)]
    return (writable or folders or [Path(os.devnull)])[0] / _FILE
