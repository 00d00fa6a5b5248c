"""Results that are kept: what a run's result is known by, where it is kept, and when it is given again."""

from sandbox.cache.answers import answered
from sandbox.cache.default import cache_store, make_store, use_cache_store
from sandbox.cache.keys import Identity, key_of, shape_of
from sandbox.cache.store import CacheStore, Claim, Kept
from sandbox.cache.versions import digest_of, version_of, version_of_code

__all__ = [
    "CacheStore",
    "Claim",
    "Identity",
    "Kept",
    "answered",
    "cache_store",
    "digest_of",
    "key_of",
    "make_store",
    "shape_of",
    "use_cache_store",
    "version_of",
    "version_of_code",
]
