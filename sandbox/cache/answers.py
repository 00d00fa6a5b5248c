"""Answers a run from the cache, or has it computed and keeps the result. A store that fails makes no run fail."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from sandbox import values
from sandbox.cache.store import CacheStore, Kept
from sandbox.errors import ValueRejected
from sandbox.execute import NOTHING_USED, Finished
from sandbox.options import Cache

# How often somebody who waits for another run's result looks for it.
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.005, 0.1
# What this run, and those whose functions it works for, compute alone: nobody waits for himself.
_CLAIMED: ContextVar[frozenset[str]] = ContextVar("_CLAIMED", default=frozenset())


async def answered(
    cache: Cache,
    key: str,
    compute: Callable[[], Awaitable[Finished]],
    *,
    store: CacheStore,
    check: Callable[[Any], object],
    patience_seconds: float | None = None,
) -> Finished:
    """Return how a run ended, or how one ended that was the same.

    A value is kept when the run completed, and `check` does not raise `ValueRejected` for it. One that holds a File,
    Dir or DataFrame is not: those name what somebody else keeps, and are signed for this process.

    Args:
        cache: `auto` gives what is kept and not older than `max_age`; `override` computes and keeps that instead.
            With `serialize`, of equal runs one computes at a time, and the others look again when it has ended.
        compute: runs it.
        patience_seconds: how long to wait for an equal run; it is computed here as well after that.
    """
    if cache.behavior == "auto" and (known := await _known(cache, key, store)) is not None:
        return known
    if not cache.serialize:
        return await _computed(key, compute, store, check)
    async with _alone(key, store, patience_seconds):
        if cache.behavior == "auto" and (known := await _known(cache, key, store)) is not None:
            return known
        return await _computed(key, compute, store, check)


async def _known(cache: Cache, key: str, store: CacheStore) -> Finished | None:
    return await asyncio.to_thread(lambda: _read(cache, store.get(key)))


async def _computed(
    key: str, compute: Callable[[], Awaitable[Finished]], store: CacheStore, check: Callable[[Any], object]
) -> Finished:
    finished = await compute()
    if finished.error is None:
        seed = None if finished.journal is None else finished.journal.header.seed
        await asyncio.to_thread(_keep, store, key, finished.value, check, seed)
    return finished


def _read(cache: Cache, kept: Kept | None) -> Finished | None:
    """Return a run that ended with what is kept, None when that is too old, or cannot be read."""
    if kept is None or not cache.is_fresh(time.time() - kept.kept_at):
        return None
    try:
        value = values.decode(kept.text)
    except ValueRejected:
        return None
    return Finished(
        value=value,
        error=None,
        output="",
        output_truncated=False,
        calls=(),
        usage=NOTHING_USED,
        cached=True,
        seed=kept.seed,
    )


def _keep(store: CacheStore, key: str, value: Any, check: Callable[[Any], object], seed: int | None) -> None:
    with contextlib.suppress(ValueRejected):
        check(value)
        text = values.encode(value)
        if '"$handle":' not in text:
            store.put(key, Kept(text=text, kept_at=time.time(), seed=seed))


@contextlib.asynccontextmanager
async def _alone(key: str, store: CacheStore, patience_seconds: float | None) -> AsyncIterator[None]:
    """Be the only one that computes this result; ask again until the other has ended."""
    own = _CLAIMED.get()
    if key in own:
        yield
        return
    claim = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_seconds):
            pause = _FIRST_PAUSE_SECONDS
            while (claim := store.claim(key)) is None:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
    token = _CLAIMED.set(own | {key})
    try:
        yield
    finally:
        _CLAIMED.reset(token)
        if claim is not None:
            claim.release()
