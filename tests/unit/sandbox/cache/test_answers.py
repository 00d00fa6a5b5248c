"""When what is kept is given, and when it is computed."""

import asyncio
import dataclasses
from typing import Any

import pytest

from sandbox import Cache, File
from sandbox.cache import Kept, answered
from sandbox.errors import ValueRejected
from sandbox.execute import Finished, refused
from sandbox.turns import ErrorReport
from tests.dictionary_store import DictionaryStore

KEY = "sha256:1"


class Program:
    """Counts its runs, whose values those counts are, unless it is told otherwise."""

    def __init__(self, *values: Any) -> None:
        self.runs = 0
        self.most = 0
        self._under_way = 0
        self._values = values

    async def run(self) -> Finished:
        """Run it; it waits once."""
        self.runs += 1
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        await asyncio.sleep(0)
        self._under_way -= 1
        value = self._values[0] if self._values else self.runs
        return dataclasses.replace(refused(FAILURE), error=None, value=value)


FAILURE = ErrorReport(kind="runtime", type="ValueError", message="no")


async def ask(cache: Cache | str, program: Program, store: DictionaryStore, **more: Any) -> tuple[Any, bool]:
    """Value, and whether it was kept."""
    given: dict[str, Any] = {"check": lambda _: None, **more}
    finished = await answered(Cache.of(cache), KEY, program.run, store=store, **given)
    return finished.value, finished.cached


async def test_auto_gives_what_is_kept_and_override_replaces_it() -> None:
    """The value that was kept last."""
    program, store = Program(), DictionaryStore()

    told = [await ask(word, program, store) for word in ("auto", "auto", "override", "auto")]

    assert told == [(1, False), (1, True), (2, False), (2, True)]


async def test_what_is_older_than_it_may_be_is_computed_anew() -> None:
    """And is kept from then on."""
    program, store = Program(), DictionaryStore()
    store.put(KEY, Kept(text="0", kept_at=1.0))

    assert await ask(Cache("auto", max_age=60), program, store) == (1, False)
    assert await ask(Cache("auto", max_age=60), program, store) == (1, True)


@pytest.mark.parametrize("text", ["", "{", '{"$pickle":"gASV"}', '{"$handle":["File","{}","00"]}', "[" * 100_000])
async def test_what_cannot_be_read_is_computed(text: str) -> None:
    """Nothing in it is believed: it is data of a few kinds, or nothing."""
    program, store = Program(), DictionaryStore()
    store.put(KEY, Kept(text=text, kept_at=2e9))

    assert await ask("auto", program, store) == (1, False)
    assert await ask("auto", program, store) == (1, True)


@pytest.mark.parametrize("value", [File("s3://a"), [{"a": File("s3://a", hash="1")}], range(3)])
async def test_values_that_only_this_process_can_read_are_not_kept(value: Any) -> None:
    """A file that a run handed out may be gone by the time of the next."""
    program, store = Program(value), DictionaryStore()

    await ask("auto", program, store)

    assert store.kept == {}


async def test_a_value_that_does_not_fit_is_not_kept() -> None:
    """Its run fails, and only what completed is kept."""
    program, store = Program(), DictionaryStore()

    def refuse(_value: Any) -> None:
        raise ValueRejected("$", "is no text")

    await ask("auto", program, store, check=refuse)

    assert store.kept == {}


async def test_a_failure_is_not_kept() -> None:
    """It may pass."""
    store = DictionaryStore()

    async def fail() -> Finished:
        return refused(FAILURE)

    finished = await answered(Cache("auto"), KEY, fail, store=store, check=lambda _: None)

    assert (finished.error, store.kept, store.claimed) == (FAILURE, {}, set())


async def test_one_of_several_equal_runs_computes_when_they_are_serialized() -> None:
    """The others get its value, and compute nothing."""
    program, store = Program(), DictionaryStore()

    told = await asyncio.gather(*(ask(Cache("auto", serialize=True), program, store) for _ in range(5)))

    assert sorted(told, key=lambda one: one[1]) == [(1, False), *[(1, True)] * 4]
    assert program.runs == 1
    assert store.claimed == set()


async def test_serialized_overrides_compute_one_after_the_other() -> None:
    """Each anew, never two at once."""
    program, store = Program(), DictionaryStore()

    await asyncio.gather(*(ask(Cache("override", serialize=True), program, store) for _ in range(3)))

    assert (program.runs, program.most) == (3, 1)


async def test_a_failed_run_lets_the_next_one_compute() -> None:
    """The claim ends with the run, however that ends."""
    store = DictionaryStore()

    async def lose() -> Finished:
        raise OSError("the worker is gone")

    with pytest.raises(OSError, match="the worker is gone"):
        await answered(Cache("auto", serialize=True), KEY, lose, store=store, check=lambda _: None)

    assert await ask(Cache("auto", serialize=True), Program(), store) == (1, False)


async def test_nobody_waits_for_longer_than_he_has_patience() -> None:
    """Then it is computed twice."""
    program, store = Program(), DictionaryStore()
    store.claim(KEY)

    assert await ask(Cache("auto", serialize=True), program, store, patience_seconds=0.01) == (1, False)
    assert store.claimed == {KEY}


async def test_nobody_waits_for_himself() -> None:
    """A run whose function is a run of the same key."""
    inner, store, cache = Program(), DictionaryStore(), Cache("auto", serialize=True)

    async def outer() -> Finished:
        await ask(cache, inner, store)
        return await inner.run()

    finished = await answered(cache, KEY, outer, store=store, check=lambda _: None)

    assert (finished.value, inner.runs) == (2, 2)
