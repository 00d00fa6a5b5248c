"""A store of results in this process, for tests of what asks one."""

from sandbox.cache import Claim, Kept


class DictionaryStore:
    """Results and claims in this process."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.claimed: set[str] = set()

    def get(self, key: str) -> Kept | None:
        """Return what is kept."""
        return self.kept.get(key)

    def put(self, key: str, kept: Kept) -> None:
        """Keep it."""
        self.kept[key] = kept

    def claim(self, key: str) -> Claim | None:
        """Return the right to compute a result."""
        if key in self.claimed:
            return None
        self.claimed.add(key)
        return _Claim(self, key)


class _Claim:
    def __init__(self, store: DictionaryStore, key: str) -> None:
        self._store = store
        self._key = key

    def release(self) -> None:
        self._store.claimed.discard(self._key)
